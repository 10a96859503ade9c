import { type Attempt, type AttemptState, LEDGER, UNSTARTED } from "../domain/attempt.ts";
import { timerId } from "../domain/ids.ts";
import { ACT_SLOTS } from "../domain/runbook.ts";
import type { Draft } from "./draft.ts";

const ENDED: readonly AttemptState[] = [
  "effective",
  "ineffective",
  "unknown",
  "rejected",
  "not-seen",
  "shadowed",
  "withdrawn",
  "expired",
];

/** Moves an attempt along the ledger; a move the ledger does not know is a programmer error. */
export function move(
  draft: Draft,
  attempt: Attempt,
  state: AttemptState,
  more: Partial<
    Pick<
      Attempt,
      | "problem"
      | "evidence"
      | "plan"
      | "heldUntil"
      | "startedAt"
      | "settlesAt"
      | "tries"
      | "askedAt"
      | "approval"
      | "objection"
    >
  > = {},
): Attempt {
  if (!LEDGER[attempt.state].includes(state)) {
    throw new Error(`attempt ${attempt.id} cannot go from ${attempt.state} to ${state}`);
  }
  const isEnded = ENDED.includes(state) || (state === "seen" && !isJudgedLater(attempt));
  const next: Attempt = {
    ...attempt,
    ...more,
    state,
    endedAt: isEnded ? draft.event.at : null,
  };
  draft.putAttempt(next);
  if (!UNSTARTED.includes(state)) {
    draft.dropTimer(timerId(attempt.id, "expiry"));
    draft.dropTimer(timerId(attempt.id, "approval"));
  }
  return next;
}

/** Only what should cure is judged by its effect; looks, switches and what takes something back end with being seen. */
function isJudgedLater({ slot }: Attempt): boolean {
  return ACT_SLOTS.includes(slot);
}
