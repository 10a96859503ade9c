import { demand } from "./demand.ts";

/** How many of the latest states are looked at, and so one transition less. */
export const FLAP_STATES = 21;

/** Flapping starts at `high` per cent and more, and ends at `low` and less. */
export type FlapThresholds = { readonly low: number; readonly high: number };

/** Nagios' compiled-in thresholds for services, in per cent. */
export const NAGIOS_FLAP_THRESHOLDS: FlapThresholds = { low: 20, high: 30 };

/**
 * The weighted per cent of state changes among the latest 21 states, oldest first: each of the 20 transitions weighs
 * from 0.75 (oldest) to 1.25 (newest), and their sum is divided by 20 (Nagios Core, `flapping.c`). Older states are
 * ignored; `null` with fewer than 21, where Nagios would invent unchanged ones. States are compared with `===`.
 */
export function flapPercent(states: readonly (string | number | boolean)[]): number | null {
  if (states.length < FLAP_STATES) return null;
  const recent = states.slice(-FLAP_STATES);
  const transitions = FLAP_STATES - 1;
  let changes = 0;
  for (let i = 1; i < FLAP_STATES; i += 1) {
    const weight = 0.75 + ((i - 1) * 0.5) / (transitions - 1);
    if (recent[i] !== recent[i - 1]) changes += weight;
  }
  return (changes * 100) / transitions;
}

/**
 * Whether a target counts as flapping after this reading: between the thresholds nothing changes, nor without a reading.
 * Throws unless 0 <= low < high <= 100.
 */
export function isFlapping(
  wasFlapping: boolean,
  percent: number | null,
  thresholds: FlapThresholds,
): boolean {
  const { low, high } = thresholds;
  demand(low >= 0 && low < high && high <= 100, "thresholds need 0 <= low < high <= 100");
  demand(percent === null || (percent >= 0 && percent <= 100), "percent must lie in [0, 100]");
  if (percent === null) return wasFlapping;
  return wasFlapping ? percent > low : percent >= high;
}
