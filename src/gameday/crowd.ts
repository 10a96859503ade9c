import type { Incident } from "../domain/incident.ts";
import { ACT_SLOTS } from "../domain/runbook.ts";
import { HOUR_MS } from "../domain/time.ts";
import { apiOf, openGround, type Ending, type GamedayOptions, type Ground } from "./ground.ts";
import { QUIET, type History } from "./history.ts";
import { waitFor } from "./wait.ts";

/** What the API is like to which the crowd comes. */
export const FAULTS = ["narrow"] as const;
export type Fault = (typeof FAULTS)[number];

export interface Observation extends Ending {
  readonly fault: Fault;
  readonly crowdedAt: number;
  /** When users were served again, and by how many processes; null when they were not. */
  readonly relief: { readonly at: number; readonly replicas: number } | null;
  /** While the crowd stayed after the act was judged: how long, and how many processes there were at its end. */
  readonly stay: { readonly from: number; readonly to: number; readonly replicas: number } | null;
}

/** One process serves 24 users a second: half of that is usual, and a crowd is more than one can serve and less than two can. */
const USUAL = 12;
const CROWD = 28;
const KNOWN: History = { ...QUIET, perSecond: USUAL };
const PAST = 60;
const RELIEF_MS = 60_000;
const WELL_MS = 5_000;
/** So many of the crowd come after the act has helped. */
const STAYING = 6 * CROWD;
const END_MS = 60_000;

/** Sends more users than one process can serve, watches another one being added, and taken away when it is over. */
export async function playCrowd(fault: Fault, options: GamedayOptions): Promise<Observation> {
  const { onMoment } = options;
  await using ground = await openGround({
    ...options,
    perSecond: USUAL,
    history: KNOWN,
    areStrangers: true,
    twin: ["--behaviour", fault, "--age", String(HOUR_MS)],
  });
  await waitFor("there is a past to compare with", 60_000, async () =>
    ground.visits.length >= PAST ? true : null,
  );
  onMoment(`the daemon guards; ${CROWD} users come a second instead of ${USUAL}`);
  const crowdedAt = Date.now();
  ground.pace(CROWD);
  const relief = await waitFor("users are served or a person has it", RELIEF_MS, () =>
    relieved(ground),
  );
  let stay: Observation["stay"] = null;
  if (relief !== "person") {
    onMoment(`${relief.replicas} processes serve them`);
    const judged = await waitFor("the act is judged", END_MS, () => judgedAct(ground));
    onMoment(`it is ${judged}; the crowd stays for a while`);
    stay = await staying(ground);
    onMoment("the crowd goes");
  }
  ground.pace(USUAL);
  const end = await waitFor("the incident is over or with a person", END_MS, async () =>
    over(await ground.incidents()),
  );
  onMoment(`the incident is ${end.ending ?? end.state}`);
  await ground.untilTold(end);
  return {
    fault,
    crowdedAt,
    relief: relief === "person" ? null : relief,
    stay,
    ...(await ground.close()),
  };
}

/** Several seconds in a row in which the whole crowd was served, by more than one process. */
async function relieved(
  ground: Ground,
): Promise<NonNullable<Observation["relief"]> | "person" | null> {
  const { replicas } = apiOf(await ground.state());
  const since = Date.now() - WELL_MS;
  const recent = ground.visits.filter(({ at }) => at >= since);
  const isWell = recent.every(({ status }) => status > 0 && status < 500);
  if (replicas.length > 1 && isWell) return { at: since, replicas: replicas.length };
  return (await ground.incidents()).some(({ state }) => state === "escalated") ? "person" : null;
}

/** The crowd goes on coming. */
async function staying(ground: Ground): Promise<NonNullable<Observation["stay"]>> {
  const from = Date.now();
  const before = ground.visits.length;
  await waitFor("the crowd has stayed", END_MS, async () =>
    ground.visits.length >= before + STAYING ? true : null,
  );
  const { replicas } = apiOf(await ground.state());
  return { from, to: Date.now(), replicas: replicas.length };
}

/** What became of the act. */
async function judgedAct(ground: Ground): Promise<string | null> {
  const { attempts, incidents } = await ground.books();
  const act = attempts.find(
    ({ slot, state }) => ACT_SLOTS.includes(slot) && JUDGED.includes(state),
  );
  return act?.state ?? incidents.find(({ state }) => state === "escalated")?.state ?? null;
}

const JUDGED: readonly string[] = ["effective", "ineffective", "unknown"];

/** The incident of the errors, when nothing is done about it any more. */
function over(incidents: readonly Incident[]): Incident | null {
  const one = incidents.find(({ kind }) => kind === "high-error-rate");
  const isOver = one !== undefined && (one.closedAt !== null || one.state === "escalated");
  return isOver ? one : null;
}
