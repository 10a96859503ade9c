import type { Instant } from "../../domain/time.ts";
import { median } from "../../statistics/quantile.ts";
import type { Judgement } from "../batch.ts";
import { count, TALLY_START } from "../tally.ts";
import type { AnomalyState } from "./index.ts";
import type { AnomalySettings } from "./settings.ts";
import { forgetYoung, learn, mostUsual, type Usual } from "./usual.ts";

export type Said = Pick<Judgement, "state" | "evidence">;

/** Level and threshold as they were when it opened, and the cells of that level. */
export interface Frame {
  readonly level: number;
  readonly threshold: number;
  readonly cells: readonly number[];
}

export const SAID_START: Said = {
  state: "inconclusive",
  evidence: { reason: "too little past" },
};

/** Judges the cells, the newest of which has just closed. */
export function judgeCells(
  state: AnomalyState,
  ts: Instant,
  settings: AnomalySettings,
): AnomalyState {
  const { tally, cells, usual, held } = state;
  if (tally.breach !== null && ts - tally.breach.onset >= settings.adoptAfterMs) {
    const evidence = { reason: "what lasted is the new usual" };
    return { ...state, tally: TALLY_START, held: null, said: { state: "inconclusive", evidence } };
  }
  const recent = cells.values.slice(-settings.openOf);
  const before = held?.cells ?? cells.values.slice(0, -settings.openOf);
  const level = held?.level ?? median(before);
  if (level === null) return { ...state, said: SAID_START };
  const distances = recent.map((value) => value - level);
  const lasting = lastingOf(distances, settings.openAfter);
  const distance = Math.abs(distances.at(-1) ?? 0);
  const learnt = held === null ? learn(usual, ts, { level, distance, lasting }) : usual;
  const threshold = held?.threshold ?? thresholdOf(usual, level, settings);
  const isKnown =
    state.known >= settings.minCells && ts - (state.since ?? ts) >= settings.minSpanMs;
  if (held === null && (!isKnown || threshold === null))
    return { ...state, usual: learnt, said: SAID_START };
  const frame = { level, threshold: threshold ?? 0, cells: before };
  const numbers = numbersOf(frame, lasting, distances);
  if (held === null && lasting <= frame.threshold) {
    const isFar = distance > frame.threshold;
    const evidence = isFar ? { ...numbers, away: 1 } : numbers;
    const said: Said = { state: isFar ? "inconclusive" : "healthy", evidence };
    return { ...state, usual: learnt, said };
  }
  return settle(state, ts, frame, numbers, distances, settings);
}

/** Opens, goes on, or closes. Minutes of a breach never become the level it is compared with. */
function settle(
  state: AnomalyState,
  ts: Instant,
  frame: Frame,
  evidence: Judgement["evidence"],
  distances: readonly number[],
  settings: AnomalySettings,
): AnomalyState {
  const { tally, cells, usual, held } = state;
  const isCalm = Math.abs(distances.at(-1) ?? 0) <= settings.calmShare * frame.threshold;
  // What is many of the last minutes already needs no further counting.
  const rule = { ...settings, openAfter: 1, openOf: 1 };
  const next = count(tally, ts, { isBad: held === null, isCalm }, rule);
  const said: Said = { state: next.state, evidence };
  if (next.tally.breach === null) {
    const values = [...frame.cells, ...cells.values.slice(-settings.openOf)];
    return { ...state, tally: next.tally, held: null, cells: { ...cells, values }, said };
  }
  if (held !== null) return { ...state, tally: next.tally, said };
  const first = distances.findIndex((distance) => Math.abs(distance) > frame.threshold);
  const everyMs = Math.max(settings.cellMs, state.pace.usual ?? 0);
  const onset = ts - (distances.length - 1 - first) * everyMs;
  const opened = { ...next.tally, breach: { onset, calm: null } };
  return { ...state, tally: opened, held: frame, usual: forgetYoung(usual), said };
}

/** How far away so many of the last cells are at least, all of them on the same side. */
function lastingOf(distances: readonly number[], openAfter: number): number {
  const sorted = distances.toSorted((a, b) => a - b);
  const up = sorted.at(-openAfter) ?? 0;
  const down = -(sorted[openAfter - 1] ?? 0);
  return Math.max(0, up, down);
}

/** `null` while too few distances are known. With few of them it is wider, and at a level larger than they were taken at. */
function thresholdOf(usual: Usual, level: number, settings: AnomalySettings): number | null {
  if (usual.sigma === null) return null;
  const young = 1 + 4 / usual.distances.length;
  // Around zero the level is only noise, and its size means nothing.
  const size = Math.max(usual.size, 4 * usual.sigma);
  const grown = size === 0 ? 1 : Math.max(1, Math.abs(level) / size);
  const strayed = Math.max(
    settings.sigmas * usual.sigma * young,
    settings.beyondUsual * mostUsual(usual),
  );
  return Math.max(strayed * grown, settings.relativeFloor * Math.abs(level));
}

function numbersOf(
  { level, threshold }: Frame,
  lasting: number,
  distances: readonly number[],
): Judgement["evidence"] {
  return {
    level: round(level),
    distance: round(distances.at(-1) ?? 0),
    lasting: round(lasting),
    threshold: round(threshold),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(5));
}
