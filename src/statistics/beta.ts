import { demand } from "./demand.ts";
import { deviance, logGamma, stirlingError } from "./gamma.ts";

/** log B(a, b) = log of Gamma(a) Gamma(b) / Gamma(a + b), for a, b > 0. Throws otherwise. */
export function logBeta(a: number, b: number): number {
  demand(a > 0 && b > 0, "logBeta needs positive arguments");
  if (Math.min(a, b) < 1) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const share = a / (a + b);
  // B(a,b) = (a+b)/(a b) / C(a+b, a), with the binomial coefficient read off Loader's density at its own mode.
  const entropy = -a * Math.log(share) - b * Math.log1p(-share);
  return Math.log((a + b) / (a * b)) + entropy - logDensity(a, b, share, 1 - share) - 2 * entropy;
}

/**
 * The regularised incomplete beta function I_x(a, b) and its complement, both with full relative precision, for a, b > 0
 * and 0 <= x <= 1. Continued fraction 8.17.22 of the NIST Handbook by Lentz's method; the factor in front by Loader's
 * saddle point, so that it stays exact to about 1e-11 with a + b in the hundreds of millions. Throws outside the domain.
 */
export function incompleteBeta(
  a: number,
  b: number,
  x: number,
): { readonly lower: number; readonly upper: number } {
  demand(a > 0 && b > 0, "the incomplete beta function needs a > 0 and b > 0");
  demand(x >= 0 && x <= 1, "x must lie in [0, 1]");
  if (x === 0) return { lower: 0, upper: 1 };
  if (x === 1) return { lower: 1, upper: 0 };
  const front = Math.exp(logDensity(a, b, x, 1 - x)) * ((a * b) / (a + b));
  if (x < (a + 1) / (a + b + 2)) {
    const lower = Math.min(1, (front * fraction(a, b, x)) / a);
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, (front * fraction(b, a, 1 - x)) / b);
  return { lower: 1 - upper, upper };
}

/** log of Gamma(a+b+1) / (Gamma(a+1) Gamma(b+1)) x^a y^b: the binomial density carried on to real counts. */
export function logDensity(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  return (
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    deviance(a, n * x) -
    deviance(b, n * y) -
    Math.log((2 * Math.PI * a * b) / n) / 2
  );
}

/** The continued fraction of I_x(a, b); it needs about sqrt(max(a, b)) rounds. */
function fraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const guard = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= MOST_ROUNDS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) return result;
  }
  throw new RangeError("the incomplete beta function did not converge: a or b is too large");
}

const MOST_ROUNDS = 200_000;
