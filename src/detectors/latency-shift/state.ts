import type { Instant } from "../../domain/time.ts";
import type { Judgement } from "../batch.ts";
import { PACE_START, type Pace } from "../pace.ts";
import { round } from "../round.ts";
import { admit, PAST_START, type Past, type Point } from "./past.ts";
import type { Pool, Source } from "./reading.ts";
import type { Shift } from "./shift.ts";

export interface LatencyShiftState {
  readonly pace: Pace;
  readonly source: Source | null;
  readonly pool: Pool | null;
  /** Values since the last point. */
  readonly held: readonly number[];
  /** When the last point was made, and what was said of it: more is not known until the next one. */
  readonly pointed: Instant | null;
  readonly told: Judgement | null;
  readonly past: Past;
  /** The last points, at most ten, none from before a gap, restart or deployment. */
  readonly recent: readonly Point[];
  readonly warmUntil: Instant | null;
  readonly breach: Breach | null;
}

export interface Breach {
  readonly onset: Instant;
  readonly opened: Instant;
  readonly rule: string;
  readonly calmSince: Instant | null;
}

export type Judged = { readonly state: LatencyShiftState; readonly judgement: Judgement };

export const LATENCY_SHIFT_START: LatencyShiftState = {
  pace: PACE_START,
  source: null,
  pool: null,
  held: [],
  pointed: null,
  told: null,
  past: PAST_START,
  recent: [],
  warmUntil: null,
  breach: null,
};

/** A point is taken into the past when newer ones are there, so that a breach does not hide its own beginning. */
export function learn(state: LatencyShiftState, newer: number): LatencyShiftState {
  const point = state.recent.at(-1 - newer);
  return point === undefined ? state : { ...state, past: admit(state.past, point, state.recent) };
}

/** After a gap nothing counts together with what was before it. */
export function cutOff(state: LatencyShiftState): LatencyShiftState {
  const breach = state.breach === null ? null : { ...state.breach, calmSince: null };
  return { ...state, held: [], recent: [], breach };
}

export function startAnew(state: LatencyShiftState, warmUntil: Instant): LatencyShiftState {
  return { ...cutOff(state), pool: state.pool, warmUntil };
}

/** Another source, another past. An open breach stays: nothing has shown that it is over. */
export function turn(state: LatencyShiftState): LatencyShiftState {
  return { ...cutOff(state), past: PAST_START, pool: null };
}

/** The numbers a judgement rests on, after what was seen. */
export function numbersOf(
  seen: Judgement["evidence"],
  { past, pace, source }: LatencyShiftState,
  shift: Shift,
): Judgement["evidence"] {
  return {
    ...seen,
    source,
    medianMs: round(past.usual?.ms ?? 0),
    scatter: round(past.usual?.one.log ?? 0),
    samples: past.usual?.samples ?? 0,
    thresholdMs: round(shift.thresholdMs),
    over: shift.fastOver,
    needed: shift.needed,
    overSlow: shift.slowOver,
    everyMs: pace.usual,
  };
}

/** A judgement of this state; the onset is the breach's, or this sample's while it fails. */
export function say(
  state: LatencyShiftState,
  verdict: Judgement["state"],
  evidence: Judgement["evidence"],
  failing = false,
): Judged {
  const first = failing ? state.recent.at(-1)?.ts : undefined;
  const onset = state.breach?.onset ?? first ?? null;
  const judgement = {
    state: verdict,
    onset,
    failing,
    evidence: { ...evidence, onset: onset === null ? null : ONSET },
  };
  return { state: { ...state, told: judgement }, judgement };
}

const ONSET = "first of the samples most of which are over the lower threshold";
