import { incompleteBeta, logDensity } from "./beta.ts";
import { demand, demandCounts, demandOpenShare } from "./demand.ts";
import { normalQuantile } from "./normal.ts";

/** A two-sided bound of a share; both ends lie in [0, 1]. */
export type ShareBounds = { readonly lower: number; readonly upper: number };

/** P(X = k) of a binomial count, by Loader's saddle point (2000). Throws when the counts or the share are impossible. */
export function binomialProbability(k: number, n: number, share: number): number {
  demandCounts(k, n);
  demand(share >= 0 && share <= 1, "share must lie in [0, 1]");
  if (share === 0 || share === 1) return k === n * share ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-share));
  if (k === n) return Math.exp(n * Math.log(share));
  return Math.exp(logDensity(k, n - k, share, 1 - share));
}

/** P(X <= k), by the incomplete beta function (Abramowitz and Stegun 26.5.24); exact in the far tail too. */
export function binomialCdf(k: number, n: number, share: number): number {
  demandCounts(k, n);
  return k === n ? 1 : incompleteBeta(k + 1, n - k, share).upper;
}

/** P(X >= k): how probable at least this many failures are by chance. Exact in the far tail too. */
export function binomialAtLeast(k: number, n: number, share: number): number {
  demandCounts(k, n);
  return k === 0 ? 1 : incompleteBeta(k, n - k + 1, share).lower;
}

/**
 * The Clopper-Pearson (1934) interval of a share: never covers less than `confidence`, usually more. Counts are requests,
 * the result is a share. `null` without any request. Throws when counts or confidence are impossible.
 */
export function clopperPearson(
  failed: number,
  total: number,
  confidence: number,
): ShareBounds | null {
  demandCounts(failed, total);
  demandOpenShare(confidence, "confidence");
  if (total === 0) return null;
  const tail = (1 - confidence) / 2;
  return {
    lower: failed === 0 ? 0 : crossing((share) => binomialAtLeast(failed, total, share) > tail),
    upper: failed === total ? 1 : crossing((share) => binomialCdf(failed, total, share) < tail),
  };
}

/**
 * The Wilson (1927) score interval of a share: closed, right on average, also for zero failures. Accepts fractional
 * counts, so that over-dispersed ones can be divided by their dispersion first. `null` when total is 0.
 */
export function wilson(failed: number, total: number, confidence: number): ShareBounds | null {
  demand(failed >= 0 && failed <= total && Number.isFinite(total), "need 0 <= failed <= total");
  demandOpenShare(confidence, "confidence");
  if (total === 0) return null;
  const z = normalQuantile((1 + confidence) / 2);
  const share = failed / total;
  const weight = (z * z) / total;
  const centre = (share + weight / 2) / (1 + weight);
  const half = (z / (1 + weight)) * Math.sqrt((share * (1 - share) + weight / 4) / total);
  return {
    lower: failed === 0 ? 0 : Math.max(0, centre - half),
    upper: failed === total ? 1 : Math.min(1, centre + half),
  };
}

/** Where a monotone condition on (0, 1) turns true, by bisection down to the last digits of the share. */
function crossing(holds: (share: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let round = 0; round < 200 && high - low > 1e-15 * high; round += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
