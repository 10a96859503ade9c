import type { Attempt, AttemptState } from "../../domain/attempt.ts";
import type { Draft } from "../draft.ts";

/** States in which the act happened or may have happened. */
const COUNTED: readonly AttemptState[] = [
  "started",
  "accepted",
  "seen",
  "effective",
  "ineffective",
  "unknown",
];

/**
 * Destructive acts that happened or may have happened, beside this one; the world keeps them for a day. Taking one back is none: it
 * would use up the budget of the next.
 */
export function spent(draft: Draft, attempt: Attempt): readonly Attempt[] {
  return Object.values(draft.world().attempts).filter(
    (candidate) =>
      candidate.id !== attempt.id &&
      candidate.slot !== "undo" &&
      COUNTED.includes(candidate.state) &&
      draft.rules.actions[candidate.action]?.effect === "destructive",
  );
}

/** Those that began within so long before now. */
export function since(
  draft: Draft,
  attempts: readonly Attempt[],
  lengthMs: number,
): readonly Attempt[] {
  const from = draft.event.at - lengthMs;
  return attempts.filter(({ startedAt }) => (startedAt ?? 0) > from);
}

/** When the oldest of them is so long ago. */
export function firstEnd(attempts: readonly Attempt[], lengthMs: number): number {
  return Math.min(...attempts.map(({ startedAt }) => startedAt ?? 0)) + lengthMs;
}
