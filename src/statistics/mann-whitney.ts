import { demandFinite } from "./demand.ts";
import { normalSurvival } from "./normal.ts";
import { midranks } from "./ranks.ts";

/** The result of a Mann-Whitney test of `first` against `second`. */
export type MannWhitney = {
  /** Pairs in which the first sample is larger, ties counting half: 0 ... n1 n2. */
  readonly u: number;
  /** P(first > second) + P(equal) / 2: the common-language effect size, 0.5 when nothing moved. */
  readonly effect: number;
  /** The standardised distance of U from its mean, with continuity correction; positive when `first` is larger. */
  readonly z: number;
  /** Two-sided p by the normal approximation. */
  readonly p: number;
};

/**
 * The Mann-Whitney U test (Mann and Whitney 1947), two-sided, normal approximation with the tie correction of the variance
 * and the continuity correction, as scipy 1.17 `mannwhitneyu(method="asymptotic")`. The approximation wants 8 or more values
 * a side: three window values can never reach p < .001. `null` when a side is empty; p = 1 when all values are equal.
 * Throws on NaN and infinities.
 */
export function mannWhitney(
  first: readonly number[],
  second: readonly number[],
): MannWhitney | null {
  demandFinite(first);
  demandFinite(second);
  const n1 = first.length;
  const n2 = second.length;
  if (n1 === 0 || n2 === 0) return null;
  const n = n1 + n2;
  const { ranks, groups } = midranks([...first, ...second]);
  const rankSum = ranks.subarray(0, n1).reduce((sum, rank) => sum + rank, 0);
  const u = rankSum - (n1 * (n1 + 1)) / 2;
  const ties = groups.reduce((sum, size) => sum + size ** 3 - size, 0);
  const spread = Math.sqrt(((n1 * n2) / 12) * (n + 1 - ties / (n * (n - 1))));
  const gap = u - (n1 * n2) / 2;
  // The correction covers a gap up to one half, which is also all there is when every value is equal and the spread is 0.
  const z = Math.abs(gap) <= 0.5 ? 0 : (gap - Math.sign(gap) / 2) / spread;
  return { u, effect: u / (n1 * n2), z, p: Math.min(1, 2 * normalSurvival(Math.abs(z))) };
}
