import type { AttemptId, IncidentId } from "./ids.ts";
import type { Instant, Millis } from "./time.ts";

/**
 * What a person may order about an incident. `ack`: I know of it, stop reminding. `take`: I act myself, do nothing more. `resolve`:
 * it is over. `silence`: tell me nothing of it for a while but what needs me.
 */
export const ORDERS = ["ack", "take", "resolve", "silence"] as const;
export type OrderKind = (typeof ORDERS)[number];

/** What a person may say to one attempt. `approve`: it may start, if nothing else objects. `reject`: it must not. */
export const ANSWERS = ["approve", "reject"] as const;
export type AnswerKind = (typeof ANSWERS)[number];

/** Given by whoever wrote it down, so that reading it twice is giving it once. */
export type OrderId = string;

interface Given {
  readonly id: OrderId;
  readonly incident: IncidentId;
  /** Who says so, and by which way: `ann (command line)`. Text of strangers. */
  readonly by: string;
}

/** A person's word about an incident. */
export interface IncidentOrder extends Given {
  readonly order: OrderKind;
  /** How long a silence lasts. */
  readonly forMs?: Millis;
}

/** A person's answer to one attempt. */
export interface AttemptOrder extends Given {
  readonly order: AnswerKind;
  readonly attempt: AttemptId;
  /** When it was said. A yes that lay about for long is none. */
  readonly at: Instant;
}

export type Order = IncidentOrder | AttemptOrder;

export function isAnswer(order: Order): order is AttemptOrder {
  return "attempt" in order;
}
