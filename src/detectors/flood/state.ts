import type { Instant } from "../../domain/time.ts";
import type { Judgement } from "../batch.ts";
import { admit, crowdOf, PAST_START, type Past, type Point, type Usual } from "./crowd.ts";
import { PACE_START, type Pace } from "../pace.ts";
import { round } from "../round.ts";
import type { FloodSettings } from "./settings.ts";

export interface FloodState {
  readonly pace: Pace;
  /** When requests were last counted: the next count is that of the time since. */
  readonly counted: Instant | null;
  readonly inflight: { readonly ts: Instant; readonly value: number } | null;
  readonly past: Past;
  /** The last points, at most eight, none from before a gap. */
  readonly recent: readonly Point[];
  readonly breach: Breach | null;
}

export interface Breach {
  readonly onset: Instant;
  readonly opened: Instant;
  readonly by: string;
  readonly calm: { readonly since: Instant; readonly samples: number } | null;
}

export type Judged = { readonly state: FloodState; readonly judgement: Judgement };

export const FLOOD_START: FloodState = {
  pace: PACE_START,
  counted: null,
  inflight: null,
  past: PAST_START,
  recent: [],
  breach: null,
};

/** The traffic since the last count; requests in flight only as fresh as one usual distance. */
export function pointOf(state: FloodState, ts: Instant, requests: number | null): Point {
  const seconds = state.counted === null ? 0 : (ts - state.counted) / 1_000;
  const told = state.inflight;
  const isFresh = told !== null && ts - told.ts <= (state.pace.usual ?? 0);
  return {
    ts,
    perSecond: requests === null || seconds === 0 ? null : requests / seconds,
    inflight: isFresh ? told.value : null,
  };
}

/** A point is taken into the past when four newer ones are there, so that a flood does not hide its own beginning. */
export function learn(state: FloodState): FloodState {
  const point = state.recent.at(-5);
  return point === undefined
    ? state
    : { ...state, past: admit(state.past, point, state.pace.usual) };
}

/** After a gap nothing counts together with what was before it: the next count is of an unknown time. */
export function cutOff(state: FloodState): FloodState {
  const breach = state.breach === null ? null : { ...state.breach, calm: null };
  return { ...state, counted: null, inflight: null, recent: [], breach };
}

/** Whether a point is a crowd by rate or in flight, at this factor. */
export function isCrowd(
  point: Point,
  normal: Usual,
  factor: number,
  settings: FloodSettings,
): boolean {
  const crowd = crowdOf(point, normal, factor, settings);
  return crowd === "rate" || crowd === "inflight";
}

/** The numbers a judgement rests on. */
export function numbersOf(state: FloodState, point: Point, normal: Usual, settings: FloodSettings) {
  const last = state.recent.slice(-settings.openOf);
  return {
    perSecond: rounded(point.perSecond),
    usualPerSecond: rounded(normal.perSecond),
    inflight: point.inflight,
    usualInflight: rounded(normal.inflight),
    peakPerSecond: rounded(normal.peak.perSecond),
    factor: settings.openFactor,
    over: last.filter((one) => isCrowd(one, normal, settings.openFactor, settings)).length,
    of: last.length,
    samples: state.past.rate.size,
    everyMs: state.pace.usual,
  };
}

/** A judgement of this state; the onset is the breach's, or this sample's while it fails. */
export function say(
  state: FloodState,
  verdict: Judgement["state"],
  evidence: Judgement["evidence"],
  failing = false,
): Judged {
  const first = failing ? state.recent.at(-1)?.ts : undefined;
  const onset = state.breach?.onset ?? first ?? null;
  const how = onset === null ? null : "first of the last samples over the calm threshold";
  return {
    state,
    judgement: { state: verdict, onset, failing, evidence: { ...evidence, onset: how } },
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : round(value);
}
