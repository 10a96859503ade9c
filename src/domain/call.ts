import type { Instant } from "./time.ts";

/** Something called in, as it must from time to time. */
export interface Call {
  readonly at: Instant;
  /** The caller itself said that it failed. */
  readonly failed: boolean;
}
