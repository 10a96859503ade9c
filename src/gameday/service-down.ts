import type { Incident } from "../domain/incident.ts";
import { openGround, type Ending, type GamedayOptions } from "./ground.ts";
import { waitFor } from "./wait.ts";

/** How the API fails although the platform calls it running: its process is stopped, or connections to it are refused. */
export const FAULTS = ["pause", "refuse"] as const;
export type Fault = (typeof FAULTS)[number];

export interface Observation extends Ending {
  readonly fault: Fault;
  readonly injectedAt: number;
}

const END_MS = 90_000;

/** Stops the API's process or cuts it off under traffic, behind a deployment that looks well, and watches it being restarted. */
export async function playServiceDown(fault: Fault, options: GamedayOptions): Promise<Observation> {
  await using ground = await openGround({ ...options, perSecond: 5 });
  options.onMoment(`the daemon guards; breaking the API now (${fault})`);
  const injectedAt = Date.now();
  await ground.inject({ fault, service: "tradesense-backend" });
  const end = await waitFor("the incident is over or with a person", END_MS, async () =>
    over(await ground.incidents()),
  );
  options.onMoment(`the incident is ${end.ending ?? end.state}`);
  await ground.untilTold(end);
  if (end.closedAt !== null) await ground.untilServed();
  return { fault, injectedAt, ...(await ground.close()) };
}

/** The incident of the API, when nothing is done about it any more. */
function over(incidents: readonly Incident[]): Incident | null {
  const one = incidents.find(({ kind }) => kind === "service-down");
  const isOver = one !== undefined && (one.closedAt !== null || one.state === "escalated");
  return isOver ? one : null;
}
