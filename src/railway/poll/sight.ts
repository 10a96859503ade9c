import type { Problem } from "../../domain/problem.ts";
import type { Instant } from "../../domain/time.ts";
import type { Platform } from "../platform.ts";
import type { Result } from "../result.ts";
import type { Execution, ServiceInstance } from "../schema.ts";
import type { Durations, LogLine, Series, Statuses } from "./shapes.ts";

/** What of a service is asked for beside its deployments, instances, executions and use. */
export type Wish = "edge" | "logs";

/** What Railway says of one service in one poll. A part that failed costs only itself; null: nobody wished for it. */
export interface Sight {
  /** Of the poll. The same number again means that nothing new was asked. */
  readonly number: number;
  readonly at: Instant;
  readonly service: Result<ServiceInstance>;
  /** As configured; null where Railway does not say. */
  readonly replicas: number | null;
  /** By the id of an active deployment; without the ones that have none. */
  readonly commits: { readonly [deployment: string]: string };
  /** Newest first. */
  readonly executions: Result<readonly Execution[]>;
  readonly usage: Result<readonly Series[]>;
  readonly edge: {
    /** Beginning of the window that was asked for. */
    readonly from: Instant;
    readonly stepMs: number;
    readonly statuses: Result<Statuses>;
    readonly durations: Result<Durations>;
  } | null;
  readonly logs: {
    readonly from: Instant;
    /** There were more lines than a poll takes: what is missing is older than these. */
    readonly isCut: boolean;
    readonly lines: Result<readonly LogLine[]>;
  } | null;
  /** Null where the API does not say. */
  readonly platform: Platform | null;
}

/**
 * `failed`: a whole poll without an answer; numbered like a sight. `ended`: by the signal. `slow`: why polls are further apart
 * than the looks ask for, so that a look may get an answer once more.
 */
export type Looked =
  | { readonly kind: "seen"; readonly sight: Sight; readonly slow: Problem | null }
  | {
      readonly kind: "failed";
      readonly number: number;
      readonly problem: Problem;
      readonly slow: Problem | null;
    }
  | { readonly kind: "ended" };

/** One poll for all services: looks that come at about the same time share its answer. */
export interface Poller {
  /** Puts a service (by name or id) among those that every poll asks about. Polls are `everyMs` apart, the least of all. */
  join(service: string, wishes: readonly Wish[], everyMs: number): void;
  /** Never throws. Ends with the signal; a poll under way goes on for the others. `read`: the number of the last one it read. */
  look(service: string, signal: AbortSignal, read?: number): Promise<Looked>;
  /** Whether the service sleeps by the latest poll. Waits a moment for the very first one; unknown is false. */
  isAsleep(service: string, signal: AbortSignal): Promise<boolean>;
  close(): void;
}
