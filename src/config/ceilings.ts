import type { Ceilings } from "../domain/rules.ts";
import { MINUTE_MS } from "../domain/time.ts";

/** What holds for all acts when nothing is configured. */
export const CEILINGS: Ceilings = {
  perService: 4,
  overall: 8,
  cooldownMs: 5 * MINUTE_MS,
  processAgeMs: MINUTE_MS,
  aftermathMs: 2 * MINUTE_MS,
};
