import type { Instant, Millis } from "../domain/time.ts";
import { quantileOfSorted } from "../statistics/quantile.ts";
import { round } from "./round.ts";

/** Where a signal has been of late: the last hour, at most 120 values, each a mean of half a minute at least. */
export interface Trail {
  readonly levels: readonly number[];
  readonly from: Instant | null;
  readonly taken: Instant | null;
  readonly fresh: number;
  /** What came since the last value was taken in: a mean, because single samples of a regular rhythm would all be alike. */
  readonly sum: number;
  readonly count: number;
  readonly median: number | null;
  /** Nine tenths of the values lie below. */
  readonly high: number;
}

export const TRAIL_START: Trail = {
  levels: [],
  from: null,
  taken: null,
  fresh: 0,
  sum: 0,
  count: 0,
  median: null,
  high: 0,
};

/**
 * Takes one sample in; the median follows when a twentieth of the values is new.
 * `everyMs`: the usual distance of two samples. A longer past would lag behind the rhythm of the day.
 */
export function follow(trail: Trail, ts: Instant, level: number, everyMs: Millis | null): Trail {
  const sum = trail.sum + level;
  const count = trail.count + 1;
  const isFew = trail.levels.length < FEW;
  if (!isFew && trail.taken !== null && ts - trail.taken < APART_MS)
    return { ...trail, sum, count };
  const most = Math.min(MOST, Math.max(LEAST, Math.floor(WINDOW_MS / (everyMs ?? APART_MS))));
  const levels = [...trail.levels, round(sum / count, 5)].slice(-most);
  const fresh = trail.fresh + 1;
  const taken = { levels, from: trail.from ?? ts, taken: ts, sum: 0, count: 0 };
  if (trail.median !== null && fresh < levels.length / 20) return { ...trail, ...taken, fresh };
  const sorted = Float64Array.from(levels).sort();
  const median = quantileOfSorted(sorted, 0.5);
  return { ...taken, fresh: 0, median, high: quantileOfSorted(sorted, 0.9) ?? 0 };
}

/** The usual level; `null` until there were so many values over such a time. */
export function usualLevel(
  trail: Trail,
  ts: Instant,
  needs: { readonly minSamples: number; readonly minSpanMs: Millis },
): number | null {
  const isEnough = trail.levels.length >= needs.minSamples && trail.from !== null;
  return isEnough && ts - (trail.from ?? ts) >= needs.minSpanMs ? trail.median : null;
}

const WINDOW_MS = 3_600_000;
const LEAST = 12;
const MOST = 120;
const APART_MS = 30_000;
const FEW = 20;
