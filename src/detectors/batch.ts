import type { Observation } from "../domain/observation.ts";
import type { Problem } from "../domain/problem.ts";
import type { Instant } from "../domain/time.ts";
import type { VerdictState } from "../domain/verdict.ts";

/** Everything that became known of one target in one moment: the part of an observation that detectors of rates read. */
export interface Batch extends Pick<Observation, "ts" | "buckets" | "deployment" | "details"> {
  /** By the names of the NDJSON contract. `null` means "looked and got nothing"; absent was not looked at. Neither is ever zero. */
  readonly values: { readonly [signal: string]: number | null | undefined };
}

/** What a detector says after one more batch, with the numbers that led to it. */
export interface Judgement {
  readonly state: VerdictState;
  /** Estimated beginning of the present or beginning breach, and how it was estimated is in `evidence.onset`. */
  readonly onset: Instant | null;
  /** Bad, but not yet bad enough to be a breach. */
  readonly failing: boolean;
  readonly evidence: { readonly [name: string]: number | string | null };
  /** Set where only the number of requests keeps it from being healthy: from so many on it would be. */
  readonly needsRequests?: number;
  /** What it is in words, where a code says it. */
  readonly problem?: Problem;
}

/** One detector: pure, without a clock; the same state and batch give the same judgement. */
export interface BatchDetector<State, Settings> {
  readonly name: string;
  /**
   * Of several that speak of one moment the smaller turn comes first, and an incident follows the signal that opened it.
   * After all others, by name, where nothing is said.
   */
  readonly turn?: number;
  /** The kind of incident it opens; `null` for one that only warns. */
  readonly opens: string | null;
  /** Signals and details it reads; it says `missing` when it has none of them for too long. */
  readonly reads: readonly string[];
  /** Instead of `reads`, where the settings say what is read; nothing read is nothing judged. */
  readsWith?(settings: Settings): readonly string[];
  readonly start: State;
  readonly defaults: Settings;
  judge(
    state: State,
    batch: Batch,
    settings: Settings,
  ): { readonly state: State; readonly judgement: Judgement };
}
