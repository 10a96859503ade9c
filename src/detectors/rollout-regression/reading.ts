import type { Counts } from "../../statistics/sequential.ts";
import type { Batch } from "../batch.ts";

/** Where a level of latency can come from when there are no buckets, the best first. */
export const LEVELS = [
  "latency_p95_ms",
  "latency_p90_ms",
  "latency_p99_ms",
  "latency_mean_ms",
  "latency_p50_ms",
] as const;

/** Cumulative counts; the last one, of +Inf, has no bound here, because JSON has no infinity. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** Failed requests among all, as two integers; `null` when one of them is not known. A ratio without requests is none. */
export function readCounts({ values }: Batch): Counts | null {
  const requests = values["requests"];
  if (!isSound(requests)) return null;
  const ratio = values["error_ratio"];
  const counted = values["failed"];
  const failed = isSound(counted) ? counted : isSound(ratio) ? ratio * requests : null;
  if (failed === null || failed > requests) return null;
  return { failed: Math.round(failed), total: Math.round(requests) };
}

/** The batch's buckets if they are a cumulative histogram, with at most 24 of its bounds. */
export function readHistogram(batch: Batch): Histogram | null {
  const all = batch.buckets ?? [];
  const isRising = all.every(({ le }, index) => index === 0 || le > (all[index - 1]?.le ?? le));
  const last = all.at(-1);
  if (all.length < 2 || last?.le !== Infinity || !isRising) return null;
  if (!all.every(({ count }) => isSound(count))) return null;
  const finite = all.slice(0, -1);
  const step = Math.ceil(finite.length / MOST_BOUNDS);
  const kept = finite.filter((_, index) => (finite.length - 1 - index) % step === 0);
  return {
    bounds: kept.map(({ le }) => le),
    counts: [...kept, last].map(({ count }) => count),
  };
}

/** The best level of latency the batch tells, in ms. */
export function readLevel({
  values,
}: Batch): { readonly source: string; readonly ms: number } | null {
  for (const source of LEVELS) {
    const ms = values[source];
    // A quantile of no requests is no quantile.
    if (isSound(ms) && values["requests"] !== 0) return { source, ms };
  }
  return null;
}

function isSound(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

const MOST_BOUNDS = 24;
