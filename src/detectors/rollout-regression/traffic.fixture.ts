import { MINUTE_MS, type Instant, type Millis } from "../../domain/time.ts";
import type { Batch } from "../batch.ts";
import { binomial, dailyRhythm, mulberry32, normal, poisson } from "../testing.ts";

/** How the service of a test behaves; everything is drawn from the seed. */
export interface Traffic {
  readonly seed: number;
  readonly forMs: Millis;
  readonly everyMs: Millis;
  /** Mean requests a second, with a day that swings by this factor between night and afternoon. */
  readonly perSecond: number;
  readonly swing?: number;
  readonly releases: readonly { readonly ts: Instant; readonly id: string }[];
  /** Share of failed requests in a moment. */
  readonly failing: (ts: Instant) => number;
  /** Factor on every latency in a moment. */
  readonly slower?: (ts: Instant) => number;
  /** How latency is told: cumulative buckets or a p95 per batch; not at all by default. */
  readonly latency?: "buckets" | "p95";
}

/** Seeded batches of errors and latency; requests take 60 ms in the middle, log-normal with a scatter of 0.6. */
export function traffic(given: Traffic): Batch[] {
  const random = mulberry32(given.seed);
  const cumulative = BOUNDS.map(() => 0);
  const releases = [...given.releases];
  const batches: Batch[] = [];
  for (let ts = given.everyMs; ts <= given.forMs; ts += given.everyMs) {
    const swing = given.swing ?? 1;
    const perSecond = given.perSecond * dailyRhythm(ts, 1 / swing, swing);
    const requests = poisson(random, (perSecond * given.everyMs) / 1_000);
    const failed = binomial(random, requests, given.failing(ts));
    const slower = given.slower?.(ts) ?? 1;
    const times = Array.from({ length: given.latency === undefined ? 0 : requests }, () =>
      Math.exp(normal(random, Math.log(60 * slower), 0.6)),
    ).sort((a, b) => a - b);
    for (const time of times)
      for (const [index, bound] of BOUNDS.entries())
        if (time <= bound) cumulative[index] = (cumulative[index] ?? 0) + 1;
    const p95 = times[Math.ceil(times.length * 0.95) - 1] ?? null;
    const isReleased = releases[0] !== undefined && releases[0].ts <= ts;
    const release = isReleased ? releases.shift() : undefined;
    batches.push({
      ts,
      values: {
        failed,
        requests,
        ...(given.latency === "p95" ? { latency_p95_ms: p95 } : {}),
      },
      ...(given.latency === "buckets"
        ? { buckets: BOUNDS.map((le, index) => ({ le, count: cumulative[index] ?? 0 })) }
        : {}),
      ...(release === undefined ? {} : { deployment: release.id }),
    });
  }
  return batches;
}

/** A share that is usually `base` and now and then, drawn from the seed, `burst` for some minutes. */
export function bursty(
  seed: number,
  forMs: Millis,
  base: number,
  burst: number,
): (ts: Instant) => number {
  const random = mulberry32(seed);
  const minutes = new Uint8Array(Math.ceil(forMs / MINUTE_MS) + 10);
  for (let minute = 0; minute < minutes.length; minute += 1) {
    if (random() > 1 / 240) continue;
    minutes.fill(1, minute, minute + 1 + Math.floor(random() * 3));
  }
  return (ts) => (minutes[Math.floor(ts / MINUTE_MS)] === 1 ? burst : base);
}

/** The default bounds of many exporters, in ms. */
const BOUNDS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, Infinity];
