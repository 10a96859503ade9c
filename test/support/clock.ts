import { setImmediate } from "node:timers/promises";

import type { Instant, Millis } from "../../src/domain/time.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** A clock that stands still until the test moves it. */
export class HandClock implements Clock {
  #now: Instant;
  readonly #waiting = new Set<{ readonly due: Instant; readonly wake: () => void }>();

  constructor(now: Instant) {
    this.#now = now;
  }

  now(): Instant {
    return this.#now;
  }

  until(due: Instant, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const sleeper = { due, wake: resolve };
      this.#waiting.add(sleeper);
      const leave = (): void => {
        this.#waiting.delete(sleeper);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** Lets so much time pass: who waits wakes in the order of their due times, and does what follows, before it goes on. */
  async pass(ms: Millis): Promise<void> {
    const end = this.#now + ms;
    await setImmediate();
    for (;;) {
      const [next] = [...this.#waiting].sort((a, b) => a.due - b.due);
      if (next === undefined || next.due > end) break;
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.wake();
      await setImmediate();
    }
    this.#now = end;
    await setImmediate();
  }
}
