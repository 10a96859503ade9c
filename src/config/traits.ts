import type { ActionTraits } from "../domain/attempt.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";

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
  rollback: {
    kind: "rollback",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 3 * MINUTE_MS,
  },
  redeploy: {
    kind: "redeploy",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    // It may be built again.
    settleMs: 10 * MINUTE_MS,
  },
  "cancel-deploy": {
    kind: "cancel-deploy",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 60 * SECOND_MS,
  },
  scale: {
    kind: "scale",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 60 * SECOND_MS,
  },
  "freeze-autodeploy": {
    kind: "freeze-autodeploy",
    effect: "reversible",
    repeat: "idempotent",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 60 * SECOND_MS,
  },
  "collect-evidence": {
    kind: "collect-evidence",
    effect: "look",
    repeat: "idempotent",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 20 * SECOND_MS,
  },
} as const satisfies { readonly [kind: string]: ActionTraits };

export const ACTION_KINDS: readonly string[] = Object.keys(TRAITS);
