import type { Sample } from "../domain/sample.ts";
import { openGround, type Ending, type GamedayOptions } from "./ground.ts";
import { waitFor } from "./wait.ts";

/** How the database fails. `restart-fails`: it crashes, and Railway's restart brings up nothing. */
export const FAULTS = ["kill", "pause", "refuse", "restart-fails"] as const;
export type Fault = (typeof FAULTS)[number];

/** Everything that was seen of one game day, before anybody judges it. */
export interface Observation extends Ending {
  readonly fault: Fault;
  readonly injectedAt: number;
  readonly everyMs: number;
  readonly samples: readonly Sample[];
}

const INTERVAL_MS = 1_000;
const END_MS = 60_000;

/** Kills, pauses or cuts off the twin's PostgreSQL under traffic and watches what the daemon does about it. */
export async function playDatabaseDown(
  fault: Fault,
  options: GamedayOptions,
): Promise<Observation> {
  await using ground = await openGround({ ...options, perSecond: 15 });
  options.onMoment(`the daemon guards; breaking PostgreSQL now (${fault})`);
  const injectedAt = Date.now();
  if (fault === "restart-fails") await ground.inject({ fault, service: "Postgres" });
  await ground.inject({ fault: fault === "restart-fails" ? "kill" : fault, service: "Postgres" });
  const end = await waitFor("the incident is over or with a person", END_MS, async () => {
    const first = (await ground.incidents()).at(-1);
    const isOver = first !== undefined && (first.closedAt !== null || first.state === "escalated");
    return isOver ? first : null;
  });
  options.onMoment(`the incident is ${end.ending ?? end.state}`);
  await ground.untilTold(end);
  if (end.closedAt !== null) await ground.untilServed();
  return { fault, injectedAt, everyMs: INTERVAL_MS, ...(await ground.close()) };
}
