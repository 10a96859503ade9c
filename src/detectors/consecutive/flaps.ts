import type { Instant, Millis } from "../../domain/time.ts";
import {
  FLAP_STATES,
  flapPercent,
  type FlapThresholds,
  isFlapping,
  NAGIOS_FLAP_THRESHOLDS,
} from "../../statistics/flapping.ts";

export interface FlapSettings extends FlapThresholds {
  /** A state that lasts is recorded so often; a change at once. */
  readonly everyMs: Millis;
}

/**
 * Nagios' thresholds and its usual interval of checks: looks every few seconds would forget within three minutes. One outage
 * is at most 13 %, two are 25 %: the third recovery within some twenty minutes makes it flapping.
 */
export const FLAP_DEFAULTS: FlapSettings = { ...NAGIOS_FLAP_THRESHOLDS, everyMs: 60_000 };

/** The recorded past of one signal. */
export interface Flaps {
  /** Hard states, the newest last: `1` up, `0` down; at most 21. */
  readonly states: string;
  readonly recorded: Instant | null;
  /** Of changes among the last 21 states, weighted; 0 before anything is known. */
  readonly percent: number;
  readonly isFlapping: boolean;
}

export const FLAPS_START: Flaps = { states: "", recorded: null, percent: 0, isFlapping: false };

/** Records a hard state, or the soft recovery of one: what is not yet believed says nothing of flapping. */
export function record(flaps: Flaps, ts: Instant, isUp: boolean, settings: FlapSettings): Flaps {
  const state = isUp ? "1" : "0";
  const isSame = flaps.states.endsWith(state);
  if (isSame && flaps.recorded !== null && ts - flaps.recorded < settings.everyMs) return flaps;
  // Nothing is known before the first state, and so no change is.
  const states = (flaps.states + state).padStart(FLAP_STATES, flaps.states[0] ?? state);
  const recent = states.slice(-FLAP_STATES);
  const percent = flapPercent(Array.from(recent)) ?? 0;
  return {
    states: recent,
    recorded: ts,
    percent,
    isFlapping: isFlapping(flaps.isFlapping, percent, settings),
  };
}
