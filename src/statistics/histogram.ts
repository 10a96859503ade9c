import { demand } from "./demand.ts";

/** One bucket of a Prometheus classic histogram: how many observations were at most `bound` (cumulative). */
export type Bucket = { readonly bound: number; readonly count: number };

/** An estimated quantile; `capped` says that it lies beyond the last finite bound and may be any larger value. */
export type BucketQuantile = { readonly value: number; readonly capped: boolean };

/**
 * The quantile `p` as Prometheus' `histogram_quantile` on classic buckets: linear inside the bucket, the first bucket from 0
 * (or its own bound if that is not positive), the last finite bound when the quantile falls into +Inf. Counts may be
 * fractional (rates); small decreases along the bounds are raised, as Prometheus does. `null` without observations,
 * without a finite bucket or without the +Inf bucket. Throws on bounds out of order, bad counts and p outside [0, 1].
 */
export function bucketQuantile(buckets: readonly Bucket[], p: number): BucketQuantile | null {
  demand(p >= 0 && p <= 1, "p must lie in [0, 1]");
  demandBuckets(buckets);
  const rising = raised(buckets);
  const finite = rising.slice(0, -1);
  const last = finite.at(-1);
  const total = rising.at(-1)?.count ?? 0;
  if (last === undefined || !isComplete(buckets) || total === 0) return null;
  const rank = p * total;
  const place = finite.findIndex((bucket) => bucket.count >= rank);
  const hit = finite[place];
  if (hit === undefined) return { value: last.bound, capped: true };
  const previous = finite[place - 1];
  if (previous === undefined && hit.bound <= 0) return { value: hit.bound, capped: false };
  const start = previous?.bound ?? 0;
  const before = previous?.count ?? 0;
  const inside = hit.count - before;
  const part = inside === 0 ? 0 : (rank - before) / inside;
  return { value: start + (hit.bound - start) * part, capped: false };
}

/**
 * How many observations exceeded `bound`, and how many there were: two counts, nothing interpolated, fit for a test of shares.
 * `null` when `bound` is not one of the bucket bounds, or +Inf is missing. Throws as `bucketQuantile` does.
 */
export function countAbove(
  buckets: readonly Bucket[],
  bound: number,
): { readonly above: number; readonly total: number } | null {
  demandBuckets(buckets);
  const rising = raised(buckets);
  const at = rising.find((bucket) => bucket.bound === bound);
  const total = rising.at(-1)?.count;
  if (at === undefined || total === undefined || !isComplete(buckets)) return null;
  return { above: total - at.count, total };
}

/**
 * What was observed between two readings of the same cumulative histogram. Any count that fell means that the process
 * restarted in between: then everything in `after` is new and `reset` is true, and what was observed between the first
 * reading and the restart is lost. `null` when the bounds differ, because then the readings cannot be compared.
 */
export function bucketDeltas(
  before: readonly Bucket[],
  after: readonly Bucket[],
): { readonly buckets: readonly Bucket[]; readonly reset: boolean } | null {
  demandBuckets(before);
  demandBuckets(after);
  if (before.length !== after.length) return null;
  if (after.some((bucket, index) => bucket.bound !== before[index]?.bound)) return null;
  const deltas = after.map((bucket, index) => ({
    bound: bucket.bound,
    count: bucket.count - (before[index]?.count ?? 0),
  }));
  const reset = deltas.some((delta) => delta.count < 0);
  return { buckets: reset ? after : deltas, reset };
}

function demandBuckets(buckets: readonly Bucket[]): void {
  let previous = -Infinity;
  for (const { bound, count } of buckets) {
    demand(bound > previous, "bucket bounds must be numbers in ascending order");
    demand(count >= 0 && Number.isFinite(count), "bucket counts must be finite, not negative");
    previous = bound;
  }
}

function isComplete(buckets: readonly Bucket[]): boolean {
  return buckets.at(-1)?.bound === Infinity;
}

/** Cumulative counts that never fall: buckets of one scrape may be read at slightly different moments. */
function raised(buckets: readonly Bucket[]): readonly Bucket[] {
  let most = 0;
  return buckets.map(({ bound, count }) => {
    most = Math.max(most, count);
    return { bound, count: most };
  });
}
