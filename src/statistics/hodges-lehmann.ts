import { demand, demandFinite, demandOpenShare } from "./demand.ts";
import { normalQuantile } from "./normal.ts";
import { midranks } from "./ranks.ts";

/** How far `first` lies above `second`, and an interval for it, in the unit of the samples. */
export type Shift = { readonly estimate: number; readonly lower: number; readonly upper: number };

/** Most pairs of samples that are compared; 1000 against 1000, 8 MB. */
export const MOST_PAIRS = 1_000_000;

/**
 * The Hodges-Lehmann estimate of a shift (1963), the median of all pairwise differences, and the interval that inverts the
 * Mann-Whitney test with continuity correction: R's `wilcox.test(conf.int = TRUE, exact = FALSE)`, which Kayenta judges by.
 * R looks for the ends with a root finder of tolerance 1e-4; here they are the differences at which the statistic jumps, so
 * both agree to 1e-4 only. `null` when a side is empty. Throws on NaN, above MOST_PAIRS pairs and on a bad confidence.
 */
export function hodgesLehmann(
  first: readonly number[],
  second: readonly number[],
  confidence: number,
): Shift | null {
  demandFinite(first);
  demandFinite(second);
  demandOpenShare(confidence, "confidence");
  const pairs = first.length * second.length;
  demand(pairs <= MOST_PAIRS, `a shift accepts at most ${MOST_PAIRS} pairs`);
  const differences = new Float64Array(pairs);
  for (const [i, a] of first.entries()) {
    for (const [j, b] of second.entries()) differences[i * second.length + j] = a - b;
  }
  differences.sort();
  const below = differences[Math.floor((pairs - 1) / 2)];
  const above = differences[Math.ceil((pairs - 1) / 2)];
  if (below === undefined || above === undefined) return null;
  const estimate = below + (above - below) / 2;
  const n = first.length + second.length;
  const ties = [first, second].flatMap((side) => midranks(side).groups);
  const loss = ties.reduce((sum, size) => sum + size ** 3 - size, 0) / (n * (n - 1));
  const spread = Math.sqrt(Math.max(0, (pairs / 12) * (n + 1 - loss)));
  const reach = normalQuantile((1 + confidence) / 2) * spread;
  const rank = Math.max(1, Math.ceil(pairs / 2 - 0.5 - reach));
  return {
    estimate,
    lower: differences[rank - 1] ?? estimate,
    upper: differences[pairs - rank] ?? estimate,
  };
}
