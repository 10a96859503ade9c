import type { Approval } from "./approval.ts";
import type { AttemptId, IncidentId } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { Problem, ProblemCode } from "./problem.ts";
import type { Slot } from "./runbook.ts";
import type { Instant, Millis } from "./time.ts";

/** Where an attempt stands in the ledger (design §3). */
export type AttemptState =
  | "planned"
  | "awaiting-approval"
  | "held"
  | "started"
  | "accepted"
  | "seen"
  | "effective"
  | "ineffective"
  | "unknown"
  | "rejected"
  | "not-seen"
  | "shadowed"
  | "withdrawn"
  | "expired";

/** From where to where an attempt may go. Anything else is a programmer error. */
export const LEDGER: { readonly [from in AttemptState]: readonly AttemptState[] } = {
  planned: ["awaiting-approval", "held", "started", "shadowed", "withdrawn", "expired"],
  // `awaiting-approval → awaiting-approval` is asking anew: the approval ran out, or a graver reason came up. To `shadowed` it goes when the
  // mode has been set back over a restart.
  "awaiting-approval": ["awaiting-approval", "held", "started", "shadowed", "withdrawn", "expired"],
  held: ["held", "awaiting-approval", "started", "shadowed", "withdrawn", "expired"],
  // `started → started` is another try of an idempotent action after a crash.
  started: ["started", "accepted", "rejected", "seen", "not-seen", "unknown"],
  accepted: ["seen", "not-seen", "unknown"],
  seen: ["effective", "ineffective", "unknown"],
  effective: [],
  ineffective: [],
  unknown: [],
  rejected: [],
  "not-seen": [],
  shadowed: [],
  withdrawn: [],
  expired: [],
};

/** Written down, not begun: may still be withdrawn. */
export const UNSTARTED: readonly AttemptState[] = ["planned", "awaiting-approval", "held"];
/** The call may be under way or its effect still unproven. */
export const IN_FLIGHT: readonly AttemptState[] = ["started", "accepted"];

/** A wish as a machine's slot and its runbook bound it: which action, on what, with which parameters. */
export interface Intent {
  readonly incident: IncidentId | null;
  readonly target: string;
  readonly slot: Slot;
  readonly action: string;
  readonly params: JsonObject;
  /** The machine's state that asked; when the incident leaves it, an unstarted attempt is withdrawn. */
  readonly askedIn: string;
}

/** One row of the ledger: an intent and what became of it. */
export interface Attempt extends Intent {
  readonly id: AttemptId;
  readonly state: AttemptState;
  readonly plannedAt: Instant;
  /** An attempt that has not started by then expires. */
  readonly expiresAt: Instant;
  readonly startedAt: Instant | null;
  /**
   * Until when "it did not happen" must not be concluded. Set at the start. Of a shadowed one: by when its effect would
   * have been judged. */
  readonly settlesAt: Instant | null;
  readonly endedAt: Instant | null;
  /** How often the call was begun; above 1 only for idempotent actions. */
  readonly tries: number;
  /** Why it is held, rejected, not seen or unknown. */
  readonly problem: Problem | null;
  /** When a held attempt is worth another look. */
  readonly heldUntil: Instant | null;
  /** What the action found out before the start: which deployment, and how the evidence looked then. */
  readonly plan: JsonObject;
  /** What showed that it happened. */
  readonly evidence: JsonObject;
  /** When people were first asked whether it may start. */
  readonly askedAt?: Instant;
  /** A person's yes. Null after one that no longer counts. */
  readonly approval?: Approval | null;
  /** Of a shadowed one: the safeguard's word that would have kept it from its start in any mode. */
  readonly objection?: Problem;
}

/** What the core must know about an action; the action's folder declares it. */
export interface ActionTraits {
  readonly kind: string;
  /**
   * `look` changes nothing; `switch` is reversible and ends by itself; `reversible` lasts until it is taken back, by the
   * parameters in its plan's `undo`; `destructive` is none of these.
   */
  readonly effect: "look" | "switch" | "reversible" | "destructive";
  /**
   * What a second call would do. `idempotent`: nothing more. `check-first`: the same again, so after a
   * crash evidence decides and `unknown` is never repeated.
   */
  readonly repeat: "idempotent" | "check-first";
  /** Longest time one call may take. */
  readonly deadlineMs: Millis;
  /** Call deadline plus the platform's lag: how long to look for evidence before "not seen". */
  readonly settleMs: Millis;
  /** What may be under way on the platform without keeping it from its start. */
  readonly overtakes?: readonly ProblemCode[];
  /** It ends the present process, so one that has only just started is left alone. */
  readonly endsProcess?: true;
  /** What it leaves behind looks like a release. */
  readonly releases?: true;
  readonly words?: ActionWords;
}

/** How people are told of it. `{target}` and `{incident}` stand for their names. */
export interface ActionWords {
  /** That it was done: `rolled {target} back`. */
  readonly done?: string;
  /** Of one that is taken back later: a line while it holds, and one after it was taken back. */
  readonly held?: string;
  readonly released?: string;
}

/** It only asks whether what is held still stands; nothing may be changed by it, and it counts as no act. */
export function isRecheck({ params }: Pick<Attempt, "params">): boolean {
  return params["recheck"] === true;
}
