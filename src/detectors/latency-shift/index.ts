import type { Instant } from "../../domain/time.ts";
import type { Batch, BatchDetector, Judgement } from "../batch.ts";
import { isOverdue, look } from "../pace.ts";
import type { Past } from "./past.ts";
import { readBuckets, readValue, SOURCES, sourceOf, type Reading } from "./reading.ts";
import { LATENCY_SHIFT_DEFAULTS, type LatencyShiftSettings } from "./settings.ts";
import { isCalm, weigh, type Shift } from "./shift.ts";
import { cutOff, LATENCY_SHIFT_START, learn, round, say, startAnew, turn } from "./state.ts";
import { numbersOf, type Breach, type Judged, type LatencyShiftState } from "./state.ts";

/**
 * Says when requests take longer than they used to: p95 (from buckets, if there are any) over median and MAD of its own last
 * 240 samples. Opens on 2 of 3 samples, on one if it is huge, or when the median of 10 is a little over; closes after three calm minutes.
 */
export const latencyShift: BatchDetector<LatencyShiftState, LatencyShiftSettings> = {
  name: "latency-shift",
  opens: "high-latency",
  reads: [...SOURCES, "deployment"],
  start: LATENCY_SHIFT_START,
  defaults: LATENCY_SHIFT_DEFAULTS,
  judge: (before, batch, settings) => {
    if (before.pace.looked !== null && batch.ts <= before.pace.looked)
      return say(before, "inconclusive", { reason: "older than the last batch" });
    const isLate = isOverdue(before.pace, batch.ts);
    const state =
      batch.deployment === undefined ? before : startAnew(before, batch.ts + settings.warmMs);
    const source = sourceOf(batch, state.source, isLate);
    if (source === null)
      return isLate
        ? say(state, "missing", { reason: "no latency any more" })
        : say(state, "inconclusive", { reason: "nothing about latency" });
    const turned = source === state.source ? state : { ...turn(state), source };
    const { reading, pool } =
      source === "latency_bucket"
        ? readBuckets(batch, isLate ? null : turned.pool, settings)
        : { reading: readValue(batch, source, settings), pool: null };
    const pace = look(turned.pace, batch.ts, reading.kind !== "nothing");
    const looked = { ...(isLate ? cutOff(turned) : turned), pace, pool };
    return judgeReading(looked, batch, reading, settings);
  },
};

function judgeReading(
  state: LatencyShiftState,
  batch: Batch,
  reading: Reading,
  settings: LatencyShiftSettings,
): Judged {
  if (reading.kind === "nothing")
    return isOverdue(state.pace, batch.ts)
      ? say(state, "missing", { reason: "looked and got nothing" })
      : say(state, "inconclusive", { reason: "looked and got nothing" });
  if (reading.kind === "restart")
    return say(startAnew(state, batch.ts + settings.warmMs), "inconclusive", {
      reason: "counters began anew",
    });
  if (reading.kind === "few")
    return say(state, "inconclusive", {
      reason: "too few requests for a quantile",
      requests: reading.requests,
      minRequests: settings.minRequests,
    });
  const seen = { valueMs: round(reading.ms), requests: reading.requests };
  if (state.warmUntil !== null && batch.ts < state.warmUntil)
    return say(state, "inconclusive", { ...seen, reason: "cold start" });
  const point = { ts: batch.ts, ms: reading.ms, histogram: reading.histogram };
  const added = { ...state, warmUntil: null, recent: [...state.recent, point].slice(-10) };
  return judgePoint(added, batch.ts, seen, settings);
}

function judgePoint(
  state: LatencyShiftState,
  ts: Instant,
  seen: Judgement["evidence"],
  settings: LatencyShiftSettings,
): Judged {
  const { past, breach } = state;
  if (breach !== null && ts - breach.opened >= settings.adoptAfterMs)
    return say({ ...turn(state), breach: null }, "inconclusive", {
      ...seen,
      reason: "a level that lasted is the new past",
    });
  const isKnown =
    past.logs.length >= settings.minSamples &&
    past.from !== null &&
    ts - past.from >= settings.minSpanMs;
  const shift = isKnown ? weigh(past, state.recent, settings) : null;
  if (shift === null)
    return say(breach === null ? learn(state) : state, "inconclusive", {
      ...seen,
      reason: "too little past",
      samples: past.logs.length,
    });
  const numbers = { ...seen, ...numbersOf(state, shift) };
  if (breach !== null) return judgeBreach(state, breach, ts, shift, numbers, settings);
  if (shift.rule !== null) return open(state, ts, shift, shift.rule, numbers);
  if (isBeyondBuckets(past))
    return say(learn(state), "inconclusive", {
      ...numbers,
      reason: "the usual p95 lies beyond the last bucket",
    });
  // After a gap one good sample is not yet health.
  const isGood = !shift.isOver && state.recent.length >= 2;
  return say(learn(state), isGood ? "healthy" : "inconclusive", numbers, shift.isOver);
}

function open(
  state: LatencyShiftState,
  ts: Instant,
  shift: Shift,
  rule: string,
  numbers: Judgement["evidence"],
): Judged {
  const recent = state.recent.slice(shift.onset);
  const breach = { onset: recent[0]?.ts ?? ts, opened: ts, rule, calm: null };
  return say({ ...state, recent, breach }, "breached", { ...numbers, rule });
}

function judgeBreach(
  state: LatencyShiftState,
  breach: Breach,
  ts: Instant,
  shift: Shift,
  seen: Judgement["evidence"],
  settings: LatencyShiftSettings,
): Judged {
  const numbers = { ...seen, rule: breach.rule };
  if (!isCalm(state.past, state.recent, shift, settings))
    return say({ ...state, breach: { ...breach, calm: null } }, "breached", numbers);
  const calm = { since: breach.calm?.since ?? ts, samples: (breach.calm?.samples ?? 0) + 1 };
  const isOver = calm.samples >= settings.closeAfter && ts - calm.since >= settings.closeAfterMs;
  if (isOver)
    return say({ ...state, breach: null, recent: state.recent.slice(-1) }, "healthy", numbers);
  return say({ ...state, breach: { ...breach, calm } }, "inconclusive", {
    ...numbers,
    calmSamples: calm.samples,
    reason: "calm, but not yet for long enough",
  });
}

function isBeyondBuckets({ counted, usual }: Past): boolean {
  const last = counted?.bounds.at(-1);
  return last !== undefined && usual !== null && usual.ms >= last;
}
