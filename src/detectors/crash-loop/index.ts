import { MINUTE_MS, type Instant, type Millis } from "../../domain/time.ts";
import type { BatchDetector, Judgement } from "../batch.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import { countWithin, remember, type Rise } from "./rises.ts";

/** How many restarts in how long are a loop. */
export interface CrashLoopSettings {
  readonly restarts: number;
  /** Restarts count so long, and a loop is over when none was seen for so long. */
  readonly windowMs: Millis;
  /** So many separate looks must have seen the counter rise: one jump may be a counter that was added to a sum. */
  readonly moments: number;
  /** A release restarts every replica on purpose: rises so soon after it do not count. */
  readonly graceMs: Millis;
}

export const CRASH_LOOP_DEFAULTS: CrashLoopSettings = {
  restarts: 3,
  windowMs: 15 * MINUTE_MS,
  moments: 2,
  graceMs: 2 * MINUTE_MS,
};

export interface CrashLoopState {
  readonly pace: Pace;
  /** The last reading of the counter and its moment. */
  readonly last: { readonly ts: Instant; readonly count: number } | null;
  /** Since when the counter is watched without a gap or a reset. */
  readonly since: Instant | null;
  /** The last rises that counted, at most 32. */
  readonly rises: readonly Rise[];
  readonly deployment: string | null;
  readonly graceUntil: Instant | null;
  /** Set while a loop is open. */
  readonly onset: Instant | null;
}

type Judged = { readonly state: CrashLoopState; readonly judgement: Judgement };

/**
 * Says when a process is restarted again and again: the counter `restarts` rose by at least three within 15 minutes, seen in
 * at least two looks. Healthy after a whole window without a rise. A counter that falls, and a gap, begin anew.
 */
export const crashLoop: BatchDetector<CrashLoopState, CrashLoopSettings> = {
  name: "crash-loop",
  turn: 6,
  opens: "crash-loop",
  reads: ["restarts", "deployment"],
  start: {
    pace: PACE_START,
    last: null,
    since: null,
    rises: [],
    deployment: null,
    graceUntil: null,
    onset: null,
  },
  defaults: CRASH_LOOP_DEFAULTS,
  judge: (before, batch, settings) => {
    const state = hearDeployment(before, batch.deployment, batch.ts, settings);
    const count = batch.values["restarts"];
    if (before.pace.looked !== null && batch.ts <= before.pace.looked)
      return say(state, "inconclusive", { reason: "older than the last batch" });
    const isLate = isOverdue(state.pace, batch.ts);
    if (count === undefined)
      return isLate
        ? say(state, "missing", { reason: "no count of restarts any more" })
        : say(state, "inconclusive", { reason: "nothing about restarts" });
    const isSound = count !== null && Number.isFinite(count) && count >= 0;
    const looked = { ...state, pace: look(state.pace, batch.ts, isSound) };
    if (!isSound)
      return say(looked, isLate ? "missing" : "inconclusive", {
        reason: "looked and got nothing",
      });
    return judgeCount(looked, batch.ts, count, isLate, settings);
  },
};

function hearDeployment(
  state: CrashLoopState,
  deployment: string | undefined,
  ts: Instant,
  settings: CrashLoopSettings,
): CrashLoopState {
  if (deployment === undefined || deployment === state.deployment) return state;
  // What is live at the very first look was live before: nobody released it now.
  if (state.pace.looked === null) return { ...state, deployment };
  return { ...state, deployment, graceUntil: ts + settings.graceMs };
}

function judgeCount(
  state: CrashLoopState,
  ts: Instant,
  count: number,
  isLate: boolean,
  settings: CrashLoopSettings,
): Judged {
  const { last } = state;
  const reading = { ts, count };
  const anew = { ...state, last: reading, since: ts, rises: [] };
  if (last === null) return say(anew, "inconclusive", { reason: "the first count", count });
  if (count < last.count)
    return say(anew, "inconclusive", { reason: "the counter began anew", count });
  // What happened during a gap has no moment, so it can be neither a loop nor the end of one.
  if (isLate && count > last.count)
    return say(anew, "inconclusive", { reason: "the counter rose during a gap", count });
  const since = isLate ? ts : (state.since ?? ts);
  const isGrace = state.graceUntil !== null && last.ts <= state.graceUntil;
  const rises =
    count === last.count || isGrace
      ? state.rises
      : remember(state.rises, { from: last.ts, to: ts, by: count - last.count });
  return judgeRises({ ...state, last: reading, since, rises }, ts, settings);
}

function judgeRises(state: CrashLoopState, ts: Instant, settings: CrashLoopSettings): Judged {
  const { restarts, moments, first } = countWithin(state.rises, ts - settings.windowMs);
  const numbers = {
    restarts,
    threshold: settings.restarts,
    moments,
    windowMs: settings.windowMs,
    count: state.last?.count ?? null,
  };
  if (restarts >= settings.restarts && moments >= settings.moments) {
    const onset = state.onset ?? first ?? ts;
    return say({ ...state, onset }, "breached", numbers);
  }
  // A single restart is what an act of ours leaves behind, too: one more would be a loop only if another one came.
  if (restarts > 0) return say(state, "inconclusive", numbers, restarts >= settings.restarts - 1);
  if (state.since === null || ts - state.since < settings.windowMs)
    return say(state, "inconclusive", { ...numbers, reason: "watched for less than one window" });
  return say({ ...state, onset: null }, "healthy", numbers);
}

function say(
  state: CrashLoopState,
  verdict: Judgement["state"],
  numbers: Judgement["evidence"],
  isRising = false,
): Judged {
  const onset = state.onset ?? (isRising ? (state.rises.at(-1)?.from ?? null) : null);
  const method =
    onset === null ? null : "the look before the first rise of the counter in the window";
  return {
    state,
    judgement: {
      state: verdict,
      onset,
      failing: isRising && state.onset === null,
      evidence: { ...numbers, onset: method },
    },
  };
}
