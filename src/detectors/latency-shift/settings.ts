import { HOUR_MS, MINUTE_MS, type Millis } from "../../domain/time.ts";

/**
 * How far a latency must lie over its own past. A threshold is median x max(1 + rise, exp(sigmas x scatter of the logarithm)),
 * and at least `floorMs` above the median. The scatter counts more while few samples are known.
 */
export interface LatencyShiftSettings {
  /** Fewer requests than this have no p95; a p99 needs five times as many. */
  readonly minRequests: number;
  /** Buckets of so long are put together until there are enough requests. */
  readonly poolMs: Millis;
  /** Samples, and the time they must span, before anything is judged. */
  readonly minSamples: number;
  readonly minSpanMs: Millis;
  /** Opens when 2 of the last 3 samples are over it. */
  readonly fast: Margin;
  /** Opens when the median of the last 10 samples is over it. */
  readonly slow: Margin;
  /** Opens on one sample. */
  readonly huge: Margin;
  /** Closing begins when the median of the last samples is below it. */
  readonly calm: Margin;
  /** After a deployment or restart the first samples are a cold start. */
  readonly warmMs: Millis;
  readonly closeAfter: number;
  readonly closeAfterMs: Millis;
  /** A level that lasted so long is no longer a shift: the past is learnt anew. */
  readonly adoptAfterMs: Millis;
}

export interface Margin {
  /** Whose scatter counts: that of one sample or that of ten together. */
  readonly of: "one" | "ten";
  readonly sigmas: number;
  readonly rise: number;
  readonly floorMs: number;
  /** With buckets: so far must the share of slow requests lie over the usual one, in probits and in its own scatters. */
  readonly leap: number;
  readonly leapSigmas: number;
  /** With buckets: the requests over a bound must be less probable than this by chance. */
  readonly chance: number;
}

export const LATENCY_SHIFT_DEFAULTS: LatencyShiftSettings = {
  minRequests: 20,
  poolMs: MINUTE_MS,
  minSamples: 8,
  minSpanMs: 5 * MINUTE_MS,
  fast: { of: "one", sigmas: 5, rise: 0.75, floorMs: 10, leap: 0.6, leapSigmas: 4, chance: 3e-4 },
  slow: {
    of: "ten",
    sigmas: 4.5,
    rise: 0.6,
    floorMs: 10,
    leap: 0.5,
    leapSigmas: 4.5,
    chance: 1e-6,
  },
  huge: { of: "one", sigmas: 8, rise: 4, floorMs: 100, leap: 1.2, leapSigmas: 6, chance: 1e-6 },
  calm: { of: "one", sigmas: 1.5, rise: 0.3, floorMs: 5, leap: 0.4, leapSigmas: 2, chance: 1 },
  warmMs: 2 * MINUTE_MS,
  closeAfter: 3,
  closeAfterMs: 3 * MINUTE_MS,
  adoptAfterMs: 6 * HOUR_MS,
};
