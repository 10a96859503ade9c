import type { Problem } from "./problem.ts";
import type { Details, Signal } from "./sample.ts";
import type { Instant } from "./time.ts";

/**
 * What a detector says of a signal. `inconclusive`: there is a look but it proves neither. `missing`:
 * there is no look. Neither of the two opens or ends anything, and neither lets an act count as a success.
 */
export type VerdictState = "healthy" | "breached" | "inconclusive" | "missing";

/** The judgement of one signal after one sample, with the numbers that led to it. */
export interface Verdict {
  readonly signal: Signal;
  /** Time of the sample that was judged. */
  readonly at: Instant;
  readonly state: VerdictState;
  /** The state before this one, so that a change can be told from a confirmation. */
  readonly before: VerdictState;
  /** First bad sample of the present or beginning breach; `null` while all is well. */
  readonly onset: Instant | null;
  /** Set when a breach is only told to people: it opens nothing and is no fact of other decisions. */
  readonly warns?: boolean;
  /** Set where only the number of requests keeps it from being healthy: from so many on it would be. */
  readonly needsRequests?: number;
  /** True while samples fail but not yet often enough: an upstream "failing but unconfirmed". */
  readonly failing: boolean;
  readonly evidence: {
    readonly detector: string;
    readonly failures: number;
    readonly successes: number;
    /** Looks in a row that could not say. */
    readonly unknowns: number;
    readonly openAfter: number;
    readonly closeAfter: number;
    readonly problem?: Problem;
    /** What a detector of rates and trends saw: values, window, threshold, and how the onset was estimated. */
    readonly numbers?: { readonly [name: string]: number | string | null };
    /** By the process's own word, carried from the sample. */
    readonly processStart?: Instant;
    /** What else the look learnt, carried from the sample. */
    readonly details?: Details;
  };
}
