import { demand, demandFinite, demandOpenShare } from "./demand.ts";
import { normalQuantile } from "./normal.ts";
import { median } from "./quantile.ts";
import { midranks } from "./ranks.ts";

/** Most points a pairwise estimate accepts; it holds n(n-1)/2 slopes, 16 MB at this bound. */
export const MOST_POINTS = 2_000;

/** A robust line: `y = intercept + slope x`, and an interval for the slope. Slopes are in units of y per unit of x. */
export type TheilSenLine = {
  readonly slope: number;
  readonly intercept: number;
  readonly lower: number;
  readonly upper: number;
};

/**
 * The median of all pairwise slopes (Theil 1950, Sen 1968) with Sen's interval from the tie-corrected variance of Kendall's S,
 * as scipy 1.17 `theilslopes`; intercept = median(y) - slope x median(x) (Conover 1980). `null` when fewer than two
 * different x are given. Throws on NaN, on unequal lengths and above MOST_POINTS points.
 */
export function theilSen(
  xs: readonly number[],
  ys: readonly number[],
  confidence: number,
): TheilSenLine | null {
  demand(xs.length === ys.length, "theilSen needs as many x as y");
  demandOpenShare(confidence, "confidence");
  const slopes = pairSlopes(xs, ys);
  const slope = middle(slopes);
  const middleX = median(xs);
  const middleY = median(ys);
  if (slope === null || middleX === null || middleY === null) return null;
  const n = xs.length;
  const variance = (fullVariance(n) - tieVariance(xs) - tieVariance(ys)) / 18;
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(Math.max(0, variance));
  const last = slopes.length - 1;
  const high = Math.min(Math.round((slopes.length + reach) / 2), last);
  const low = Math.max(Math.round((slopes.length - reach) / 2) - 1, 0);
  return {
    slope,
    intercept: middleY - slope * middleX,
    lower: slopes[low] ?? slope,
    upper: slopes[high] ?? slope,
  };
}

/**
 * Sen's slope of an evenly spaced series, in units per step. `null` entries are gaps: they keep their place in time. `null`
 * when fewer than two values are there. Throws on NaN and above MOST_POINTS values.
 */
export function senSlope(series: readonly (number | null)[]): number | null {
  const places: number[] = [];
  const values: number[] = [];
  for (const [place, value] of series.entries()) {
    if (value === null) continue;
    places.push(place);
    values.push(value);
  }
  return middle(pairSlopes(places, values));
}

/** The slopes of all pairs with different x, ascending. */
function pairSlopes(xs: readonly number[], ys: readonly number[]): Float64Array {
  demand(xs.length <= MOST_POINTS, `a pairwise estimate accepts at most ${MOST_POINTS} points`);
  demandFinite(xs);
  demandFinite(ys);
  const slopes = new Float64Array((xs.length * (xs.length - 1)) / 2);
  let count = 0;
  for (const [i, x] of xs.entries()) {
    const y = ys[i] ?? 0;
    for (let j = 0; j < i; j += 1) {
      const run = x - (xs[j] ?? 0);
      if (run === 0) continue;
      slopes[count] = (y - (ys[j] ?? 0)) / run;
      count += 1;
    }
  }
  return slopes.subarray(0, count).sort();
}

function middle(sorted: Float64Array): number | null {
  const below = sorted[Math.floor((sorted.length - 1) / 2)];
  const above = sorted[Math.ceil((sorted.length - 1) / 2)];
  return below === undefined || above === undefined ? null : (below + above) / 2;
}

function tieVariance(values: readonly number[]): number {
  return midranks(values).groups.reduce((sum, size) => sum + fullVariance(size), 0);
}

function fullVariance(n: number): number {
  return n * (n - 1) * (2 * n + 5);
}
