import type { Instant } from "../../domain/time.ts";
import { bucketDeltas, bucketQuantile, type Bucket } from "../../statistics/histogram.ts";
import { median } from "../../statistics/quantile.ts";
import type { Batch } from "../batch.ts";
import type { LatencyShiftSettings } from "./settings.ts";

/** Where a latency can come from, the best first: what was counted, then what was calculated from the most requests. */
export const SOURCES = [
  "latency_bucket",
  "latency_p95_ms",
  "latency_p90_ms",
  "latency_p99_ms",
  "latency_mean_ms",
  "latency_p50_ms",
] as const;

export type Source = (typeof SOURCES)[number];

/** Counts of a cumulative histogram; the last one, of +Inf, has no bound here, because JSON has no infinity. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** The last cumulative reading and what was counted since the last p95. */
export interface Pool {
  readonly last: Histogram;
  readonly since: Instant;
  readonly counted: readonly number[] | null;
}

export type Reading =
  | {
      readonly kind: "value";
      readonly ms: number;
      readonly requests: number | null;
      readonly histogram: Histogram | null;
    }
  /** Looked, and there was too little traffic (or too few looks) for a quantile. */
  | { readonly kind: "few"; readonly requests: number | null }
  | { readonly kind: "restart" }
  /** One more value of a point that is not yet full. */
  | { readonly kind: "held" }
  /** Looked and got nothing, or nothing that can be read. */
  | { readonly kind: "nothing" };

/** The source to read this batch by; `null` when the batch says nothing about the one in use. */
export function sourceOf(
  batch: Batch,
  inUse: Source | null,
  inUseIsOverdue: boolean,
): Source | null {
  const best = SOURCES.find((source) => isTold(batch, source)) ?? null;
  if (inUse === null) return best ?? SOURCES.find((source) => source in batch.values) ?? null;
  if (best !== null && (inUseIsOverdue || SOURCES.indexOf(best) < SOURCES.indexOf(inUse)))
    return best;
  return isTold(batch, inUse) || inUse in batch.values ? inUse : null;
}

/** A latency as somebody else calculated it, if there were enough requests for it. */
export function readValue(batch: Batch, source: Source, settings: LatencyShiftSettings): Reading {
  const ms = batch.values[source];
  const requests = batch.values["requests"];
  const fewest = settings.minRequests * (source === "latency_p99_ms" ? 5 : 1);
  if (requests === null) return { kind: "nothing" };
  if (requests !== undefined && requests < fewest) return { kind: "few", requests };
  if (typeof ms !== "number" || !isSound(ms)) return { kind: "nothing" };
  return { kind: "value", ms, requests: requests ?? null, histogram: null };
}

/** The median of the values of one point, when it is full. */
export function gather(
  reading: Reading,
  ts: Instant,
  { held, pointed }: { readonly held: readonly number[]; readonly pointed: Instant | null },
  settings: LatencyShiftSettings,
): { readonly reading: Reading; readonly held: readonly number[] } {
  if (reading.kind !== "value") return { reading, held };
  const isFull = pointed === null || ts - pointed >= NEARLY * settings.pointMs;
  const all = held.length >= MOST_HELD ? held : [...held, reading.ms];
  if (!isFull) return { reading: { kind: "held" }, held: all };
  return { reading: { ...reading, ms: median(all) ?? reading.ms }, held: [] };
}

/** The p95 of what was counted since the last one; small counts are put together for a while. */
export function readBuckets(
  batch: Batch,
  pool: Pool | null,
  settings: LatencyShiftSettings,
): { readonly reading: Reading; readonly pool: Pool | null } {
  const last = histogramOf(batch);
  if (last === null) return { reading: { kind: "nothing" }, pool };
  const fresh = { last, since: batch.ts, counted: null };
  if (pool === null) return { reading: { kind: "few", requests: null }, pool: fresh };
  const deltas = bucketDeltas(bucketsOf(pool.last), bucketsOf(last));
  if (deltas === null || deltas.reset) return { reading: { kind: "restart" }, pool: fresh };
  const counts = deltas.buckets.map(({ count }, index) => count + (pool.counted?.[index] ?? 0));
  const histogram = { bounds: last.bounds, counts };
  const requests = counts.at(-1) ?? 0;
  if (requests >= settings.minRequests && batch.ts - pool.since < NEARLY * settings.pointMs)
    return { reading: { kind: "held" }, pool: { last, since: pool.since, counted: counts } };
  if (requests < settings.minRequests) {
    const isOld = batch.ts - pool.since >= settings.poolMs;
    const kept = isOld ? fresh : { last, since: pool.since, counted: counts };
    return { reading: { kind: "few", requests }, pool: kept };
  }
  const p95 = bucketQuantile(bucketsOf(histogram), 0.95);
  if (p95 === null) return { reading: { kind: "nothing" }, pool: fresh };
  return { reading: { kind: "value", ms: p95.value, requests, histogram }, pool: fresh };
}

/** How many requests took longer than the bound at this place. */
export function above(
  histogram: Histogram,
  place: number,
): { readonly count: number; readonly total: number } {
  const total = histogram.counts.at(-1) ?? 0;
  return { count: Math.max(0, total - (histogram.counts[place] ?? total)), total };
}

function isTold(batch: Batch, source: Source): boolean {
  if (source === "latency_bucket") return histogramOf(batch) !== null;
  const value = batch.values[source];
  return typeof value === "number" && isSound(value);
}

/** The batch's buckets if they are a histogram, with at most MOST_BOUNDS of its bounds. */
function histogramOf(batch: Batch): Histogram | null {
  const all = batch.buckets ?? [];
  const isRising = all.every(({ le }, index) => index === 0 || le > (all[index - 1]?.le ?? le));
  if (all.length < 2 || all.at(-1)?.le !== Infinity || !isRising) return null;
  if (!all.every(({ count }) => isSound(count))) return null;
  const step = Math.ceil((all.length - 1) / MOST_BOUNDS);
  const kept = all.filter((_, index) => (all.length - 2 - index) % step === 0);
  const finite = kept.filter(({ le }) => le !== Infinity);
  return {
    bounds: finite.map(({ le }) => le),
    counts: [...finite, ...all.slice(-1)].map(({ count }) => count),
  };
}

/** The same with the bound of the last one. */
export function bucketsOf({ bounds, counts }: Histogram): readonly Bucket[] {
  return counts.map((count, index) => ({ bound: bounds[index] ?? Infinity, count }));
}

function isSound(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

const MOST_BOUNDS = 40;
const MOST_HELD = 30;
/** Looks are not always on time. */
const NEARLY = 0.9;
