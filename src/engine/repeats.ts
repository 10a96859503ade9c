import type { Hint } from "../domain/hint.ts";
import { MINUTE_MS, type Instant, type Millis } from "../domain/time.ts";

/** A sender that tries again does so within minutes. What it says after that is said anew: an alert that still fires. */
const BY_ID_MS: Millis = 10 * MINUTE_MS;
/** Where a source names no id, the same words soon after each other are taken for one event. */
const BY_CONTENT_MS: Millis = MINUTE_MS;
const KEPT_MAX = 5_000;

/** Remembers what was heard, so that a repeat has no effect. Bounded; forgotten with the process, which costs one more look. */
export interface Repeats {
  /** `content` stands for the hint's place in its delivery and the bytes of that. */
  isRepeat(source: string, hint: Hint, content: string, at: Instant): boolean;
  remember(source: string, hint: Hint, content: string, at: Instant): void;
}

export function createRepeats(): Repeats {
  const until = new Map<string, Instant>();
  const isKnown = (key: string, at: Instant): boolean => (until.get(key) ?? 0) > at;
  return {
    isRepeat: (source, hint, content, at) => {
      const key = keyOf(source, hint, content);
      if (key === null) return false;
      // Deliveries come in any order: what was called over is not begun again by a late word.
      const over =
        hint.state === "firing" ? keyOf(source, { ...hint, state: "resolved" }, content) : null;
      return isKnown(key, at) || (over !== null && hint.id !== null && isKnown(over, at));
    },
    remember: (source, hint, content, at) => {
      const key = keyOf(source, hint, content);
      if (key === null) return;
      until.delete(key);
      until.set(key, at + (hint.id === null ? BY_CONTENT_MS : BY_ID_MS));
      for (const oldest of until.keys()) {
        if (until.size <= KEPT_MAX) break;
        until.delete(oldest);
      }
    },
  };
}

/** `null`: counts without an id add up, because each of two equal ones may be true. */
function keyOf(
  source: string,
  { id, state, severity, count }: Hint,
  content: string,
): string | null {
  if (id !== null) return [source, id, state, state === "resolved" ? "" : severity].join("\n");
  return count === null ? [source, content].join("\n") : null;
}
