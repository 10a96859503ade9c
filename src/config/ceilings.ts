import type { Ceilings } from "../domain/rules.ts";
import { HOUR_MS, MINUTE_MS, type Millis } from "../domain/time.ts";

/** What holds for all acts when nothing is configured. */
export const CEILINGS: Ceilings = {
  perService: 4,
  overall: 8,
  cooldownMs: 5 * MINUTE_MS,
  processAgeMs: MINUTE_MS,
  standBackMs: 10 * MINUTE_MS,
  aftermathMs: 2 * MINUTE_MS,
  storm: { targets: 3, withinMs: 5 * MINUTE_MS },
  vain: { incidents: 2, withinMs: 7 * 24 * HOUR_MS },
};

/** Within this time after its end an incident that comes back is the same one. */
export const REOPEN_MS: Millis = 5 * MINUTE_MS;
