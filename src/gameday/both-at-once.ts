import type { Incident } from "../domain/incident.ts";
import { apiOf, openGround, type Ending, type GamedayOptions, type Ground } from "./ground.ts";
import { PER_SECOND, QUIET } from "./history.ts";
import { waitFor } from "./wait.ts";

/** What happens to the API while its database dies: a bad release, or a good one that is easily taken for the culprit. */
export const FAULTS = ["bad-release", "good-release"] as const;
export type Fault = (typeof FAULTS)[number];

export interface Observation extends Ending {
  readonly fault: Fault;
  readonly good: string | null;
  readonly at: number;
}

const PAST = 60;
const END_MS = 120_000;

/** Kills PostgreSQL and pushes a release of the API in one moment, and watches who is blamed for what. */
export async function playBothAtOnce(fault: Fault, options: GamedayOptions): Promise<Observation> {
  const { onMoment } = options;
  await using ground = await openGround({ ...options, perSecond: PER_SECOND, history: QUIET });
  const good = apiOf(await ground.state()).live?.commit ?? null;
  await waitFor("there is a past to compare with", 60_000, async () =>
    ground.visits.length >= PAST ? true : null,
  );
  onMoment(`PostgreSQL dies, and a ${fault} is pushed`);
  const at = Date.now();
  await Promise.all([
    ground.inject({ fault: "kill", service: "Postgres" }),
    ground.push({ behaviour: fault === "bad-release" ? "errors" : "good" }),
  ]);
  const ends = await waitFor("all is over or with a person", END_MS, () => over(ground, fault));
  for (const end of ends) {
    onMoment(`${end.kind} of ${end.target} is ${end.ending ?? end.state}`);
    await ground.untilTold(end);
  }
  await ground.untilServed();
  return { fault, good, at, ...(await ground.close()) };
}

/** The incidents of the database and, where the release is bad, of the release, when nothing is done about them any more. */
async function over(ground: Ground, fault: Fault): Promise<readonly Incident[] | null> {
  const incidents = await ground.incidents();
  const kinds = ["database-down", ...(fault === "bad-release" ? ["rollout-regression"] : [])];
  const found = kinds.flatMap((kind) => incidents.find((one) => one.kind === kind) ?? []);
  const isOver = incidents.every(
    ({ closedAt, state }) => closedAt !== null || ENDS.includes(state),
  );
  return found.length === kinds.length && isOver ? found : null;
}

const ENDS: readonly string[] = ["keeping", "escalated"];
