import type { IncidentId, NoticeId } from "./ids.ts";
import type { Instant } from "./time.ts";

export type NoticeKind =
  | "opened"
  | "false-alarm"
  | "withheld"
  | "acted"
  | "escalated"
  | "relapsed"
  | "kept"
  | "sustained"
  | "reminder"
  | "asked-back"
  | "resolved"
  | "attached"
  | "undo-failed"
  | "gone"
  | "blind"
  | "seeing"
  | "warning"
  | "warning-over"
  | "storm"
  | "capped"
  | "paused"
  | "resumed"
  | "store-failed";

/** What a person is told: plain text, made when the decision was made, so that it never tells later news. */
export interface Notice {
  readonly id: NoticeId;
  readonly incident: IncidentId | null;
  readonly kind: NoticeKind;
  readonly at: Instant;
  /** One line a half-awake person understands. */
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * Where a notice stands on its way. `sending`: may have arrived; the next try is marked as a repeat.
 * `coalesced`: left out because a later one of the same incident was waiting. `refused`: can never arrive.
 */
export type DeliveryState = "pending" | "sending" | "delivered" | "coalesced" | "refused";

export interface Delivery {
  /** Place in the order of all notices. */
  readonly order: number;
  readonly notice: Notice;
  readonly state: DeliveryState;
  readonly tries: number;
}
