import type { Attempt } from "./attempt.ts";
import type { Call } from "./call.ts";
import type { Event, Pause } from "./event.ts";
import type { Facts } from "./facts.ts";
import type { AttemptId, IncidentId, LeaseId, TimerId } from "./ids.ts";
import type { Incident } from "./incident.ts";
import type { JsonObject } from "./json.ts";
import type { Lease } from "./lease.ts";
import type { Notice } from "./notice.ts";
import type { ProblemCode } from "./problem.ts";
import type { Instant, Millis } from "./time.ts";

/** A due time as a row. A timer whose generation is not the stored one is stale and does nothing. */
export interface Timer {
  readonly id: TimerId;
  readonly due: Instant;
  readonly generation: number;
  readonly purpose:
    | { readonly of: "incident"; readonly incident: IncidentId; readonly event: JsonObject }
    | { readonly of: "lease"; readonly lease: LeaseId }
    | { readonly of: "attempt"; readonly attempt: AttemptId }
    | { readonly of: "reminder"; readonly incident: IncidentId; readonly afterMs: Millis };
}

/**
 * Everything the core decides on. It is a cache: folding the journal from the beginning gives the same
 * world, and a test proves it. Closed incidents and ended attempts stay for `KEEP_MS` of apply.ts (budgets count them).
 */
export interface World {
  /** Sequence of the last journal entry that is contained. */
  readonly seq: number;
  readonly incidents: { readonly [id: string]: Incident };
  readonly attempts: { readonly [id: string]: Attempt };
  readonly leases: { readonly [id: string]: Lease };
  readonly timers: { readonly [id: string]: Timer };
  /** Small single values. */
  readonly marks: Marks;
}

export interface Marks {
  readonly pause?: Pause | null;
  /** How many incidents of this kind and target were ever opened: `kind|target` → count. */
  readonly openings?: { readonly [kindAndTarget: string]: number };
  /** Signals that cannot be seen, with the moment people were told. */
  readonly blind?: { readonly [signal: string]: Instant };
  /** Signals that people were warned of, with the moment. */
  readonly warned?: { readonly [signal: string]: Instant };
  /** Highest sequence number ever sent for a switch. */
  readonly switchSeq?: { readonly [name: string]: number };
  /** The last call that came in, by `target|probe`. */
  readonly calls?: { readonly [targetAndProbe: string]: Call };
  /** How many notices without an incident were made. */
  readonly notices?: number;
  /** By `kind|target|action`: the last incidents in a row on which the act did not help, oldest first. */
  readonly vain?: { readonly [kindTargetAction: string]: readonly VainAct[] };
  /** When people were last told that much fails at once. */
  readonly stormToldAt?: Instant;
  /** Why the books may not know what was done before; `until` null: until a start finds them well. */
  readonly booksDoubt?: {
    readonly code: ProblemCode;
    readonly detail: string;
    readonly until: Instant | null;
  } | null;
}

/** An act that happened and did not help. */
export interface VainAct {
  readonly incident: IncidentId;
  readonly at: Instant;
}

/** How a decision changes the world. `row: null` removes. A notice is added to the outbox, never changed by the core. */
export type Change =
  | { readonly table: "incidents"; readonly row: Incident }
  | { readonly table: "attempts"; readonly row: Attempt }
  | { readonly table: "leases"; readonly row: Lease }
  | { readonly table: "timers"; readonly id: TimerId; readonly row: Timer | null }
  | { readonly table: "marks"; readonly row: Marks }
  | { readonly table: "notices"; readonly row: Notice };

/** One sentence of explanation with its stable code, for `why`. */
export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly attempt?: AttemptId;
}

/** What the core decided on one event. Without changes there is nothing to write. */
export interface Decision {
  /** The incident this is about, where there is one. */
  readonly incident: IncidentId | null;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
}

/** One line of the journal: the event, the facts that were read, what was valid, and what was decided. */
export interface Entry {
  readonly seq: number;
  readonly at: Instant;
  readonly event: Event;
  readonly facts: Facts;
  /** Hashes of configuration and runbook, and machine with version, under which this was decided. */
  readonly under: {
    readonly rules: string;
    readonly runbook: string | null;
    readonly machine: string | null;
  };
  readonly decision: Decision;
}
