import type { Instant, Millis } from "../domain/time.ts";

/** Where time comes from. `until` resolves at the instant or rejects when the signal is aborted. */
export interface Clock {
  now(): Instant;
  until(due: Instant, signal: AbortSignal): Promise<void>;
}

/** `elapsed`: milliseconds since some moment. It goes on evenly when the machine's clock is set, and says how long something took. */
export interface SteadyClock extends Clock {
  elapsed(): Millis;
}
