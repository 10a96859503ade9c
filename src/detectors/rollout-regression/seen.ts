import { MINUTE_MS, SECOND_MS, type Instant } from "../../domain/time.ts";
import { bucketDeltas, type Bucket } from "../../statistics/histogram.ts";
import { median } from "../../statistics/quantile.ts";
import type { Batch } from "../batch.ts";
import { readCounts, readHistogram, readLevel, type Histogram } from "./reading.ts";
import type { RolloutSettings } from "./settings.ts";
import { addTo, type Window } from "./windows.ts";

/** What was seen since the last release, at most an hour of it. */
export interface Seen {
  readonly errors: readonly Window[];
  /** The last cumulative reading, and what was counted per window between readings, all with the same bounds. */
  readonly last: Histogram | null;
  readonly histograms: readonly Counted[];
  /** The signal levels are read from, the values of the window under way, and the medians of those that are over. */
  readonly source: string | null;
  readonly open: { readonly start: Instant; readonly values: readonly number[] } | null;
  readonly levels: readonly Level[];
  /** Latency before this moment is a cold start. */
  readonly warmUntil: Instant | null;
}

export interface Counted {
  readonly start: Instant;
  readonly counts: readonly number[];
}

export interface Level {
  readonly start: Instant;
  readonly ms: number;
}

export const SEEN_START: Seen = {
  errors: [],
  last: null,
  histograms: [],
  source: null,
  open: null,
  levels: [],
  warmUntil: null,
};

/** Begins anew at a release; the last reading of the counters stays, because they may go on. */
export function afterRelease(seen: Seen, warmUntil: Instant): Seen {
  return { ...SEEN_START, last: seen.last, source: seen.source, warmUntil };
}

/** Takes in one batch. `told`: it said something of errors or latency. */
export function takeIn(
  seen: Seen,
  batch: Batch,
  settings: RolloutSettings,
): { readonly seen: Seen; readonly told: boolean } {
  const counts = readCounts(batch);
  const errors =
    counts === null
      ? seen.errors
      : addTo(seen.errors, batch.ts, counts, ERRORS_WINDOW_MS, MOST_WINDOWS);
  const histogram = readHistogram(batch);
  const level = readLevel(batch);
  const counted =
    histogram === null ? seen : addHistogram(seen, batch.ts, histogram, settings.warmMs);
  const levelled = level === null ? counted : addLevel(counted, batch.ts, level.source, level.ms);
  const told = counts !== null || histogram !== null || level !== null;
  return { seen: { ...levelled, errors }, told };
}

/** A histogram in the form the statistics take. */
export function bucketsOf({ bounds, counts }: Histogram): readonly Bucket[] {
  return counts.map((count, index) => ({ bound: bounds[index] ?? Infinity, count }));
}

function addHistogram(seen: Seen, ts: Instant, histogram: Histogram, warmMs: number): Seen {
  if (seen.last === null) return { ...seen, last: histogram };
  const deltas = bucketDeltas(bucketsOf(seen.last), bucketsOf(histogram));
  // Other bounds cannot be compared, neither with the last reading nor with what was counted before.
  if (deltas === null) return { ...seen, last: histogram, histograms: [] };
  if (deltas.reset) return { ...seen, last: histogram, warmUntil: ts + warmMs };
  const next = { ...seen, last: histogram };
  if (seen.warmUntil !== null && ts < seen.warmUntil) return next;
  const fresh = deltas.buckets.map(({ count }) => Math.round(count));
  const window = seen.histograms.at(-1);
  const histograms =
    window === undefined || ts >= window.start + HISTOGRAM_WINDOW_MS
      ? [...seen.histograms, { start: ts, counts: fresh }].slice(-MOST_HISTOGRAMS)
      : [
          ...seen.histograms.slice(0, -1),
          {
            start: window.start,
            counts: window.counts.map((count, index) => count + (fresh[index] ?? 0)),
          },
        ];
  return { ...next, histograms };
}

function addLevel(seen: Seen, ts: Instant, source: string, ms: number): Seen {
  const same = seen.source === source ? seen : { ...seen, source, open: null, levels: [] };
  if (seen.warmUntil !== null && ts < seen.warmUntil) return same;
  const { open } = same;
  if (open === null) return { ...same, open: { start: ts, values: [ms] } };
  if (ts < open.start + LEVEL_WINDOW_MS)
    return { ...same, open: { ...open, values: [...open.values, ms].slice(-MOST_VALUES) } };
  const level = { start: open.start, ms: median(open.values) ?? ms };
  return {
    ...same,
    open: { start: ts, values: [ms] },
    levels: [...same.levels, level].slice(-MOST_WINDOWS),
  };
}

const ERRORS_WINDOW_MS = MINUTE_MS;
const HISTOGRAM_WINDOW_MS = 2 * MINUTE_MS;
const LEVEL_WINDOW_MS = 45 * SECOND_MS;
const MOST_WINDOWS = 60;
const MOST_HISTOGRAMS = 30;
const MOST_VALUES = 45;
