import type { Instant } from "../../domain/time.ts";
import { canEverFire } from "../../statistics/burn-rate.ts";
import type { BatchDetector, Judgement } from "../batch.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import { read } from "./reading.ts";
import { onsetOf, RING_START, type Counts, type Slot } from "./ring.ts";
import { BURN_RATE_DEFAULTS, type BurnRateSettings } from "./settings.ts";
import { burn, type Burn } from "./tier.ts";
import { allowedShare, USUAL_START } from "./usual.ts";
import { addCounts, finestOf, longestOf, type Windows } from "./windows.ts";
import { round } from "../round.ts";

export interface BurnRateState extends Windows {
  readonly pace: Pace;
  /** Slots that began before this moment are never learnt as usual. */
  readonly badUntil: Instant | null;
  readonly breach: Breach | null;
}

interface Breach {
  readonly onset: Instant;
  readonly rule: string;
  /** It stopped firing: what is still in the windows opens nothing again. */
  readonly isFading: boolean;
  readonly calm: { readonly since: Instant; readonly requests: number } | null;
}

type Judged = { readonly state: BurnRateState; readonly judgement: Judgement };

/**
 * Says when the error budget is spent too fast: more than 14.4 times over 1 h and 5 min, or 6 times over 6 h and 30 min, by
 * requests. Finds slow burns; the fast rule is `error-share`. A tier that could never fire with its objective is left out.
 */
export const burnRate: BatchDetector<BurnRateState, BurnRateSettings> = {
  name: "burn-rate",
  turn: 2,
  opens: "high-error-rate",
  reads: ["failed", "requests", "error_ratio"],
  start: { pace: PACE_START, rings: [], usual: USUAL_START, badUntil: null, breach: null },
  defaults: BURN_RATE_DEFAULTS,
  judge: (before, batch, settings) => {
    const { ts } = batch;
    if (before.pace.looked !== null && ts <= before.pace.looked)
      return say(before, "inconclusive", { reason: "older than the last batch" });
    const isLate = isOverdue(before.pace, ts);
    const reading = read(batch);
    if (reading.kind === "silent") return sayNothing(before, isLate, "nothing about requests");
    const isSaid = reading.kind !== "nothing";
    const state = { ...before, pace: look(before.pace, ts, isSaid) };
    if (reading.kind === "nothing") return sayNothing(state, isLate, "looked and got nothing");
    if (reading.kind === "unweighted")
      return say(state, "inconclusive", { reason: "a ratio without a count has no weight" });
    if (reading.kind === "impossible")
      return say(withoutCalm(state), "inconclusive", { reason: "counts that cannot be" });
    const gap = before.pace.said === null ? 0 : ts - before.pace.said;
    const lengthMs = isLate ? Math.min(gap, before.pace.usual ?? 0) : gap;
    const base = isLate ? withoutCalm(state) : state;
    const isQuiet = ({ from }: Slot): boolean =>
      base.breach === null && from > (base.badUntil ?? -Infinity);
    const { rings, usual } = addCounts(base, ts, reading, lengthMs, isQuiet, settings);
    const added = { ...base, rings, usual };
    return judgeWindows(added, ts, reading, settings);
  },
};

function judgeWindows(
  state: BurnRateState,
  ts: Instant,
  counts: Counts,
  settings: BurnRateSettings,
): Judged {
  const { usual, rings, breach } = state;
  const allowed = allowedShare(usual, rings[longestOf(settings)] ?? RING_START, ts, settings);
  if (allowed === null) return say(state, "inconclusive", { reason: "too little past" });
  const ratePerMs = usual.trafficMs === 0 ? 0 : usual.traffic / usual.trafficMs;
  const finest = finestOf(rings, ts, settings);
  const burns: Burn[] = [];
  for (const [index, tier] of settings.tiers.entries()) {
    const ring = rings[index] ?? RING_START;
    if (canEverFire({ objective: 1 - allowed, factor: tier.factor }))
      burns.push(burn(tier, ring, ts, finest, allowed, ratePerMs, settings));
  }
  const firing = burns.find(({ fires }) => fires);
  const worst = firing ?? worstOf(burns);
  if (worst === undefined)
    return say(state, "inconclusive", { reason: "no tier can ever fire", allowedShare: allowed });
  const numbers = numbersOf(worst, allowed, settings);
  if (firing !== undefined && breach?.isFading !== true) {
    const ring = rings[settings.tiers.indexOf(firing.tier)] ?? RING_START;
    const onset = breach?.onset ?? onsetOf(ring, (allowed * firing.tier.factor) / 2) ?? ts;
    const rule = `${firing.tier.factor}x`;
    return say(
      { ...state, badUntil: ts, breach: { onset, rule, isFading: false, calm: null } },
      "breached",
      numbers,
    );
  }
  if (breach !== null) return judgeBreach(state, breach, ts, counts, burns, numbers, settings);
  if (worst.requests < settings.minRequests) {
    const few = say(state, "inconclusive", { ...numbers, reason: "too few requests" });
    // Of those that came too many failed: more requests are not all that is missing.
    const isBad = burns.some(
      ({ failed, requests, tier }) => failed > (requests * allowed * tier.factor) / 2,
    );
    return isBad ? few : needing(settings.minRequests, few);
  }
  return say(state, "healthy", numbers);
}

