import type { IncidentId } from "./ids.ts";
import type { Millis } from "./time.ts";

/**
 * What a person may order about an incident. `ack`: I know of it, stop reminding. `take`: I act myself, do nothing more. `resolve`:
 * it is over. `silence`: tell me nothing of it for a while but what needs me.
 */
export const ORDERS = ["ack", "take", "resolve", "silence"] as const;
export type OrderKind = (typeof ORDERS)[number];

/** A person's word about an incident. */
export interface Order {
  /** Given by whoever wrote it down, so that reading it twice is giving it once. */
  readonly id: string;
  readonly order: OrderKind;
  readonly incident: IncidentId;
  /** Who says so, and by which way: `ann (command line)`. Text of strangers. */
  readonly by: string;
  /** How long a silence lasts. */
  readonly forMs?: Millis;
}
