import { incompleteBeta, logBeta } from "./beta.ts";
import { demand, demandCounts, demandOpenShare } from "./demand.ts";

/** Failed requests among all: two integers are all these tests need. */
export type Counts = { readonly failed: number; readonly total: number };

/** How `shareEvidence` weighs. */
export type EvidenceOptions = {
  /** "greater": against every share up to the null share; "different": against exactly the null share. */
  readonly alternative: "greater" | "different";
  /**
   * The weight of the prior Beta(strength x null, strength x (1 - null)) in requests: small finds large changes soon, large
   * finds small ones late. 10 suits rollouts.
   */
  readonly strength: number;
  /** Counts are divided by it: 1 for independent requests, see `dispersion`. */
  readonly dispersion: number;
};

/**
 * The natural logarithm of a Bayes factor of all counts so far against the null share, which may be looked at after every
 * request: under the null it exceeds log(1/alpha) *ever* with probability alpha at most (Ville's inequality). Beta mixture
 * of Lindon and Malek, "Anytime-valid inference for multinomial count data" (arXiv 2011.03567), for two cells; "greater"
 * cuts the mixture to shares above the null, which keeps it a supermartingale for every smaller share. With the share of
 * traffic as null and the failures of two arms as counts it is that paper's test of two arms. With a dispersion above 1 the
 * guarantee is no theorem but as good as the dispersion (quasi-likelihood). Counts must be cumulative since the start of the
 * test. Throws on impossible arguments; 0 without requests.
 */
export function shareEvidence(counts: Counts, nullShare: number, options: EvidenceOptions): number {
  demandCounts(counts.failed, counts.total);
  demandOpenShare(nullShare, "nullShare");
  demand(options.strength > 0 && Number.isFinite(options.strength), "strength must be positive");
  demandDispersion(options.dispersion);
  if (counts.total === 0) return 0;
  const failed = counts.failed / options.dispersion;
  const passed = (counts.total - counts.failed) / options.dispersion;
  const a = options.strength * nullShare;
  const b = options.strength * (1 - nullShare);
  const whole =
    logBeta(a + failed, b + passed) -
    logBeta(a, b) -
    failed * Math.log(nullShare) -
    passed * Math.log1p(-nullShare);
  if (options.alternative === "different") return whole;
  const after = incompleteBeta(a + failed, b + passed, nullShare).upper;
  return whole + Math.log(after) - Math.log(incompleteBeta(a, b, nullShare).upper);
}

/** The anytime-valid p of a Bayes factor: 1 / factor, at most 1. The smallest one seen so far is valid too. */
export function anytimeP(logEvidence: number): number {
  demand(!Number.isNaN(logEvidence), "logEvidence must be a number");
  return Math.min(1, Math.exp(-logEvidence));
}

/** What `risenShare` found. */
export type RisenShare = {
  /** The largest share that "before" and the demanded rise still explain. */
  readonly nullShare: number;
  readonly logEvidence: number;
  /** True once the evidence reached log(2 / alpha): "after" is worse, beyond the demanded rise. */
  readonly risen: boolean;
};

/** What `risenShare` demands of a regression. */
export type RiseOptions = {
  /** Probability of ever saying "risen" by chance: half for the bound of "before", half for the sequential test. */
  readonly alpha: number;
  readonly dispersion: number;
  readonly strength: number;
  /** Smallest ratio after : before that counts, 1 or more. */
  readonly ratio: number;
  /** Smallest rise of the share that counts, e.g. 0.005 for half a point. */
  readonly rise: number;
};

/**
 * Whether the error share after a change exceeds the one before, looked at as often as one likes while `after` grows and
 * `before` stays. The null is the largest of: the one-sided Clopper-Pearson bound of "before" (counts divided by the
 * dispersion), its share x ratio, its share + rise. `null` when nothing was seen before, or no share could exceed the null.
 * Throws on impossible arguments.
 */
export function risenShare(before: Counts, after: Counts, options: RiseOptions): RisenShare | null {
  demandCounts(before.failed, before.total);
  demandOpenShare(options.alpha, "alpha");
  demandDispersion(options.dispersion);
  demand(options.ratio >= 1 && options.rise >= 0, "need ratio >= 1 and rise >= 0");
  if (before.total === 0) return null;
  const share = before.failed / before.total;
  const bound = upperShare(before, options.dispersion, options.alpha / 2);
  const nullShare = Math.max(bound, share * options.ratio, share + options.rise);
  if (nullShare >= 1) return null;
  const { strength, dispersion } = options;
  const logEvidence = shareEvidence(after, nullShare, {
    alternative: "greater",
    strength,
    dispersion,
  });
  return { nullShare, logEvidence, risen: logEvidence >= Math.log(2 / options.alpha) };
}

/** The share that counts this low, or lower, would reach with probability `alpha` only (Clopper-Pearson, one-sided). */
function upperShare(counts: Counts, dispersion: number, alpha: number): number {
  if (counts.failed === counts.total) return 1;
  const a = counts.failed / dispersion + 1;
  const b = (counts.total - counts.failed) / dispersion;
  let low = 0;
  let high = 1;
  for (let round = 0; round < 200 && high - low > 1e-15 * high; round += 1) {
    const middle = (low + high) / 2;
    if (incompleteBeta(a, b, middle).upper < alpha) high = middle;
    else low = middle;
  }
  return high;
}

function demandDispersion(dispersion: number): void {
  demand(dispersion >= 1 && Number.isFinite(dispersion), "dispersion must be 1 or more");
}
