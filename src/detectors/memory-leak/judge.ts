import { HOUR_MS, type Instant } from "../../domain/time.ts";
import type { Judgement } from "../batch.ts";
import { FLOOR_MS } from "./floors.ts";
import { growingOf, type Growing } from "./growing.ts";
import type { MemoryLeakState } from "./index.ts";
import type { MemoryLeakSettings } from "./settings.ts";
import type { Trend } from "./trend.ts";
import { learn, type Usual } from "./usual.ts";

/** The last judgement; it holds until the next ten minutes are over. */
export interface Held {
  readonly state: "healthy" | "breached" | "inconclusive";
  readonly numbers: Judgement["evidence"];
  /** Two for each judgement that saw a leak, less one for each that saw none. */
  readonly streak: number;
  /** Judgements in a row that saw no growth. */
  readonly calm: number;
  /** Set while a leak is open. */
  readonly onset: Instant | null;
  /** First floor that was not learnt yet: all but the last hours, and nothing while a leak is suspected. */
  readonly unlearnt: number;
}

export const HELD_START: Held = {
  state: "inconclusive",
  numbers: { reason: "too little seen since the start" },
  streak: 0,
  calm: 0,
  onset: null,
  unlearnt: 0,
};

/** Judges the floors laid so far, the newest of which has just closed. */
export function judgeFloors(
  state: MemoryLeakState,
  settings: MemoryLeakSettings,
): { readonly held: Held; readonly usual: Usual } {
  const { floors } = state.envelope;
  const { shortest, growing } = growingOf(state, settings);
  const held =
    shortest === null
      ? { ...HELD_START, onset: state.held.onset }
      : decide(state, growing, shortest, settings);
  const { unlearnt } = state.held;
  // While a leak is suspected or open nothing is learnt; once it ended without a restart, it was usual after all.
  if (held.onset !== null || held.streak > 0)
    return { held: { ...held, unlearnt }, usual: state.usual };
  const until = (floors.at(-1)?.at ?? 0) + 1 - LAG_MS / FLOOR_MS;
  const usual = learnUntil(state, until);
  return { held: { ...held, unlearnt: Math.max(unlearnt, until) }, usual };
}

/** What a process that ends now was like until then, unless it was suspected of a leak. */
export function learnAll(state: MemoryLeakState): Usual {
  const isSuspect = state.held.onset !== null || state.held.streak > 0;
  return isSuspect ? state.usual : learnUntil(state, Infinity);
}

function learnUntil({ envelope, usual, held }: MemoryLeakState, until: number): Usual {
  return learn(
    usual,
    envelope.floors.filter(({ at }) => at >= held.unlearnt && at < until),
  );
}

/** A leak that is not suspected yet must not be learnt: it would be compared with itself. */
const LAG_MS = 12 * HOUR_MS;

function decide(
  state: MemoryLeakState,
  growing: Growing | null,
  shortest: Trend,
  settings: MemoryLeakSettings,
): Held {
  const { held } = state;
  const numbers = numbersOf(state, growing, shortest, settings);
  if (growing !== null && (growing.hoursLeft ?? Infinity) * HOUR_MS <= settings.horizonMs) {
    const streak = Math.min(held.streak + 2, 2 * settings.openAfter);
    const counted = { ...held, streak, calm: 0 };
    if (held.onset !== null || streak >= 2 * settings.openAfter)
      return { ...counted, state: "breached", numbers, onset: held.onset ?? growing.trend.onset };
    const reason = "growing towards the limit, not yet for long enough";
    return { ...counted, state: "inconclusive", numbers: { ...numbers, reason } };
  }
  const isRising = growing !== null || shortest.isSteady;
  const calm = isRising ? 0 : held.calm + 1;
  const counted = { ...held, streak: Math.max(0, held.streak - 1), calm };
  if (held.onset !== null && calm < settings.closeAfter) {
    const reason = isRising ? "still growing" : "no longer growing, but not for long enough";
    return { ...counted, state: "inconclusive", numbers: { ...numbers, reason } };
  }
  if (growing !== null) {
    const reason = growing.hoursLeft === null ? "growing, limit unknown" : "growing, limit far";
    return { ...counted, state: "inconclusive", numbers: { ...numbers, reason } };
  }
  return { ...counted, state: "healthy", numbers, onset: null };
}

function numbersOf(
  { envelope, limit }: MemoryLeakState,
  growing: Growing | null,
  shortest: Trend,
  settings: MemoryLeakSettings,
): Judgement["evidence"] {
  const trend = growing?.trend ?? shortest;
  const floor = envelope.floors.at(-1)?.least ?? 0;
  const hours = (slope: number): number | null =>
    limit === null || slope <= 0 ? null : round(Math.max(0, limit - floor) / slope);
  return {
    floor: round(floor),
    windowMs: trend.windowMs,
    p: round(trend.p),
    alpha: settings.alpha,
    drift: Number.isFinite(trend.drift) ? round(trend.drift) : null,
    growthPerHour: round(trend.slope),
    growthPerHourLeast: round(trend.lower),
    growthPerHourMost: round(trend.upper),
    hoursToLimit: hours(trend.slope),
    hoursToLimitLeast: hours(trend.upper),
    hoursToLimitMost: hours(trend.lower),
    thresholdHours: settings.horizonMs / HOUR_MS,
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
