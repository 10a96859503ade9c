import type { Instant } from "../domain/time.ts";
import type { VerdictState } from "../domain/verdict.ts";

/**
 * Everything that became known of one target in one moment, by the signal names of the NDJSON contract. A value of
 * `null` means "looked and got nothing"; a name that is absent was not looked at. Neither is ever zero.
 */
export interface Batch {
  readonly ts: Instant;
  readonly values: { readonly [signal: string]: number | null };
  /** Cumulative latency buckets: upper bound in ms (`Infinity` for the last) and count since the process began. */
  readonly buckets?: readonly { readonly le: number; readonly count: number }[];
  /** Id of the deployment that became live in this moment. */
  readonly deployment?: string;
}

/** What a detector says after one more batch, with the numbers that led to it. */
export interface Judgement {
  readonly state: VerdictState;
  /** Estimated beginning of the present or beginning breach, and how it was estimated is in `evidence.onset`. */
  readonly onset: Instant | null;
  /** Bad, but not yet bad enough to be a breach. */
  readonly failing: boolean;
  readonly evidence: { readonly [name: string]: number | string | null };
}

/** One detector: pure, without a clock; the same state and batch give the same judgement. */
export interface BatchDetector<State, Settings> {
  readonly name: string;
  /** Signals it reads; it says `missing` when it has none of them for too long. */
  readonly reads: readonly string[];
  readonly start: State;
  readonly defaults: Settings;
  judge(
    state: State,
    batch: Batch,
    settings: Settings,
  ): { readonly state: State; readonly judgement: Judgement };
}
