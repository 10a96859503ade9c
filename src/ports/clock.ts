import type { Instant } from "../domain/time.ts";

/** Where time comes from. `until` resolves at the instant or rejects when the signal is aborted. */
export interface Clock {
  now(): Instant;
  until(due: Instant, signal: AbortSignal): Promise<void>;
}
