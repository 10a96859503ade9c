import { choose, LATENCY, type Metric } from "./names.ts";
import type { Page, Sample } from "./page.ts";

/** The histogram of latency, by its buckets. Of several the one with the finest buckets: a quantile is as exact as they are. */
export function latencyOf(page: Page, written: string | undefined): Metric | null {
  const names = written === undefined ? LATENCY : [written];
  const found = names.flatMap((name) => choose(page, [name], "_bucket") ?? []);
  const finest = Math.max(...found.map(boundsOf));
  return found.find((metric) => boundsOf(metric) === finest) ?? null;
}

/**
 * Cumulative counts by upper bound in ms, over all series that count; zeros when none of them does, empty when nothing was
 * observed yet. `null` when they are no histogram.
 */
export function bucketsOf(
  { name, samples }: Metric,
  counts: (sample: Sample) => boolean,
): ReadonlyMap<number, number> | null {
  const factor = /_(?:ms|milliseconds)_bucket$/.test(name) ? 1 : 1_000;
  const sums = new Map<number, { count: number; series: number }>();
  for (const sample of samples) {
    const bound = boundOf(sample, factor);
    if (bound === null || !Number.isFinite(sample.value) || sample.value < 0) return null;
    const { count, series } = sums.get(bound) ?? { count: 0, series: 0 };
    sums.set(bound, { count: count + (counts(sample) ? sample.value : 0), series: series + 1 });
  }
  const all = sums.get(Infinity)?.series ?? 0;
  // A bound that only some of the series have would count only their requests.
  const shared = [...sums].filter(([, { series }]) => series === all);
  if (samples.length > 0 && shared.length < 2) return null;
  return new Map(
    shared.map(([bound, { count }]) => [bound, count] as const).sort(([a], [b]) => a - b),
  );
}

function boundOf({ labels }: Sample, factor: number): number | null {
  const written = labels.get("le") ?? "";
  if (/^\+?inf(?:inity)?$/i.test(written)) return Infinity;
  const bound = Number(written);
  // 0.075 s are 75 ms, whatever binary fractions make of it.
  return written === "" || !Number.isFinite(bound)
    ? null
    : Number((bound * factor).toPrecision(12));
}

function boundsOf({ samples }: Metric): number {
  return new Set(samples.map(({ labels }) => labels.get("le"))).size;
}
