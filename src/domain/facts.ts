import type { JsonObject } from "./json.ts";
import type { ProblemCode } from "./problem.ts";
import type { Instant } from "./time.ts";
import type { VerdictState } from "./verdict.ts";

/** How a signal stood when the core decided. */
export interface SignalFact {
  readonly target: string;
  /** Which kind of incident it opens when it is breached. */
  readonly opens: string;
  readonly state: VerdictState;
  readonly failing: boolean;
  readonly at: Instant;
  readonly onset: Instant | null;
  readonly problem: ProblemCode | null;
  /** What a detector of rates and trends saw, while it is breached. */
  readonly numbers?: { readonly [name: string]: number | string | null };
}

/**
 * What was true in the world at the moment of a decision and is not in the journal already. It is written
 * beside the event, so that the same decision can be made again.
 */
export interface Facts {
  /** When this daemon began to look; verdicts before it are not fresh. */
  readonly watchingSince: Instant;
  readonly signals: { readonly [key: string]: SignalFact };
  /** The last look that was judged before: which samples were known. Absent before the first one since the start. */
  readonly lookedAt?: Instant;
  /** Read by the action just before a start; absent for other events. */
  readonly platform?: PlatformFact;
}

/** The platform as an action found it just before its start. */
export interface PlatformFact {
  readonly status: "well" | "trouble" | "unknown";
  readonly statusDetail: string;
  /** A reason of the platform not to act now, with its text. */
  readonly obstacle: { readonly code: ProblemCode; readonly detail: string } | null;
  readonly seen: JsonObject;
  /** When the target's process started, by its own word. */
  readonly processStart?: Instant;
  /** What was done to the target's service lately, by whomever, newest first. */
  readonly changes?: readonly PlatformChange[];
  /** A reason why a person should look first: the highest mode in which this may start, whatever is configured. */
  readonly cap?: {
    readonly mode: "suggest";
    readonly code: ProblemCode;
    readonly detail: string;
  };
}

/** One thing that was done to a service, as the platform tells it: a deployment was made, or a process was started anew. */
export interface PlatformChange {
  readonly what: "deployment" | "start";
  readonly deployment: string;
  readonly at: Instant;
  /** The process before it had ended by itself, so that the platform may have started this one by its own policy. */
  readonly afterCrash?: boolean;
  /** What it runs, where the platform says so: two deployments of one release have it alike. */
  readonly release?: string;
  /** For people. Text of strangers: escape it. */
  readonly words: string;
}
