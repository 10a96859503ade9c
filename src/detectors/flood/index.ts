import type { Batch, BatchDetector, Judgement } from "../batch.ts";
import { crowdOf, PAST_START, usualAt, type Point, type Usual } from "./crowd.ts";
import { isOverdue, look } from "../pace.ts";
import { FLOOD_DEFAULTS, type FloodSettings } from "./settings.ts";
import { cutOff, FLOOD_START, isCrowd, learn, numbersOf, pointOf, say } from "./state.ts";
import type { Breach, FloodState, Judged } from "./state.ts";

/**
 * Says when many times the usual traffic arrives: requests per second at four times their trailing median, or requests in
 * flight at four times theirs while at least 1.3 times the usual requests are answered (a closed loop saturates, its rate
 * hardly rises). Three of four samples open; three calm minutes close.
 */
export const flood: BatchDetector<FloodState, FloodSettings> = {
  name: "flood",
  turn: 7,
  opens: "traffic-flood",
  reads: ["requests", "inflight"],
  start: FLOOD_START,
  defaults: FLOOD_DEFAULTS,
  judge: (before, batch, settings) => {
    if (before.pace.looked !== null && batch.ts <= before.pace.looked)
      return say(before, "inconclusive", { reason: "older than the last batch" });
    const isLate = isOverdue(before.pace, batch.ts);
    if (!("requests" in batch.values) && !("inflight" in batch.values))
      return isLate
        ? say(before, "missing", { reason: "no traffic signal any more" })
        : say(before, "inconclusive", { reason: "nothing about traffic" });
    const requests = countOf(batch, "requests");
    const inflight = countOf(batch, "inflight");
    const said = requests !== null || inflight !== null;
    const state = {
      ...(isLate ? cutOff(before) : before),
      pace: look(before.pace, batch.ts, said),
    };
    if (!said)
      return say(state, isOverdue(state.pace, batch.ts) ? "missing" : "inconclusive", {
        reason: "looked and got nothing",
      });
    const told = inflight === null ? state.inflight : { ts: batch.ts, value: inflight };
    const next = { ...state, inflight: told };
    // Where requests are counted, they set the pace: a batch without them only adds what is in flight.
    if (requests === null && state.counted !== null)
      return say(next, "inconclusive", { reason: "requests were not counted" });
    const counted = requests === null ? null : batch.ts;
    if (counted !== null && state.counted === null)
      return say({ ...next, counted }, "inconclusive", { reason: "first count" });
    const point = pointOf(next, batch.ts, requests);
    const recent = [...state.recent, point].slice(-MOST_RECENT);
    return judgePoint({ ...next, counted, recent }, point, settings);
  },
};

function judgePoint(state: FloodState, point: Point, settings: FloodSettings): Judged {
  const { breach, past, recent } = state;
  const { ts } = point;
  if (breach !== null && ts - breach.opened >= settings.adoptAfterMs)
    return say({ ...cutOff(state), past: PAST_START, breach: null }, "inconclusive", {
      reason: "traffic that lasted is the new usual",
    });
  const normal = usualAt(past, ts, settings);
  const numbers = numbersOf(state, point, normal, settings);
  if (normal.perSecond === null && (normal.inflight === null || point.perSecond !== null))
    return say(breach === null ? learn(state) : state, "inconclusive", {
      ...numbers,
      reason: "too little past",
    });
  if (breach !== null) return judgeBreach(state, breach, point, normal, numbers, settings);
  const crowd = crowdOf(point, normal, settings.openFactor, settings);
  if (crowd === "queue")
    return say(learn(state), "inconclusive", {
      ...numbers,
      reason: "requests wait, but no more are answered than usual",
    });
  // After a gap one good sample is not yet health.
  if (crowd === null)
    return say(learn(state), recent.length < 2 ? "inconclusive" : "healthy", numbers);
  if (numbers.over < settings.openAfter)
    return say(learn(state), "inconclusive", { ...numbers, by: crowd }, true);
  const onset = recent.find((one) => isCrowd(one, normal, settings.calmFactor, settings));
  const opened = { onset: onset?.ts ?? ts, opened: ts, by: crowd, calm: null };
  return say({ ...state, breach: opened }, "breached", { ...numbers, by: crowd });
}

function judgeBreach(
  state: FloodState,
  breach: Breach,
  point: Point,
  normal: Usual,
  seen: Judgement["evidence"],
  settings: FloodSettings,
): Judged {
  const numbers = { ...seen, by: breach.by };
  if (isCrowd(point, normal, settings.calmFactor, settings))
    return say({ ...state, breach: { ...breach, calm: null } }, "breached", numbers);
  const calm = { since: breach.calm?.since ?? point.ts, samples: (breach.calm?.samples ?? 0) + 1 };
  const isOver =
    calm.samples >= settings.closeAfter && point.ts - calm.since >= settings.closeAfterMs;
  if (isOver) return say({ ...state, breach: null, recent: [point] }, "healthy", numbers);
  return say({ ...state, breach: { ...breach, calm } }, "inconclusive", {
    ...numbers,
    calmSamples: calm.samples,
    reason: "calm, but not yet for long enough",
  });
}

function countOf({ values }: Batch, signal: string): number | null {
  const value = values[signal];
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

const MOST_RECENT = 8;
