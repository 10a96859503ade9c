import { HOUR_MS, MINUTE_MS, type Millis } from "../../domain/time.ts";

/** How many times the usual traffic is a flood. */
export interface FloodSettings {
  /** Times the trailing median, of the request rate or of the requests in flight. */
  readonly openFactor: number;
  readonly calmFactor: number;
  /** So many requests per second over the median at least: a crowd for a tiny app is no flood. */
  readonly floorPerSecond: number;
  readonly floorInflight: number;
  /** Requests in flight count only while at least so many times the usual requests are answered. */
  readonly carriedFactor: number;
  /** Times the highest level of the last seven days (held for a tenth of an hour) that was no flood: what was carried then is carried now. */
  readonly peakFactor: number;
  /** Opens when `openAfter` of the last `openOf` samples are over. */
  readonly openAfter: number;
  readonly openOf: number;
  readonly closeAfter: number;
  readonly closeAfterMs: Millis;
  readonly minSamples: number;
  readonly minSpanMs: Millis;
  /** Traffic that lasted so long is the new usual. */
  readonly adoptAfterMs: Millis;
}

export const FLOOD_DEFAULTS: FloodSettings = {
  openFactor: 4,
  calmFactor: 2,
  floorPerSecond: 10,
  floorInflight: 20,
  carriedFactor: 1.3,
  peakFactor: 1.5,
  openAfter: 3,
  openOf: 4,
  closeAfter: 3,
  closeAfterMs: 3 * MINUTE_MS,
  minSamples: 8,
  minSpanMs: 5 * MINUTE_MS,
  adoptAfterMs: 6 * HOUR_MS,
};