function judgeBreach(
  state: BurnRateState,
  breach: Breach,
  ts: Instant,
  counts: Counts,
  burns: readonly Burn[],
  seen: Judgement["evidence"],
  settings: BurnRateSettings,
): Judged {
  const numbers = { ...seen, rule: breach.rule };
  const bad = { ...state, badUntil: ts };
  if (burns.some(({ recent, tier }) => recent > tier.factor / 2))
    return say({ ...bad, breach: { ...breach, isFading: true, calm: null } }, "inconclusive", {
      ...numbers,
      reason: "burning less, but not yet calm",
    });
  const requests = (breach.calm?.requests ?? 0) + counts.requests;
  const since = breach.calm?.since ?? ts;
  const isLongEnough = ts - since >= settings.closeAfterMs;
  if (isLongEnough && requests >= settings.minRequests)
    // What is in the windows has had its incident.
    return say({ ...bad, rings: [], breach: null }, "healthy", numbers);
  const waiting = say(
    { ...bad, breach: { ...breach, isFading: true, calm: { since, requests } } },
    "inconclusive",
    {
      ...numbers,
      calmMs: ts - since,
      calmRequests: requests,
      reason: isLongEnough ? "calm, but too few requests" : "calm, but not yet for long enough",
    },
  );
  return isLongEnough ? needing(settings.minRequests, waiting) : waiting;
}

/** Nothing speaks against health but that too few requests came. */
function needing(needsRequests: number, { state, judgement }: Judged): Judged {
  return { state, judgement: { ...judgement, needsRequests } };
}

function worstOf(burns: readonly Burn[]): Burn | undefined {
  let worst: Burn | undefined;
  for (const one of burns)
    if (worst === undefined || one.long / one.tier.factor > worst.long / worst.tier.factor)
      worst = one;
  return worst;
}

function numbersOf(
  { tier, long, short, failed, requests, expected }: Burn,
  allowed: number,
  settings: BurnRateSettings,
): Judgement["evidence"] {
  return {
    rule: `${tier.factor}x`,
    factor: tier.factor,
    longMs: tier.longMs,
    shortMs: tier.shortMs,
    longRate: round(long),
    shortRate: round(short),
    failed,
    requests,
    expectedRequests: Math.round(expected),
    minFailed: settings.minFailed,
    allowedShare: round(allowed),
    budgetSpent: round(
      (long * (allowed / (1 - settings.objective)) * tier.longMs) / settings.periodMs,
    ),
  };
}

/** After a gap or a reset calm is counted anew. An open breach stays. */
function withoutCalm(state: BurnRateState): BurnRateState {
  return state.breach === null ? state : { ...state, breach: { ...state.breach, calm: null } };
}

function sayNothing(state: BurnRateState, isLate: boolean, reason: string): Judged {
  return say(state, isLate ? "missing" : "inconclusive", { reason });
}

function say(
  state: BurnRateState,
  verdict: Judgement["state"],
  evidence: Judgement["evidence"],
): Judged {
  const onset = state.breach?.onset ?? null;
  return {
    state,
    judgement: {
      state: verdict,
      onset,
      failing: false,
      evidence: { ...evidence, onset: onset === null ? null : ONSET },
    },
  };
}

const ONSET =
  "slot of the long window from which on the most requests failed over half the firing share";
