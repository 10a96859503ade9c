import type { Head } from "../domain/chain.ts";
import type { IncidentId, NoticeId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { Delivery, DeliveryState } from "../domain/notice.ts";
import type { Problem } from "../domain/problem.ts";
import type { Sample } from "../domain/sample.ts";
import type { Instant } from "../domain/time.ts";
import type { Change, Entry, World } from "../domain/world.ts";

/** What one event leads to: written together or not at all. */
export interface Commit {
  readonly entry: Entry;
  readonly changes: readonly Change[];
}

/**
 * `duplicate`: an event of this id is in the journal already and nothing was written.
 * `failed`: nothing was written; no act may follow.
 */
export type CommitResult =
  | { readonly kind: "written" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "failed"; readonly problem: Problem };

/**
 * The books of the guardian. Asynchronous and transaction-shaped, so that a server can stand behind it. What
 * it deliberately lacks: any way to write state without a journal entry, except the delivery of notices.
 */
export interface Store {
  /**
   * The world after the last commit: equal to folding the whole journal with `apply`, including what that
   * forgets (counted from the last entry's time). Marks merge key by key.
   */
  load(signal: AbortSignal): Promise<World>;
  /**
   * Writes them, each with the hash that chains it to the entry before it (src/domain/chain.ts). Without a commit nothing is written
   * that could be read; it shows whether writing is possible.
   */
  commit(commits: readonly Commit[], signal: AbortSignal): Promise<CommitResult>;
  /** The last entry of the chain; `null` for an empty journal. */
  head(signal: AbortSignal): Promise<Head | null>;

  /** Notices not yet delivered nor coalesced, in order. */
  undelivered(limit: number, signal: AbortSignal): Promise<readonly Delivery[]>;
  mark(
    notice: NoticeId,
    state: DeliveryState,
    tries: number,
    signal: AbortSignal,
  ): Promise<CommitResult>;

  close(): Promise<void>;
}

/** The reading side, for people: CLI, report, `why`. May be opened beside a running daemon. */
export interface Records {
  /** Newest first. */
  incidents(limit: number, signal: AbortSignal): Promise<readonly Incident[]>;
  /** By id or by an unambiguous beginning of one. */
  incident(idOrPrefix: string, signal: AbortSignal): Promise<Incident | null>;
  attempts(incident: IncidentId, signal: AbortSignal): Promise<readonly Attempt[]>;
  deliveries(incident: IncidentId, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** The last entry of the chain; `null` for an empty journal. */
  head(signal: AbortSignal): Promise<Head | null>;
  /** Journal entries in order; all of them, or those about one incident. `after` is exclusive. */
  entries(
    filter: { incident?: IncidentId; after?: number; limit?: number },
    signal: AbortSignal,
  ): Promise<readonly Entry[]>;
  close(): Promise<void>;
}

/** What was seen. Bounded in bytes; losing it costs charts and replays, never a decision. */
export interface SampleStore {
  /** Samples of one moment, or of several in time order. */
  append(samples: readonly Sample[], signal: AbortSignal): Promise<void>;
  /**
   * Everything from `from` to `to`, both included, in time order, as pages of bounded length: millions need little memory. What is
   * written meanwhile may or may not be among it. Old samples stand for more than one (`low`, `high`).
   */
  between(from: Instant, to: Instant, signal: AbortSignal): AsyncIterable<readonly Sample[]>;
  close(): Promise<void>;
}
