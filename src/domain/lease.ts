import type { AttemptId, IncidentId, LeaseId } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { Instant } from "./time.ts";

/**
 * A switch of the app that is on for an emergency, with an end. The app itself falls back at `until`, so
 * a dead Signalman cannot leave it on. `ending` stays until the end is read back or `until` is past.
 */
export interface Lease {
  readonly id: LeaseId;
  readonly switch: string;
  readonly incident: IncidentId;
  readonly state: "asked" | "active" | "ending" | "ended";
  readonly message: string;
  /** Last end that the app may have heard of. */
  readonly until: Instant;
  /** Last sequence number used; the app takes only growing ones. */
  readonly seq: number;
  /** The attempt that first asked for it: only its refusal says that it was never on. */
  readonly begunBy?: AttemptId;
  /** Targets whose refusals this lease explains. */
  readonly scope: readonly string[];
  /** When people were told that it does not end. */
  readonly toldAt?: Instant;
  /**
   * For what has no end of its own (more replicas, frozen deployments): the act that takes it back. Nobody renews it, and a daemon
   * that goes leaves it to its next life.
   */
  readonly held?: {
    readonly action: string;
    readonly params: JsonObject;
    readonly target: string;
  };
}
