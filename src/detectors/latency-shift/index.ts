import type { Instant, Millis } from "../../domain/time.ts";
import type { Batch, BatchDetector, Judgement } from "../batch.ts";
import { isOverdue, look } from "../pace.ts";
import { round } from "../round.ts";
import type { Past } from "./past.ts";
import { gather, readBuckets, readValue, SOURCES, sourceOf } from "./reading.ts";
import type { Reading, Source } from "./reading.ts";
import { LATENCY_SHIFT_DEFAULTS, type LatencyShiftSettings } from "./settings.ts";
import { isCalm, neededFor, weigh, type Shift } from "./shift.ts";
import { cutOff, LATENCY_SHIFT_START, learn, say, startAnew, turn } from "./state.ts";
import { numbersOf, type Breach, type Judged, type LatencyShiftState } from "./state.ts";

/**
 * Says when requests take longer than they used to: p95 (from buckets, if there are any) over median and MAD of its own last
 * 240 points of half a minute or more. Opens when they are over for 75 s, on one if it is far over and took minutes, or when the
 * median of 10 is a little over; closes after two calm minutes.
 */
export const latencyShift: BatchDetector<LatencyShiftState, LatencyShiftSettings> = {
  name: "latency-shift",
  turn: 3,
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
    const taken = take(isLate ? cutOff(turned) : turned, batch, source, isLate, settings);
    const pace = look(turned.pace, batch.ts, taken.reading.kind !== "nothing");
    return judgeReading({ ...taken.state, pace }, batch, taken.reading, settings);
  },
};

/** What this batch adds: a whole point, or a part of one. */
function take(
  state: LatencyShiftState,
  batch: Batch,
  source: Source,
  isLate: boolean,
  settings: LatencyShiftSettings,
): { readonly state: LatencyShiftState; readonly reading: Reading } {
  if (source === "latency_bucket") {
    const { reading, pool } = readBuckets(batch, isLate ? null : state.pool, settings);
    return { state: { ...state, pool }, reading };
  }
  const value = readValue(batch, source, settings);
  const { reading, held } = gather(value, batch.ts, state, settings);
  const pointed = reading.kind === "value" ? batch.ts : state.pointed;
  return { state: { ...state, pool: null, held, pointed }, reading };
}

function judgeReading(
  state: LatencyShiftState,
  batch: Batch,
  reading: Reading,
  settings: LatencyShiftSettings,
): Judged {
  if (reading.kind === "held")
    return state.told === null
      ? say(state, "inconclusive", { reason: "too little past" })
      : { state, judgement: state.told };
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
  const everyMs = Math.max(settings.pointMs, state.pace.usual ?? 0);
  const newer = everyMs >= settings.atOnceMs ? 1 : neededFor(settings.lastsMs, everyMs) + 1;
  if (breach !== null && ts - breach.opened >= settings.adoptAfterMs)
    return say({ ...turn(state), breach: null }, "inconclusive", {
      ...seen,
      reason: "a level that lasted is the new past",
    });
  const isKnown =
    past.logs.length >= settings.minSamples &&
    past.from !== null &&
    ts - past.from >= settings.minSpanMs;
  const shift = isKnown ? weigh(past, state.recent, everyMs, settings) : null;
  if (shift === null)
    return say(breach === null ? learn(state, newer) : state, "inconclusive", {
      ...seen,
      reason: "too little past",
      samples: past.logs.length,
    });
  const numbers = numbersOf(seen, state, shift);
  if (breach !== null) return judgeBreach(state, breach, ts, shift, everyMs, numbers, settings);
  if (shift.rule !== null) return open(state, ts, shift, shift.rule, numbers);
  if (isBeyondBuckets(past))
    return say(learn(state, newer), "inconclusive", {
      ...numbers,
      reason: "the usual p95 lies beyond the last bucket",
    });
  // After a gap one good sample is not yet health.
  const isGood = !shift.isOver && state.recent.length >= 2;
  return say(learn(state, newer), isGood ? "healthy" : "inconclusive", numbers, shift.isOver);
}

function open(
  state: LatencyShiftState,
  ts: Instant,
  shift: Shift,
  rule: string,
  numbers: Judgement["evidence"],
): Judged {
  const recent = state.recent.slice(shift.onset);
  const breach = { onset: recent[0]?.ts ?? ts, opened: ts, rule, calmSince: null };
  return say({ ...state, recent, breach }, "breached", { ...numbers, rule });
}

function judgeBreach(
  state: LatencyShiftState,
  breach: Breach,
  ts: Instant,
  shift: Shift,
  everyMs: Millis,
  seen: Judgement["evidence"],
  settings: LatencyShiftSettings,
): Judged {
  const numbers = { ...seen, rule: breach.rule };
  if (!isCalm(state.past, state.recent, shift, everyMs, settings))
    return say({ ...state, breach: { ...breach, calmSince: null } }, "breached", numbers);
  // A calm point tells of the time before it.
  const calmSince = breach.calmSince ?? ts - everyMs;
  if (ts - calmSince >= settings.closeAfterMs)
    return say({ ...state, breach: null, recent: state.recent.slice(-1) }, "healthy", numbers);
  return say({ ...state, breach: { ...breach, calmSince } }, "inconclusive", {
    ...numbers,
    calmMs: ts - calmSince,
    reason: "calm, but not yet for long enough",
  });
}

function isBeyondBuckets({ counted, usual }: Past): boolean {
  const last = counted?.bounds.at(-1);
  return last !== undefined && usual !== null && usual.ms >= last;
}
