import type { Problem } from "../domain/problem.ts";
import { SECOND_MS, type Instant, type Millis } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import { withDeadline } from "./loop.ts";

/** What the other end is told. `fail`: alive, and not able to do its whole job. */
export interface Beat {
  readonly kind: "ok" | "fail";
  /** A few lines for whoever is called by it. */
  readonly text: string;
}

export interface DeadmanParts {
  readonly everyMs: Millis;
  readonly pulse: Pulse;
  /** Writes to the journal without saying anything in it; why it could not, or null. */
  readonly tryWrite: () => Promise<Problem | null>;
  readonly unready: () => readonly string[];
  /** Lines that show progress to a person. */
  readonly summary: () => readonly string[];
  readonly send: (beat: Beat, signal: AbortSignal) => Promise<Problem | null>;
  /** What came of each turn: a beat, or the reasons of silence. */
  readonly onBeat: (beat: Beat | null, why: readonly string[]) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

const SEND_MS: Millis = 10 * SECOND_MS;

/**
 * The dead man's switch: somebody outside expects a call, and calls people when none comes. It carries progress, not only life: where
 * a loop stands still or the journal cannot be written nothing is sent. A loop of its own, which nothing waits for.
 */
export async function runDeadman(parts: DeadmanParts): Promise<void> {
  const { clock, signal, everyMs } = parts;
  for (;;) {
    try {
      await clock.until(clock.now() + everyMs, signal);
    } catch {
      return;
    }
    try {
      await beat(parts);
    } catch (error) {
      if (!signal.aborted) parts.onError(error);
    }
  }
}

async function beat(parts: DeadmanParts): Promise<void> {
  const { pulse, signal, onBeat } = parts;
  const trouble = await parts.tryWrite();
  const still = [
    ...(trouble === null ? [] : [`the journal cannot be written: ${trouble.detail}`]),
    ...pulse.standing().map((name) => `no progress: ${name}`),
  ];
  if (still.length > 0) return onBeat(null, still);
  const reasons = parts.unready();
  const next: Beat = {
    kind: reasons.length === 0 ? "ok" : "fail",
    text: [...reasons.map((reason) => `not ready: ${reason}`), ...parts.summary()].join("\n"),
  };
  const failed = await parts.send(next, withDeadline(signal, SEND_MS));
  if (!signal.aborted) onBeat(next, failed === null ? [] : [failed.detail]);
}

/** What must go on, each with the longest time it may take from one time to the next. */
export interface Pulse {
  mark(name: string): void;
  /** Those that have not gone on for longer than that. */
  standing(): readonly string[];
}

export function createPulse(clock: Clock, longestMs: { readonly [name: string]: Millis }): Pulse {
  const begun = clock.now();
  const last = new Map<string, Instant>(Object.keys(longestMs).map((name) => [name, begun]));
  return {
    mark: (name) => void last.set(name, clock.now()),
    standing: () => {
      const now = clock.now();
      return [...last].flatMap(([name, at]) => (now - at > (longestMs[name] ?? 0) ? [name] : []));
    },
  };
}
