import { HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from "../../domain/time.ts";

/**
 * How far a latency must lie over its own past. A threshold is median x max(1 + rise, exp(sigmas x scatter of the logarithm)), at most `most` times the median,
 * and at least `floorMs` above the median. The scatter counts more while few samples are known.
 */
export interface LatencyShiftSettings {
  /** Fewer requests than this have no p95; a p99 needs five times as many. */
  readonly minRequests: number;
  /** Looks within so long are one point: single slow moments are no shift. Slower looks are a point each. */
  readonly pointMs: Millis;
  /** Buckets of so long are put together until there are enough requests. */
  readonly poolMs: Millis;
  /** Points, and the time they must span, before anything is judged. */
  readonly minSamples: number;
  readonly minSpanMs: Millis;
  /** Opens when the points over it last so long, all but one of them: 3 of 4 at half a minute, 2 of 3 at a minute. */
  readonly fast: Margin;
  readonly lastsMs: Millis;
  /** Opens when the median of the last 10 points is over it. */
  readonly slow: Margin;
  /** Opens on one point that took at least `atOnceMs`. */
  readonly atOnce: Margin;
  readonly atOnceMs: Millis;
  /** Closing begins when the median of the last points is below it. */
  readonly calm: Margin;
  /** After a deployment or restart the first samples are a cold start. */
  readonly warmMs: Millis;
  readonly closeAfterMs: Millis;
  /** A level that lasted so long is no longer a shift: the past is learnt anew. */
  readonly adoptAfterMs: Millis;
}

export interface Margin {
  /** Whose scatter counts: that of one sample or that of ten together. */
  readonly of: "one" | "ten";
  readonly sigmas: number;
  readonly rise: number;
  /** However wild the past, so many times the median are over. */
  readonly most: number;
  readonly floorMs: number;
  /** With buckets: so far must the share of slow requests lie over the usual one, in probits and in its own scatters. */
  readonly leap: number;
  readonly leapSigmas: number;
  /** With buckets: the requests over a bound must be less probable than this by chance. */
  readonly chance: number;
}

export const LATENCY_SHIFT_DEFAULTS: LatencyShiftSettings = {
  minRequests: 20,
  pointMs: 30 * SECOND_MS,
  poolMs: MINUTE_MS,
  minSamples: 5,
  minSpanMs: 5 * MINUTE_MS,
  fast: {
    of: "one",
    sigmas: 4,
    rise: 0.6,
    most: 5,
    floorMs: 10,
    leap: 0.6,
    leapSigmas: 4,
    chance: 3e-4,
  },
  lastsMs: 75 * SECOND_MS,
  slow: {
    of: "ten",
    sigmas: 5.5,
    rise: 0.5,
    most: 4,
    floorMs: 10,
    leap: 0.5,
    leapSigmas: 4.5,
    chance: 1e-6,
  },
  atOnce: {
    of: "one",
    sigmas: 6,
    rise: 1,
    most: 6,
    floorMs: 20,
    leap: 0.8,
    leapSigmas: 6,
    chance: 1e-6,
  },
  atOnceMs: 2 * MINUTE_MS,
  calm: {
    of: "one",
    sigmas: 1.5,
    rise: 0.3,
    most: 2,
    floorMs: 5,
    leap: 0.4,
    leapSigmas: 2,
    chance: 1,
  },
  warmMs: 2 * MINUTE_MS,
  closeAfterMs: 2 * MINUTE_MS,
  adoptAfterMs: 6 * HOUR_MS,
};
