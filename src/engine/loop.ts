import type { Instant, Millis } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";

/** Wakes sleepers early: a hint, never a promise. */
export interface Bell {
  ring(): void;
  /** Resolves at the due time, at a ring, or when the signal is aborted; never rejects. */
  wait(due: Instant, signal: AbortSignal): Promise<void>;
}

/** One for all: an abort without a reason makes an error with a stack each time, and nobody reads it. */
const RUNG = new Error("rung");

export function createBell(clock: Clock): Bell {
  let wake = new AbortController();
  return {
    ring: () => {
      const rung = wake;
      wake = new AbortController();
      rung.abort(RUNG);
    },
    wait: async (due, signal) => {
      try {
        await clock.until(due, AbortSignal.any([wake.signal, signal]));
      } catch {
        // Rung or stopped: both mean "look again".
      }
    },
  };
}

export interface LoopParts {
  readonly clock: Clock;
  readonly bell: Bell;
  readonly signal: AbortSignal;
  /** Called with what a turn threw: a bug, told and survived. */
  readonly onError: (error: unknown) => void;
  /** Called after each whole turn. */
  readonly onTurn?: () => void;
}

/** Turn after turn until the signal; each turn says when the next one is due at the latest. */
export async function loop(parts: LoopParts, turn: () => Promise<Instant>): Promise<void> {
  const { clock, bell, signal, onError, onTurn } = parts;
  while (!signal.aborted) {
    let due: Instant;
    try {
      due = await turn();
      onTurn?.();
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      due = clock.now() + ERROR_PAUSE_MS;
    }
    await bell.wait(due, signal);
  }
}

/** After a bug the loop goes on, slowly. */
const ERROR_PAUSE_MS: Millis = 1_000;

/** A promise that a signal can end; the work itself is told by the same signal and may finish on its own. */
export function withDeadline(signal: AbortSignal, deadlineMs: Millis): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
}
