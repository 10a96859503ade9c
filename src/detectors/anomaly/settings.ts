import { HOUR_MS, MINUTE_MS, type Millis } from "../../domain/time.ts";
import type { TallyRule } from "../tally.ts";

export interface AnomalySettings extends TallyRule {
  /** Samples are put together, by their median, over so long; `openOf` and the rest count these. */
  readonly cellMs: Millis;
  /** How many cells before those in question are the level to compare with. */
  readonly levelCells: number;
  /** Cells, and the time they must span, before anything is judged. */
  readonly minCells: number;
  readonly minSpanMs: Millis;
  /** So many robust standard deviations of the distance from the level, learnt over a day. */
  readonly sigmas: number;
  /** Times the largest distance that lasted as long on the last eight days and was no breach. */
  readonly beyondUsual: number;
  /** Share of the level: what is smaller is nobody's business. */
  readonly relativeFloor: number;
  /** Calm below this share of the distance that opened. */
  readonly calmShare: number;
  /** A level that lasted so long is the new usual. */
  readonly adoptAfterMs: Millis;
  /** Silence for longer begins anew. */
  readonly gapMs: Millis;
}

export const ANOMALY_DEFAULTS: AnomalySettings = {
  cellMs: MINUTE_MS,
  levelCells: 20,
  minCells: 30,
  minSpanMs: HOUR_MS,
  sigmas: 5,
  beyondUsual: 2,
  relativeFloor: 0.05,
  openAfter: 5,
  openOf: 6,
  lastsMs: 0,
  closeAfter: 5,
  closeAfterMs: 5 * MINUTE_MS,
  calmShare: 0.5,
  adoptAfterMs: 6 * HOUR_MS,
  gapMs: 2 * HOUR_MS,
};
