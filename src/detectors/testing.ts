import type { Instant } from "../domain/time.ts";

/** For tests only: seeded series, so that a failing run can be run again. */
export type Random = () => number;

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32, Tommy Ettinger): the same seed, the same series. */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One draw of the normal law (Box and Muller). */
export function normal(random: Random, mean = 0, deviation = 1): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return mean + deviation * radius * Math.cos(2 * Math.PI * random());
}

/** One Poisson count: Knuth's product up to a mean of 30, the rounded normal law above. */
export function poisson(random: Random, lambda: number): number {
  if (lambda > 30) return Math.max(0, Math.round(normal(random, lambda, Math.sqrt(lambda))));
  const limit = Math.exp(-lambda);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** A binomial count: exact by single draws up to 50 trials, then Poisson or normal, whichever fits. */
export function binomial(random: Random, trials: number, share: number): number {
  if (trials <= 50) {
    let count = 0;
    for (let trial = 0; trial < trials; trial += 1) if (random() < share) count += 1;
    return count;
  }
  if (share < 0.05) return Math.min(trials, poisson(random, trials * share));
  const deviation = Math.sqrt(trials * share * (1 - share));
  return Math.min(trials, Math.max(0, Math.round(normal(random, trials * share, deviation))));
}

/** A smooth day: `low` at 03:00 UTC, `high` at 15:00 UTC, the geometric mean in between. */
export function dailyRhythm(ts: Instant, low: number, high: number): number {
  const phase = Math.cos((2 * Math.PI * (ts - 15 * 3_600_000)) / 86_400_000);
  return Math.sqrt(low * high) * Math.pow(high / low, phase / 2);
}
