import { demand, demandOpenShare } from "./demand.ts";
import { deviance, stirlingError } from "./gamma.ts";

/** P(X = k) of a Poisson count with this mean, by Loader's saddle point (2000). Throws on impossible arguments. */
export function poissonProbability(k: number, mean: number): number {
  demandPoisson(k, mean);
  if (mean === 0) return k === 0 ? 1 : 0;
  if (k === 0) return Math.exp(-mean);
  return Math.exp(-stirlingError(k) - deviance(k, mean)) / Math.sqrt(2 * Math.PI * k);
}

/** P(X <= k). The smaller tail is summed outwards from its largest term, so neither tail loses digits. */
export function poissonCdf(k: number, mean: number): number {
  demandPoisson(k, mean);
  return k < mean ? downwards(k, mean) : 1 - upwards(k + 1, mean);
}

/** P(X >= k): how probable at least this many events are by chance. */
export function poissonAtLeast(k: number, mean: number): number {
  demandPoisson(k, mean);
  if (k === 0) return 1;
  return k > mean ? upwards(k, mean) : 1 - downwards(k - 1, mean);
}

/**
 * The exact (Garwood 1936) interval of the mean behind an observed count: never covers less than `confidence`. Both ends are
 * counts for the same exposure. Throws on impossible arguments.
 */
export function poissonBounds(
  count: number,
  confidence: number,
): { readonly lower: number; readonly upper: number } {
  demandPoisson(count, 0);
  demandOpenShare(confidence, "confidence");
  const tail = (1 - confidence) / 2;
  const most = count + 20 + 60 * Math.sqrt(count + 1) - 20 * Math.log(tail);
  return {
    lower: count === 0 ? 0 : crossing(count, (mean) => poissonAtLeast(count, mean) > tail),
    upper: crossing(most, (mean) => poissonCdf(count, mean) < tail),
  };
}

function demandPoisson(k: number, mean: number): void {
  demand(Number.isSafeInteger(k) && k >= 0, "a Poisson count must be a whole number, not negative");
  demand(mean >= 0 && Number.isFinite(mean), "a Poisson mean must be finite, not negative");
}

/** The sum over k, k-1, ... for k below the mean: the terms shrink by k/mean and less. */
function downwards(k: number, mean: number): number {
  let term = poissonProbability(k, mean);
  let sum = 0;
  for (let i = k; i >= 0 && term > sum * 1e-18; i -= 1) {
    sum += term;
    term *= i / mean;
  }
  return Math.min(1, sum);
}

/** The sum over k, k+1, ... for k above the mean. */
function upwards(k: number, mean: number): number {
  let term = poissonProbability(k, mean);
  let sum = 0;
  for (let i = k; term > sum * 1e-18; i += 1) {
    sum += term;
    term *= mean / (i + 1);
  }
  return Math.min(1, sum);
}

/** Where a monotone condition on (0, most) turns true, by bisection. */
function crossing(most: number, holds: (mean: number) => boolean): number {
  let low = 0;
  let high = most;
  for (let round = 0; round < 200 && high - low > 1e-15 * high; round += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
