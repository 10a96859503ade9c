import { demand } from "./demand.ts";

/**
 * The natural logarithm of the gamma function for x > 0, relative error about 1e-15 (absolute near the zeros 1 and 2).
 * Stirling's series (Abramowitz and Stegun 6.1.41) above 15, the recurrence 6.1.15 below. Throws for x <= 0.
 */
export function logGamma(x: number): number {
  demand(x > 0 && Number.isFinite(x), "logGamma needs a positive finite argument");
  if (x === 1 || x === 2) return 0;
  let product = 1;
  let shifted = x;
  while (shifted < 15) {
    product *= shifted;
    shifted += 1;
  }
  const series = (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI;
  return series + stirlingTail(shifted) - Math.log(product);
}

/**
 * log(x!) minus Stirling's formula, log(sqrt(2 pi x)) + x log x - x, for any x > 0: the part that is small and must not be
 * found by subtracting large logarithms. C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
export function stirlingError(x: number): number {
  if (x >= 15) return stirlingTail(x);
  return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI;
}

/** x log(x/mean) + mean - x without cancellation when x is close to the mean (Loader's D0). Needs x > 0, mean > 0. */
export function deviance(x: number, mean: number): number {
  const gap = x - mean;
  if (Math.abs(gap) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = gap / (x + mean);
  let sum = gap * v;
  let term = 2 * x * v;
  for (let odd = 3; odd < 1000; odd += 2) {
    term *= v * v;
    const next = sum + term / odd;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** log of Gamma(x + 1) around large x: 1/(12x) - 1/(360x^3) + ... , eight terms, exact to 1e-17 from x = 15 on. */
function stirlingTail(x: number): number {
  const inverse = 1 / (x * x);
  return TAIL.reduceRight((sum, coefficient) => sum * inverse + coefficient, 0) / x;
}

const HALF_LOG_TWO_PI = Math.log(2 * Math.PI) / 2;
const TAIL = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
];
