import { normal, type Random } from "../../src/detectors/testing.ts";
import type { Bucket, Values } from "../../src/domain/observation.ts";
import { median, quantile } from "../../src/statistics/quantile.ts";
import type { Latency, Tells } from "./system.ts";

/** Bounds in ms as instrumentations ship them. */
const BOUNDS = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];
/** Of more requests than this only so many are drawn: their quantiles then scatter more than they would, never less. */
const DRAWN_MOST = 1_200;

/** How long each of these requests took, in ms: log-normal, some of them much longer. */
export function drawTimes(
  random: Random,
  requests: number,
  medianMs: number,
  { spread, tail }: Latency,
): readonly number[] {
  return Array.from({ length: Math.min(requests, DRAWN_MOST) }, () => {
    const ms = medianMs * Math.exp(normal(random, 0, spread));
    return tail !== undefined && random() < tail.share ? ms * tail.factor : ms;
  });
}

/** Mean of one request in ms, by the law of `drawTimes`. */
export function meanOf(medianMs: number, { spread, tail }: Latency): number {
  const body = medianMs * Math.exp((spread * spread) / 2);
  return tail === undefined ? body : body * (1 + tail.share * (tail.factor - 1));
}

/** These times as this system tells them; `null` of no request is what an instrumentation gives. */
export function toldTimes(times: readonly number[], tells: Tells["latency"]): Values {
  if (tells === "buckets") return {};
  if (tells === "p50, p90, p99")
    return {
      latency_p50_ms: median(times),
      latency_p90_ms: quantile(times, 0.9),
      latency_p99_ms: quantile(times, 0.99),
    };
  if (tells === "mean") {
    const sum = times.reduce((total, ms) => total + ms, 0);
    return { latency_mean_ms: times.length === 0 ? null : sum / times.length };
  }
  if (tells === "p99") return { latency_p99_ms: quantile(times, 0.99) };
  return tells === "p95"
    ? { latency_p95_ms: quantile(times, 0.95) }
    : { latency_p50_ms: median(times) };
}

/** Counts them into a cumulative histogram, as the process behind it would. */
export function createHistogram(): {
  add(times: readonly number[], requests: number): void;
  restart(): void;
  read(): readonly Bucket[];
} {
  let counts = [...BOUNDS, Infinity].map(() => 0);
  return {
    add: (times, requests) => {
      if (times.length === 0) return;
      const weight = requests / times.length;
      const fresh = [...BOUNDS, Infinity].map(() => 0);
      for (const ms of times) {
        const place = BOUNDS.findIndex((bound) => ms <= bound);
        const at = place < 0 ? BOUNDS.length : place;
        fresh[at] = (fresh[at] ?? 0) + weight;
      }
      let sum = 0;
      counts = counts.map((count, place) => {
        sum += fresh[place] ?? 0;
        return count + Math.round(sum);
      });
    },
    restart: () => {
      counts = counts.map(() => 0);
    },
    read: () => counts.map((count, place) => ({ le: BOUNDS[place] ?? Infinity, count })),
  };
}
