import type { Instant } from "../../domain/time.ts";
import { poissonAtLeast } from "../../statistics/poisson.ts";
import type { BatchDetector, Judgement } from "../batch.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import { count, cut, TALLY_START, type Tally } from "../tally.ts";
import {
  add,
  COUNTS_START,
  forgetYoung,
  learn,
  mostAround,
  pastOf,
  restOf,
  windowOf,
} from "./counts.ts";
import type { Counts, Exposed } from "./counts.ts";
import { ABUSE_DEFAULTS, type BurstSettings, COMPLAINTS_DEFAULTS } from "./settings.ts";

export interface BurstState {
  readonly pace: Pace;
  readonly counts: Counts;
  readonly tally: Tally;
  /** What was expected per window when it opened. */
  readonly held: number | null;
}

type Judged = { readonly state: BurstState; readonly judgement: Judgement };

/** Refused sign-ins: guessed or stolen passwords. A hint to people; nothing acts on it by itself. */
export const abuse = {
  ...burstOf("abuse", "data-breach", "auth_failures", ABUSE_DEFAULTS),
  turn: 10,
};

/** What users write to the people who keep the app. */
export const complaints = {
  ...burstOf("complaints", "unclassified", "complaints", COMPLAINTS_DEFAULTS),
  turn: 11,
};

/**
 * Says when many times the usual count arrives: over two minutes five times what the past hour makes likely, half as many
 * again as in any window within three hours of this time of day, by chance less than once in a million, and never fewer than a floor.
 */
function burstOf(
  name: string,
  opens: string,
  signal: string,
  defaults: BurstSettings,
): BatchDetector<BurstState, BurstSettings> {
  return {
    name,
    opens,
    reads: [signal],
    start: { pace: PACE_START, counts: COUNTS_START, tally: TALLY_START, held: null },
    defaults,
    judge: (before, { ts, values }, settings) => {
      const { looked } = before.pace;
      if (looked !== null && ts <= looked) return sayOnly(before, "older than the last batch");
      const value = values[signal];
      const isLate = isOverdue(before.pace, ts);
      if (value === undefined)
        return isLate
          ? sayOnly(before, `no ${signal} any more`, "missing")
          : sayOnly(before, `nothing about ${signal}`);
      const isSound = value !== null && Number.isFinite(value) && value >= 0;
      const pace = look(before.pace, ts, isSound);
      const tally = isLate ? cut(before.tally) : before.tally;
      const state = { ...before, pace, tally };
      if (!isSound) {
        const verdict = isOverdue(pace, ts) ? "missing" : "inconclusive";
        return sayOnly(state, "looked and got nothing", verdict);
      }
      // The first count has no known length, and one after a gap was counted since the last look that said something.
      if (before.pace.said === null) return sayOnly(state, "the first count");
      return judgeCount(state, ts, { count: value, coveredMs: ts - before.pace.said }, settings);
    },
  };
}

function judgeCount(
  before: BurstState,
  ts: Instant,
  seen: Exposed,
  settings: BurstSettings,
): Judged {
  const { breach } = before.tally;
  if (breach !== null && ts - breach.onset >= settings.adoptAfterMs) {
    const counts = { ...COUNTS_START, hours: before.counts.hours };
    const state = { ...before, tally: TALLY_START, held: null, counts };
    return sayOnly(state, "what lasted is the new usual");
  }
  const counts = add(before.counts, ts, seen, settings.windowMs);
  const now = windowOf(counts);
  const expected = expectedIn(counts, now.coveredMs);
  const isYoung = isTooYoung(counts, settings);
  const most = mostAround(counts, ts);
  const numbers = {
    count: now.count,
    coveredMs: now.coveredMs,
    expected: round(expected.count),
    dispersion: round(expected.dispersion),
    usualMost: most,
    floor: settings.floor,
    ratio: settings.ratio,
    chance: settings.chance,
  };
  const isBad =
    !isYoung &&
    now.count >= settings.floor &&
    now.count >= settings.ratio * expected.count &&
    now.count > settings.beyondUsual * most &&
    isLasting(counts, expected.count / now.coveredMs, settings) &&
    byChance(now.count, expected) < settings.chance;
  if (breach === null && !isBad) {
    const state = { ...before, counts: learn(counts, ts, seen, settings.windowMs) };
    return say(state, isYoung ? "inconclusive" : "healthy", {
      ...numbers,
      reason: isYoung ? "too little past" : null,
    });
  }
  const held = before.held ?? expected.count / Math.max(1, now.coveredMs);
  const usually = held * now.coveredMs;
  const isCalm = now.count < Math.max(settings.floor / 2, 2 * usually);
  const rule = { ...settings, openAfter: 1, openOf: 1, lastsMs: 0 };
  const next = count(before.tally, ts, { isBad, isCalm }, rule);
  const kept = breach === null ? forgetYoung(counts) : counts;
  const isOpen = next.tally.breach !== null;
  const state = { ...before, counts: kept, tally: next.tally, held: isOpen ? held : null };
  return say(state, next.state, { ...numbers, expected: round(usually) });
}

function isTooYoung(counts: Counts, settings: BurstSettings): boolean {
  const past = pastOf(counts);
  const spanMs = past.reduce((sum, { coveredMs }) => sum + coveredMs, 0);
  return past.length < settings.minWindows || spanMs < settings.minSpanMs;
}

/** Half of it must remain without its fullest moment. */
function isLasting(counts: Counts, perMs: number, { floor, ratio }: BurstSettings): boolean {
  const rest = restOf(counts);
  return rest.count >= Math.max(floor, ratio * perMs * rest.coveredMs) / 2;
}

/** What the past makes likely in so long, one event more than was seen; and how much burstier than Poisson it was. */
function expectedIn(
  counts: Counts,
  coveredMs: number,
): { readonly count: number; readonly dispersion: number } {
  const past = pastOf(counts);
  const spanMs = past.reduce((sum, one) => sum + one.coveredMs, 0);
  const total = past.reduce((sum, one) => sum + one.count, 0);
  if (spanMs === 0) return { count: 0, dispersion: 1 };
  const perMs = total / spanMs;
  const chiSquare = past.reduce((sum, one) => {
    const mean = perMs * one.coveredMs;
    return mean === 0 ? sum : sum + (one.count - mean) ** 2 / mean;
  }, 0);
  const dispersion = Math.max(1, chiSquare / Math.max(1, past.length - 1));
  return { count: ((total + 1) / spanMs) * coveredMs, dispersion };
}

/** A count as bursty as this is like a Poisson count of so many bursts. */
function byChance(
  seen: number,
  { count: mean, dispersion }: { readonly count: number; readonly dispersion: number },
): number {
  return poissonAtLeast(Math.floor(seen / dispersion), mean / dispersion);
}

function say(
  state: BurstState,
  verdict: Judgement["state"],
  numbers: Judgement["evidence"],
): Judged {
  const onset = state.tally.breach?.onset ?? null;
  const method = onset === null ? null : "the look at which the window was first too full";
  return {
    state,
    judgement: { state: verdict, onset, failing: false, evidence: { ...numbers, onset: method } },
  };
}

function sayOnly(
  state: BurstState,
  reason: string,
  verdict: "inconclusive" | "missing" = "inconclusive",
): Judged {
  return say(state, verdict, { reason });
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
