import type { Instant } from "../../domain/time.ts";
import type { Batch, BatchDetector, Judgement } from "../batch.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import { ENVELOPE_START, lay, lowest, type Envelope } from "./floors.ts";
import { HELD_START, judgeFloors, learnAll, type Held } from "./judge.ts";
import { MEMORY_LEAK_DEFAULTS, type MemoryLeakSettings } from "./settings.ts";
import { forgetLeak, notePeak, USUAL_START, type Usual } from "./usual.ts";

export interface MemoryLeakState {
  readonly pace: Pace;
  readonly limit: number | null;
  readonly deployment: string | null;
  readonly restarts: number | null;
  /** When this process, or our looking at it, began. */
  readonly since: Instant | null;
  readonly last: Instant | null;
  readonly envelope: Envelope;
  readonly usual: Usual;
  readonly held: Held;
}

type Judged = { readonly state: MemoryLeakState; readonly judgement: Judgement };

/**
 * Says when the memory that collections leave over grows until it reaches the limit: lower envelope, Hamed-Rao Mann-Kendall,
 * Theil-Sen, time to limit, persistence; judged every ten minutes. Without a limit a growth is inconclusive, never a breach.
 * A restart, a drop of a fifth and a long silence begin anew.
 */
export const memoryLeak: BatchDetector<MemoryLeakState, MemoryLeakSettings> = {
  name: "memory-leak",
  turn: 4,
  opens: "memory-leak",
  reads: ["memory_used", "memory_limit", "restarts", "deployment"],
  start: {
    pace: PACE_START,
    limit: null,
    deployment: null,
    restarts: null,
    since: null,
    last: null,
    envelope: ENVELOPE_START,
    usual: USUAL_START,
    held: HELD_START,
  },
  defaults: MEMORY_LEAK_DEFAULTS,
  judge: (before, batch, settings) => {
    if (before.pace.looked !== null && batch.ts < before.pace.looked)
      return say(before, "inconclusive", { reason: "older than the last batch" });
    const state = hear(before, batch);
    const used = batch.values["memory_used"];
    const isLate = isOverdue(state.pace, batch.ts);
    if (used === undefined || batch.ts === state.pace.looked)
      return isLate
        ? say(state, "missing", { reason: "no memory in use any more" })
        : say(state, "inconclusive", { reason: "nothing about memory in use" });
    const isSound = used !== null && Number.isFinite(used) && used > 0;
    const looked = { ...state, pace: look(state.pace, batch.ts, isSound) };
    if (!isSound)
      return say(looked, isLate ? "missing" : "inconclusive", {
        reason: "looked and got nothing",
      });
    return judgeUse(looked, batch.ts, used, settings);
  },
};

/** Limit, release and restarts. A known restart is no example of memory that falls by itself. */
function hear(state: MemoryLeakState, batch: Batch): MemoryLeakState {
  const told = batch.values["memory_limit"];
  const limit = typeof told === "number" && told > 0 && Number.isFinite(told) ? told : state.limit;
  const count = batch.values["restarts"];
  const restarts = typeof count === "number" ? count : state.restarts;
  const isRestarted = state.restarts !== null && restarts !== state.restarts;
  const isReleased = batch.deployment !== undefined && batch.deployment !== state.deployment;
  const deployment = batch.deployment ?? state.deployment;
  const heard = { ...state, limit, restarts, deployment };
  return isRestarted || isReleased ? beginAnew(heard, batch.ts) : heard;
}

function judgeUse(
  state: MemoryLeakState,
  ts: Instant,
  used: number,
  settings: MemoryLeakSettings,
): Judged {
  const isGap = state.last !== null && ts - state.last > settings.gapMs;
  const current = { ...(isGap ? beginAnew(state, ts) : state), last: ts };
  const least = lowest(current.envelope);
  if (least !== null && used < least * (1 - settings.drop))
    return judgeLow(current, ts, used, least);
  const since = current.since ?? ts;
  const awake = { ...current, since };
  const warmUntil = since + settings.warmMs;
  if (ts < warmUntil) return say(awake, "inconclusive", { reason: "warming up", used, warmUntil });
  const { envelope, closed } = lay(awake.envelope, ts, used);
  const laid = { ...awake, envelope };
  if (!closed) return sayHeld(laid);
  const { held, usual } = judgeFloors(laid, settings);
  return sayHeld({ ...laid, held, usual });
}

/** One low look may be an instance that did not answer; two are a fall. */
function judgeLow(state: MemoryLeakState, ts: Instant, used: number, least: number): Judged {
  const lows = state.envelope.lows + 1;
  const numbers = { used, lowest: least };
  if (lows < 2)
    return say({ ...state, envelope: { ...state.envelope, lows } }, "inconclusive", {
      ...numbers,
      reason: "far below the last hour, once",
    });
  const usual = notePeak(state.usual, ts, least);
  return say({ ...beginAnew({ ...state, usual }, ts), since: ts }, "inconclusive", {
    ...numbers,
    reason: "fell by more than a fifth: begun anew",
  });
}

/** An open leak stays open over a restart, until the memory after it was judged. */
function beginAnew(state: MemoryLeakState, ts: Instant): MemoryLeakState {
  const { onset } = state.held;
  const usual = onset === null ? learnAll(state) : forgetLeak(state.usual, ts);
  return { ...state, since: null, envelope: ENVELOPE_START, usual, held: { ...HELD_START, onset } };
}

function sayHeld(state: MemoryLeakState): Judged {
  const { held } = state;
  return say(state, held.state, held.numbers, held.streak > 0 && held.onset === null);
}

function say(
  state: MemoryLeakState,
  verdict: Judgement["state"],
  numbers: Judgement["evidence"],
  failing = false,
): Judged {
  const { onset } = state.held;
  const method = "where the line of the growth meets the level before, or its window begins";
  return {
    state,
    judgement: {
      state: verdict,
      onset,
      failing,
      evidence: { ...numbers, limit: state.limit, onset: onset === null ? null : method },
    },
  };
}
