import type { Instant, Millis } from "../domain/time.ts";
import { quantile } from "../statistics/quantile.ts";
import { round } from "./round.ts";

/** Where a signal has been of late: the last hour, at most 120 values, each a mean of half a minute at least. */
export interface Trail {
  /** How many there are: the last ones of `levels` and `fresh` together. */
  readonly size: number;
  /** Those that the median knows. */
  readonly levels: readonly number[];
  /** Those since, kept apart so that not all are copied for each new one. */
  readonly fresh: readonly number[];
  readonly from: Instant | null;
  readonly taken: Instant | null;
  /** What came since the last value was taken in: a mean, because single samples of a regular rhythm would all be alike. */
  readonly sum: number;
  readonly count: number;
  readonly median: number | null;
  /** Nine tenths of the values lie below. */
  readonly high: number;
}

export const TRAIL_START: Trail = {
  size: 0,
  levels: [],
  fresh: [],
  from: null,
  taken: null,
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
  const isFew = trail.size < FEW;
  if (!isFew && trail.taken !== null && ts - trail.taken < APART_MS)
    return { ...trail, sum, count };
  const most = Math.min(MOST, Math.max(LEAST, Math.floor(WINDOW_MS / (everyMs ?? APART_MS))));
  const size = Math.min(most, trail.size + 1);
  const fresh = [...trail.fresh, round(sum / count, 5)];
  const next = { ...trail, size, fresh, from: trail.from ?? ts, taken: ts, sum: 0, count: 0 };
  if (trail.median !== null && fresh.length < size / 20) return next;
  const levels = [...trail.levels, ...fresh].slice(-size);
  return {
    ...next,
    levels,
    fresh: [],
    median: quantile(levels, 0.5),
    high: quantile(levels, 0.9) ?? 0,
  };
}

/** The usual level; `null` until there were so many values over such a time. */
export function usualLevel(
  trail: Trail,
  ts: Instant,
  needs: { readonly minSamples: number; readonly minSpanMs: Millis },
): number | null {
  const isEnough = trail.size >= needs.minSamples && trail.from !== null;
  return isEnough && ts - (trail.from ?? ts) >= needs.minSpanMs ? trail.median : null;
}

const WINDOW_MS = 3_600_000;
const LEAST = 12;
const MOST = 120;
const APART_MS = 30_000;
const FEW = 20;
