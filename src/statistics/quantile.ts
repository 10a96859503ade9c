import { binomialCdf } from "./binomial.ts";
import { demand, demandFinite, demandOpenShare } from "./demand.ts";

/**
 * The sample quantile of Hyndman and Fan's type 7 (R's and numpy's default): linear between the two order statistics around
 * 1 + (n - 1) p. `p` in [0, 1], result in the unit of the samples. `null` without samples. Throws on NaN and infinities.
 */
export function quantile(samples: readonly number[], p: number): number | null {
  demand(p >= 0 && p <= 1, "p must lie in [0, 1]");
  if (samples.length === 0) return null;
  const place = (samples.length - 1) * p;
  const rank = Math.floor(place);
  // Only two of them are asked for: to sort them all takes several times as long, and detectors do this at every turn.
  const values = copied(samples);
  const below = select(values, rank, samples.length - 1);
  if (place === rank) return below;
  let above = Infinity;
  for (let index = rank + 1; index < samples.length; index += 1)
    above = Math.min(above, values[index] ?? above);
  return below + (place - rank) * (above - below);
}

/** One place to work in for all, because making one takes longer than the work. */
let desk = new Float64Array(256);

function copied(samples: readonly number[]): Float64Array {
  if (samples.length > desk.length) desk = new Float64Array(2 * samples.length);
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index] ?? Number.NaN;
    demand(Number.isFinite(sample), "every sample must be a finite number");
    // Minus zero is like zero, wherever it stands.
    desk[index] = sample + 0;
  }
  return desk;
}

/** The value of this rank, from 0; no greater one is before it afterwards and no smaller one behind (Hoare 1961, "Find"). */
function select(values: Float64Array, rank: number, last: number): number {
  let low = 0;
  let high = last;
  while (low < high) {
    const pivot = middleOf(values[low] ?? 0, values[(low + high) >> 1] ?? 0, values[high] ?? 0);
    let up = low;
    let down = high;
    while (up <= down) {
      while ((values[up] ?? pivot) < pivot) up += 1;
      while ((values[down] ?? pivot) > pivot) down -= 1;
      if (up > down) break;
      const value = values[up] ?? pivot;
      values[up] = values[down] ?? pivot;
      values[down] = value;
      up += 1;
      down -= 1;
    }
    // Between the two lie only values like the pivot.
    if (rank <= down) high = down;
    else if (rank >= up) low = up;
    else break;
  }
  return values[rank] ?? 0;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
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
