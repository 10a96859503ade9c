import { demand } from "./demand.ts";
import { median } from "./quantile.ts";

/** Where samples lie and how far they scatter, both unmoved by up to half of the samples being wild. */
export type Baseline = {
  readonly median: number;
  /** The median distance from the median, in the unit of the samples. */
  readonly mad: number;
  /** `mad` x 1.4826: equals the standard deviation if the samples are normal. */
  readonly sigma: number;
};

/**
 * Median and median absolute deviation (Hampel 1974; Rousseeuw and Croux 1993 for the factor, 1 / quantile of 3/4 of the
 * normal law). `null` without samples; a single sample has scatter 0. Throws on NaN and infinities.
 */
export function medianAndMad(samples: readonly number[]): Baseline | null {
  const centre = median(samples);
  if (centre === null) return null;
  const mad = median(samples.map((sample) => Math.abs(sample - centre))) ?? 0;
  return { median: centre, mad, sigma: mad * MAD_TO_SIGMA };
}

/**
 * How many robust sigmas a value lies above (positive) or below the baseline. Quiet series have a MAD of 0, so sigma never
 * counts as less than `relativeFloor` x |median| nor less than `floor` (unit of the samples). `null` when all three are 0
 * and so no distance is meaningful. Throws on negative floors and on NaN.
 */
export function robustDistance(
  value: number,
  baseline: Baseline,
  floors: { readonly relativeFloor: number; readonly floor: number },
): number | null {
  demand(Number.isFinite(value), "value must be a finite number");
  demand(floors.relativeFloor >= 0 && floors.floor >= 0, "floors must not be negative");
  const scatter = Math.max(
    baseline.sigma,
    floors.relativeFloor * Math.abs(baseline.median),
    floors.floor,
  );
  return scatter === 0 ? null : (value - baseline.median) / scatter;
}

const MAD_TO_SIGMA = 1.4826022185056018;
