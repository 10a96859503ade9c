import { MINUTE_MS, type Millis } from "../../domain/time.ts";

/** What a rise of one share must be, to be a regression, and how small it must surely be, to be none. */
export interface Demand {
  /** Smallest ratio after : before. */
  readonly ratio: number;
  /** Smallest rise of the share. */
  readonly rise: number;
  /** Fewest bad ones after the release. */
  readonly atLeast: number;
  /** "Healthy" wants the share to have risen by less than this with 95 % confidence. */
  readonly tolerated: number;
  /** Weight of the prior of the sequential test, in observations. */
  readonly strength: number;
}

export interface RolloutSettings {
  /** Failed requests among all. */
  readonly errors: Demand;
  /** Requests slower than a bucket's bound among all. */
  readonly slow: Demand;
  /** Short windows with a p95 far over the usual among all windows: only where there are no buckets. */
  readonly level: Demand;
  /** Probability, per release and share, of a regression by chance. */
  readonly alpha: number;
  /** How long a release is watched. */
  readonly watchMs: Millis;
  /** Nothing is called healthy sooner. */
  readonly healthyAfterMs: Millis;
  /** After a start the first minutes are a cold start for latency, never for errors. */
  readonly warmMs: Millis;
  /** So many of the last windows, over this long, must be bad: a burst at the switch is no regression. */
  readonly sustainedMs: Millis;
  readonly sustainedShare: number;
  /** What was seen before must cover so long, and hold so many requests. */
  readonly beforeMs: Millis;
  readonly beforeRequests: number;
  /** None of these last times before a release must have been worse than what was before it. */
  readonly healthyBeforeMs: readonly Millis[];
  /** A share of failed requests this high is no health to compare with. */
  readonly sickShare: number;
  /** The p95 must have risen by this factor and this many ms. */
  readonly p95Ratio: number;
  readonly p95RiseMs: Millis;
  /** An open regression is over when the last windows were good for so long. */
  readonly closeAfterMs: Millis;
}

export const ROLLOUT_DEFAULTS: RolloutSettings = {
  errors: { ratio: 2, rise: 0.005, atLeast: 5, tolerated: 0.02, strength: 10 },
  slow: { ratio: 1.5, rise: 0.03, atLeast: 10, tolerated: 0.1, strength: 10 },
  level: { ratio: 2, rise: 0.15, atLeast: 4, tolerated: 0.5, strength: 2 },
  alpha: 0.002,
  watchMs: 30 * MINUTE_MS,
  healthyAfterMs: 10 * MINUTE_MS,
  warmMs: 2 * MINUTE_MS,
  sustainedMs: 5 * MINUTE_MS,
  sustainedShare: 0.8,
  beforeMs: 10 * MINUTE_MS,
  beforeRequests: 50,
  healthyBeforeMs: [MINUTE_MS, 3 * MINUTE_MS, 10 * MINUTE_MS],
  sickShare: 0.05,
  p95Ratio: 1.4,
  p95RiseMs: 10,
  closeAfterMs: 5 * MINUTE_MS,
};
