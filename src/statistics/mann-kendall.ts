import { demand, demandFinite, demandOpenShare } from "./demand.ts";
import { normalQuantile, normalSurvival } from "./normal.ts";
import { midranks } from "./ranks.ts";
import { MOST_POINTS, senSlope } from "./theil-sen.ts";

/** The result of a Mann-Kendall trend test. */
export type MannKendall = {
  /** Values used, gaps not counted. */
  readonly n: number;
  /** Rising pairs minus falling pairs. */
  readonly s: number;
  readonly variance: number;
  /** S over its standard deviation, moved by one towards zero; positive when rising. */
  readonly z: number;
  /** Two-sided p by the normal approximation. */
  readonly p: number;
};

/**
 * The Mann-Kendall test (Mann 1945, Kendall 1975) with the tie correction of the variance. `null` entries are gaps and left out.
 * Assumes independent samples: on autocorrelated ones, such as memory in use, it cries wolf; see `hamedRao`. `null` for
 * fewer than two values; p = 1 when all are equal. Throws on NaN and above MOST_POINTS values (its cost grows with n^2).
 */
export function mannKendall(series: readonly (number | null)[]): MannKendall | null {
  const values = present(series);
  if (values.length < 2) return null;
  const s = score(values);
  const variance = scoreVariance(values);
  return { n: values.length, s, variance, ...significance(s, variance) };
}

/** How `hamedRao` corrects. */
export type HamedRaoOptions = {
  /** "keep": gaps keep their place in time when the slope is taken off, as pyMannKendall 1.3 and later. */
  readonly gaps: "keep" | "drop";
  /** Lags looked at; all of them when not given. Hamed and Rao advise few, e.g. 3, for short series. */
  readonly lags?: number;
  /** A lag counts when its autocorrelation differs from zero at this two-sided level; 0.05 in the paper. */
  readonly lagAlpha?: number;
  /**
   * "signed" is the published formula: negative autocorrelation shrinks the variance and makes trends *more* significant.
   * "widen" never goes below the plain variance and is what an alarm should use.
   */
  readonly correction: "signed" | "widen";
};

/**
 * Mann-Kendall with the variance corrected for autocorrelation by Hamed and Rao, J. Hydrology 204 (1998): the series less its
 * Sen slope is ranked, significant autocorrelations of the ranks enter the factor n/n*. `null` for fewer than three
 * values, or when "signed" leaves no positive variance. Throws as `mannKendall` does.
 */
export function hamedRao(
  series: readonly (number | null)[],
  options: HamedRaoOptions,
): MannKendall | null {
  const values = present(series);
  const n = values.length;
  const slope = senSlope(options.gaps === "keep" ? series : values);
  if (n < 3 || slope === null) return null;
  const level = options.lagAlpha ?? 0.05;
  demandOpenShare(level, "lagAlpha");
  const lags = options.lags ?? n - 1;
  demand(Number.isSafeInteger(lags) && lags >= 0, "lags must be a whole number, not negative");
  const s = score(values);
  const plain = scoreVariance(values);
  // The step is multiplied before it is subtracted, as the reference does: ties of the rest depend on the rounding.
  const rest = values.map((value, index) => value - (index + 1) * slope);
  const bound = normalQuantile(1 - level / 2) / Math.sqrt(n);
  let sum = 0;
  for (const [index, r] of autocorrelations(
    midranks(rest).ranks,
    Math.min(lags, n - 1),
  ).entries()) {
    const lag = index + 1;
    if (Math.abs(r) > bound) sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * r;
  }
  const factor = 1 + (2 / (n * (n - 1) * (n - 2))) * sum;
  const variance = plain * (options.correction === "widen" ? Math.max(1, factor) : factor);
  if (variance <= 0 && plain > 0) return null;
  return { n, s, variance, ...significance(s, variance) };
}

function present(series: readonly (number | null)[]): readonly number[] {
  const values = series.filter((value) => value !== null);
  demand(values.length <= MOST_POINTS, `a trend test accepts at most ${MOST_POINTS} values`);
  demandFinite(values);
  return values;
}

function score(values: readonly number[]): number {
  let s = 0;
  for (const [i, later] of values.entries()) {
    for (let j = 0; j < i; j += 1) s += Math.sign(later - (values[j] ?? 0));
  }
  return s;
}

function scoreVariance(values: readonly number[]): number {
  const weight = (n: number): number => n * (n - 1) * (2 * n + 5);
  const ties = midranks(values).groups.reduce((sum, size) => sum + weight(size), 0);
  return (weight(values.length) - ties) / 18;
}

function significance(s: number, variance: number): { readonly z: number; readonly p: number } {
  if (s === 0 || variance <= 0) return { z: 0, p: 1 };
  const z = (s - Math.sign(s)) / Math.sqrt(variance);
  return { z, p: Math.min(1, 2 * normalSurvival(Math.abs(z))) };
}

/** Autocorrelations of lags 1 ... most, each sum divided by n (the biased estimate, as the reference). */
function autocorrelations(values: Float64Array, most: number): readonly number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const power = centred.reduce((sum, value) => sum + value * value, 0);
  return Array.from({ length: most }, (_, index) => {
    let sum = 0;
    for (let i = index + 1; i < centred.length; i += 1) {
      sum += (centred[i] ?? 0) * (centred[i - index - 1] ?? 0);
    }
    return power === 0 ? 0 : sum / power;
  });
}
