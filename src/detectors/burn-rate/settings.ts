import { HOUR_MS, MINUTE_MS, type Millis } from "../../domain/time.ts";

/** One pair of windows; both must burn faster than `factor`. */
export interface Tier {
  readonly factor: number;
  readonly longMs: Millis;
  /** A whole number of sixtieths of `longMs`: the resolution at which counts are kept. */
  readonly shortMs: Millis;
}

/** The promise, and how fast its error budget may be spent. */
export interface BurnRateSettings {
  /** The share of good requests promised. */
  readonly objective: number;
  readonly periodMs: Millis;
  readonly tiers: readonly Tier[];
  /**
   * So many failed requests in the long window, half as many outside its two worst sixtieths, so that two bursts of one client
   * do not open. Five times as many are enough wherever they lie.
   */
  readonly minFailed: number;
  /**
   * True when nobody chose the objective: a service that usually fails more often is then judged by what is usual for it,
   * and not before that is known. False takes the objective at its word from the first batch.
   */
  readonly followsPast: boolean;
  /** The usual share counts as no more than this. */
  readonly maxUsual: number;
  /** Closes when no tier burned now at more than half its factor for so long. */
  readonly closeAfterMs: Millis;
  /** The fewest requests in that time that prove it. */
  readonly minRequests: number;
}

/** The page tiers of the SRE Workbook, chapter 5: 2 % of the budget in an hour, 5 % in six. */
export const BURN_RATE_DEFAULTS: BurnRateSettings = {
  objective: 0.999,
  periodMs: 30 * 24 * HOUR_MS,
  tiers: [
    { factor: 14.4, longMs: HOUR_MS, shortMs: 5 * MINUTE_MS },
    { factor: 6, longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS },
  ],
  minFailed: 20,
  followsPast: true,
  maxUsual: 0.05,
  closeAfterMs: 5 * MINUTE_MS,
  minRequests: 20,
};
