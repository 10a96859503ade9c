import { randomUUID } from "node:crypto";

import type { Incident } from "../domain/incident.ts";
import { writeOrder } from "../storage/order-files.ts";
import { apiOf, openGround, type Ending, type GamedayOptions, type Ground } from "./ground.ts";
import { PER_SECOND, QUIET } from "./history.ts";
import { waitFor } from "./wait.ts";

/** How the release is bad. */
export const FAULTS = ["errors", "slow", "crash-at-start", "crash-under-load"] as const;
export type Fault = (typeof FAULTS)[number];

export interface Observation extends Ending {
  readonly fault: Fault;
  readonly good: string | null;
  readonly bad: string;
  readonly pushedAt: number;
  /** While the release is out: whether deploys on push were off, and what the next push led to. */
  readonly kept: {
    readonly state: string;
    readonly autodeploy: boolean;
    readonly deployed: string | null;
  } | null;
}

/** What each release is, beside its behaviour: without a check of its health nothing keeps it from its place. */
const RELEASES: { readonly [fault in Fault]: object } = {
  errors: {},
  slow: {},
  "crash-at-start": { settings: { healthcheckPath: null } },
  "crash-under-load": {
    settings: { restartPolicyType: "ON_FAILURE", restartPolicyMaxRetries: 1_000 },
  },
};

/** So many requests come first: latency is compared with what it is on this very machine, the rest with what was recorded. */
const PAST: { readonly [fault in Fault]: number } = {
  errors: 60,
  slow: 600,
  "crash-at-start": 60,
  "crash-under-load": 60,
};
const PAST_MS = 60_000;
const END_MS = 90_000;
const RELEASED_MS = 20_000;

/** Pushes a bad release under traffic, watches it being taken back, and releases the deployments as a person would. */
export async function playBadRelease(fault: Fault, options: GamedayOptions): Promise<Observation> {
  const { onMoment } = options;
  await using ground = await openGround({ ...options, perSecond: PER_SECOND, history: QUIET });
  const good = apiOf(await ground.state()).live?.commit ?? null;
  onMoment("the daemon guards; its detectors learn what is usual");
  await waitFor("there is a past to compare with", PAST_MS, async () =>
    ground.visits.length >= PAST[fault] ? true : null,
  );
  onMoment(`pushing a bad release now (${fault})`);
  const pushedAt = Date.now();
  const { commit: bad } = await ground.push({ behaviour: fault, ...RELEASES[fault] });
  const end = await waitFor("the release is taken back or a person has it", END_MS, async () =>
    found(await ground.incidents()),
  );
  onMoment(`${end.kind} is ${end.state}`);
  await ground.untilTold(end);
  const next = await ground.push({ behaviour: "good" });
  const { autodeploy } = apiOf(await ground.state());
  const kept = { state: end.state, autodeploy, deployed: next.deploymentId };
  if (end.state === "keeping") await release(ground, end);
  return { fault, good, bad, pushedAt, kept, ...(await ground.close()) };
}

/** A person calls it done: what was kept is released. */
async function release(ground: Ground, incident: Incident): Promise<void> {
  const id = randomUUID();
  writeOrder(ground.folder, { id, order: "resolve", incident: incident.id, by: "ann" });
  const over = await waitFor("the incident is resolved", RELEASED_MS, async () => {
    const one = (await ground.incidents()).find((candidate) => candidate.id === incident.id);
    return one?.closedAt === null ? null : (one ?? null);
  });
  await ground.untilTold(over);
}

/** The incident of the release, once it is well again or with a person. */
function found(incidents: readonly Incident[]): Incident | null {
  const one = incidents.find(({ kind }) => kind === "rollout-regression");
  const isOver = one !== undefined && (one.closedAt !== null || STAYS.includes(one.state));
  return isOver ? one : null;
}

const STAYS: readonly string[] = ["keeping", "escalated"];
