import { MINUTE_MS, SECOND_MS, type Millis } from "../../domain/time.ts";

/** How large a share of failed requests must be, how long it must last, and what counts as no chance. */
export interface ErrorShareSettings {
  /** Shares up to this one are never a breach, however little usually fails. */
  readonly minShare: number;
  /** The threshold as a multiple of the learnt base. */
  readonly timesBase: number;
  /** The base counts as no more than this, so that no past makes a breach impossible; an unknown base counts as this. */
  readonly maxBase: number;
  /** So many requests and so long a past are needed before a base is known. */
  readonly minPastRequests: number;
  readonly minPastMs: Millis;
  /** A breach needs so many failed requests, in one look alone so many as `minFailedAtOnce`. */
  readonly minFailed: number;
  readonly minFailedAtOnce: number;
  /** With the usual share they must be less probable than this per 10 s of time between looks. */
  readonly chance: number;
  /** A share over the threshold must last so long; one over `severeShare` only `severeMs`. */
  readonly sustainMs: Millis;
  readonly severeShare: number;
  readonly severeMs: Millis;
  /** How far back a breach is looked for (six looks at least), and how old a look must be to be learnt. */
  readonly windowMs: Millis;
  readonly learnAfterMs: Millis;
  /** Fewer requests than this in the window prove no health. */
  readonly minRequests: number;
  /** Closes when the share was at most half the threshold for so long. */
  readonly closeAfterMs: Millis;
}

export const ERROR_SHARE_DEFAULTS: ErrorShareSettings = {
  minShare: 0.01,
  timesBase: 2,
  maxBase: 0.1,
  minPastRequests: 100,
  minPastMs: 2 * MINUTE_MS,
  minFailed: 5,
  minFailedAtOnce: 20,
  chance: 1e-6,
  sustainMs: 75 * SECOND_MS,
  severeShare: 0.5,
  severeMs: 15 * SECOND_MS,
  windowMs: 10 * MINUTE_MS,
  learnAfterMs: 2 * MINUTE_MS,
  minRequests: 20,
  closeAfterMs: 3 * MINUTE_MS,
};
