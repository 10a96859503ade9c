import type { ActionTraits, Attempt } from "../domain/attempt.ts";
import type { PlatformFact } from "../domain/facts.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Problem } from "../domain/problem.ts";

/** What an action found out just before its start. */
export interface Preparation {
  /**
   * Kept on the attempt: what the call needs and how the evidence looked before it. An act that can be taken back puts
   * the parameters of the attempt that does so under `undo`; null there means that nothing has to be taken back.
   */
  readonly plan: JsonObject;
  readonly platform?: PlatformFact;
}

/** What came of the call itself. Not what came of the act: that is evidence. */
export type Answer =
  | { readonly kind: "done"; readonly evidence: JsonObject }
  | { readonly kind: "accepted"; readonly evidence: JsonObject }
  /** The other side said no, so it did not happen. */
  | { readonly kind: "rejected"; readonly problem: Problem }
  /** No word: it may have happened, may yet happen, or not. Only evidence can tell. */
  | { readonly kind: "unclear"; readonly problem: Problem };

/**
 * What a look for evidence showed. `withheld`: some source that must speak did not. `failed`: the other side says that what it
 * accepted came to nothing.
 */
export type Sighting =
  | { readonly kind: "seen"; readonly evidence: JsonObject }
  | { readonly kind: "failed"; readonly problem: Problem }
  | { readonly kind: "nothing"; readonly evidence: JsonObject }
  | { readonly kind: "withheld"; readonly problem: Problem };

/** Knows how to do one thing, and how to read back that it was done. Trouble is a value; a throw is a bug. */
export interface Action {
  readonly traits: ActionTraits;
  prepare(attempt: Attempt, signal: AbortSignal): Promise<Preparation>;
  perform(attempt: Attempt, signal: AbortSignal): Promise<Answer>;
  sight(attempt: Attempt, signal: AbortSignal): Promise<Sighting>;
}
