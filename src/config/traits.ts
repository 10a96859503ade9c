import type { ActionTraits } from "../domain/attempt.ts";
import { SECOND_MS } from "../domain/time.ts";

/** The actions of this version as the core must know them, with the lengths that hold when nothing is configured. */
export const TRAITS = {
  look: {
    kind: "look",
    effect: "look",
    repeat: "idempotent",
    deadlineMs: 10 * SECOND_MS,
    settleMs: 10 * SECOND_MS,
  },
  inspect: {
    kind: "inspect",
    effect: "look",
    repeat: "idempotent",
    deadlineMs: 10 * SECOND_MS,
    settleMs: 10 * SECOND_MS,
  },
  switch: {
    kind: "switch",
    effect: "switch",
    repeat: "idempotent",
    deadlineMs: 5 * SECOND_MS,
    settleMs: 15 * SECOND_MS,
  },
  restart: {
    kind: "restart",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 15 * SECOND_MS,
    settleMs: 60 * SECOND_MS,
  },
} as const satisfies { readonly [kind: string]: ActionTraits };

export const ACTION_KINDS: readonly string[] = Object.keys(TRAITS);
