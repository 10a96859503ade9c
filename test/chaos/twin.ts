import { setTimeout as sleep } from "node:timers/promises";

import type { Fault } from "../../twin/platform/faults.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { openStage, type Books, type Run, type Stage } from "../kill/stage.ts";
import { bringUp } from "../support/guarded-api.ts";
import { createRandom } from "./random.ts";

/** What a seed does to a real daemon that guards a real PostgreSQL behind the twin. */
export interface TwinPlan {
  readonly seed: number;
  readonly breaks: "kill" | "pause";
  /** What goes wrong beside it, from before the failure on. */
  readonly faults: readonly Fault[];
  /** After so many milliseconds of the failure, or of the last start, the daemon is killed; `downMs` later the next one starts. */
  readonly kills: readonly { readonly afterMs: number; readonly downMs: number }[];
}

const RESTART = "deploymentRestart";
const MOODS: readonly (readonly Fault[])[] = [
  [],
  [{ fault: "lose-answer", operation: RESTART, times: 1 }],
  [{ fault: "late-mutation", operation: RESTART, ms: 2_000, times: 1 }],
  [{ fault: "late-mutation", operation: RESTART, ms: 1_500, times: 1, how: "hang" }],
  [{ fault: "never-executed", operation: RESTART, times: 1 }],
  [{ fault: "withhold-evidence" }],
  [{ fault: "delay-evidence", ms: 2_000 }],
  [{ fault: "graphql", how: "502", times: 3 }],
  [{ fault: "graphql", how: "html-403", times: 3 }],
  [{ fault: "graphql", how: "429", times: 2, retryAfter: 1 }],
  [{ fault: "slack", how: "429", times: 3, retryAfter: 1 }],
  [{ fault: "slack", how: "500", times: 3 }],
  [{ fault: "slack", how: "down", times: 3 }],
];

export function twinPlanOf(seed: number): TwinPlan {
  const random = createRandom(`twin ${seed}`);
  return {
    seed,
    breaks: random.pick(["kill", "kill", "kill", "pause"]),
    faults: [...random.pick(MOODS), ...(random.chance(0.3) ? random.pick(MOODS) : [])],
    kills: Array.from({ length: random.pick([0, 1, 1, 2]) }, () => ({
      afterMs: random.int(0, 6_000),
      downMs: random.pick([0, 0, 1_000]),
    })),
  };
}

/** A person repairs what is still broken so long after the last start: a slow machine may take as long for the starts alone. */
const REPAIRED_AFTER_MS = 12_000;
const OVER_WITHIN_MS = 60_000;

/** Plays one seed; returns what did not hold. */
export async function runOnTwin(stage: Stage, seed: number): Promise<readonly string[]> {
  const plan = twinPlanOf(seed);
  await using run = await stage.begin();
  let daemon = await run.daemon();
  for (const fault of plan.faults) await stage.twin.inject(fault);
  await stage.twin.inject({ fault: plan.breaks, service: "Postgres" });
  for (const { afterMs, downMs } of plan.kills) {
    await sleep(afterMs);
    await daemon.kill();
    await sleep(downMs);
    daemon = await run.daemon();
  }
  const over = async (): Promise<true | null> => (isOver(await run.books()) ? true : null);
  await waitFor("it is over by itself", REPAIRED_AFTER_MS, over).catch(() => null);
  const before = run.restarts();
  await stage.twin.clear();
  stage.twin.release(true);
  await bringUp(stage.twin);
  try {
    await waitFor("every incident is over and told", OVER_WITHIN_MS, over);
  } catch (error) {
    const { incidents, attempts } = await run.books();
    const states = [...incidents, ...attempts].map(({ id, state }) => `${id} ${state}`).join(", ");
    return [`${error instanceof Error ? error.message : String(error)} (${states})`];
  }
  return broken(run, before);
}

function isOver({ incidents, attempts, deliveries }: Books): boolean {
  return (
    incidents.length > 0 &&
    incidents.every(({ closedAt }) => closedAt !== null) &&
    attempts.every(({ endedAt }) => endedAt !== null) &&
    deliveries.every(({ state }) => state === "delivered" || state === "coalesced")
  );
}

async function broken(run: Run, restarts: number): Promise<readonly string[]> {
  const { incidents, attempts, deliveries } = await run.books();
  const faults: string[] = [];
  const calls = attempts.filter(({ action }) => action === "restart");
  const mayHaveHappened = calls.filter(
    ({ state, tries }) => tries > 0 && state !== "rejected" && state !== "not-seen",
  );
  if (restarts > mayHaveHappened.length)
    faults.push(`never twice: ${restarts} restarts, ${mayHaveHappened.length} in the books`);
  if (calls.some(({ tries }) => tries > 1)) faults.push("never twice: a restart was called again");
  for (const { id } of incidents)
    if (mayHaveHappened.filter(({ incident }) => incident === id).length > 1)
      faults.push(`bounded: more than one restart for ${id}`);
  const written = await run.write();
  if (written.text.includes("read-only")) faults.push("no lease left: the app is read-only");
  const shown = await run.slack();
  for (const { id, kind } of incidents) {
    const last = deliveries.findLast(({ notice }) => notice.incident === id);
    const own = deliveries.filter(({ notice }) => notice.incident === id);
    const mine = shown.filter((text) => own.some(({ notice }) => text.includes(notice.title)));
    if (last === undefined || mine.at(-1)?.includes(last.notice.title) !== true)
      faults.push(`told: the last word on ${kind} is not what people read last`);
  }
  return faults;
}

/** Plays seeds on one twin, one after the other. The exit code of the command. */
export async function playOnTwin(from: number, count: number): Promise<number> {
  await using stage = await openStage();
  const failed: number[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const begun = performance.now();
    const faults = await runOnTwin(stage, seed);
    const took = ((performance.now() - begun) / 1_000).toFixed(1);
    const word = faults.length === 0 ? "held" : faults.join("; ");
    process.stdout.write(`seed ${seed}, ${took} s: ${word} ${JSON.stringify(twinPlanOf(seed))}\n`);
    if (faults.length > 0) failed.push(seed);
  }
  for (const seed of failed)
    process.stdout.write(`broken: npm run chaos -- --twin --seed ${seed}\n`);
  process.stdout.write(`${count} seeds on the twin, ${failed.length} broke a rule\n`);
  return failed.length === 0 ? 0 : 1;
}
