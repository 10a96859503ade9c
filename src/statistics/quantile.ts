import { binomialCdf } from "./binomial.ts";
import { demand, demandFinite, demandOpenShare } from "./demand.ts";

/**
 * The sample quantile of Hyndman and Fan's type 7 (R's and numpy's default): linear between the two order statistics around
 * 1 + (n - 1) p. `p` in [0, 1], result in the unit of the samples. `null` without samples. Throws on NaN and infinities.
 */
export function quantile(samples: readonly number[], p: number): number | null {
  demandFinite(samples);
  // Typed arrays sort numbers without a comparison function, several times faster.
  return quantileOfSorted(Float64Array.from(samples).sort(), p);
}

/** The same of samples in ascending order, for those who ask for several. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number | null {
  demand(p >= 0 && p <= 1, "p must lie in [0, 1]");
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return null;
  return below + (place - Math.floor(place)) * (above - below);
}

/** The middle sample, or the mean of the two middle ones. `null` without samples. */
export function median(samples: readonly number[]): number | null {
  return quantile(samples, 0.5);
}

/** Two samples that enclose a quantile, and the probability with which samples at these ranks do. */
export type QuantileInterval = {
  readonly lower: number;
  readonly upper: number;
  readonly lowerRank: number;
  readonly upperRank: number;
  readonly coverage: number;
};

/**
 * An interval for the quantile `p` without any assumption on the law: the order statistics l and u with
 * P(l <= X < u) >= confidence for X binomial(n, p), each tail at most half of the rest (Conover, "Practical Nonparametric
 * Statistics", 3.2). `null` when there are too few samples for both ends: a p95 at 95 % needs 72, a p99 needs 368.
 */
export function quantileInterval(
  samples: readonly number[],
  p: number,
  confidence: number,
): QuantileInterval | null {
  demandOpenShare(p, "p");
  demandOpenShare(confidence, "confidence");
  demandFinite(samples);
  const sorted = [...samples].sort((a, b) => a - b);
  const n = sorted.length;
  const tail = (1 - confidence) / 2;
  const belowRank = (rank: number): number => binomialCdf(rank - 1, n, p);
  const lowerRank = lastRank(n, (rank) => belowRank(rank) <= tail);
  const upperRank = lastRank(n, (rank) => belowRank(rank) < 1 - tail) + 1;
  const lower = sorted[lowerRank - 1];
  const upper = sorted[upperRank - 1];
  if (lower === undefined || upper === undefined) return null;
  const coverage = belowRank(upperRank) - belowRank(lowerRank);
  return { lower, upper, lowerRank, upperRank, coverage };
}

/** The largest rank in 1..n for which a condition that turns false once still holds; 0 if none. */
function lastRank(n: number, holds: (rank: number) => boolean): number {
  let low = 0;
  let high = n + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
