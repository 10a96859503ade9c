import type { AttemptState } from "./attempt.ts";
import type { Said } from "./hint.ts";
import { eventId, type AttemptId, type EventId, type LeaseId, type TimerId } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { Order } from "./order.ts";
import type { Problem } from "./problem.ts";
import type { Rules } from "./rules.ts";
import { signalKey } from "./sample.ts";
import type { Instant } from "./time.ts";
import type { Verdict } from "./verdict.ts";

/** A fact with id, time and cause. Everything the core ever reacts to is one of these. */
export type Event = {
  readonly id: EventId;
  readonly at: Instant;
  /** The event or attempt that led to this one, where there is one. */
  readonly cause: string | null;
} & (
  | { readonly type: "verdict"; readonly verdict: Verdict }
  | { readonly type: "timer"; readonly timer: TimerId; readonly generation: number }
  | { readonly type: "request"; readonly attempt: AttemptId; readonly plan: JsonObject }
  | {
      readonly type: "outcome";
      readonly attempt: AttemptId;
      readonly state: Extract<
        AttemptState,
        "accepted" | "rejected" | "seen" | "not-seen" | "unknown"
      >;
      /** For a look: what it saw. For an act: what shows that it happened. */
      readonly evidence: JsonObject;
      readonly problem: Problem | null;
    }
  | { readonly type: "pause"; readonly pause: Pause | null }
  | { readonly type: "order"; readonly order: Order }
  | {
      readonly type: "orphan";
      readonly lease: LeaseId;
      readonly switch: string;
      readonly seq: number;
      readonly until: Instant;
    }
  | {
      readonly type: "hint";
      readonly source: string;
      /** `null` where it fits no target. */
      readonly target: string | null;
      readonly said: readonly Said[];
    }
  | {
      readonly type: "call";
      readonly target: string;
      readonly probe: string;
      /** The caller itself said that it failed. */
      readonly failed: boolean;
    }
  | {
      readonly type: "start";
      readonly version: string;
      /** What all decisions until the next start are made under; absent in journals of older versions. */
      readonly rules?: Rules;
      /** Why its books may not know what was done before. */
      readonly doubt?: Problem;
    }
  | { readonly type: "stop" }
);

export type EventType = Event["type"];

/** The event that a verdict is. */
export function verdictEvent(verdict: Verdict): Event {
  const id = eventId("verdict", signalKey(verdict.signal), verdict.at);
  return { id, at: verdict.at, cause: null, type: "verdict", verdict };
}

/** A person's word that Signalman must not act. Undo goes on unless it is included by name. */
export interface Pause {
  readonly by: string;
  readonly since: Instant;
  readonly target: string | null;
  readonly includingUndo: boolean;
}
