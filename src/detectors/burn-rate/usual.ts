import { HOUR_MS, type Instant, type Millis } from "../../domain/time.ts";
import { slotsOf, type Counts, type Ring, type Slot } from "./ring.ts";
import type { BurnRateSettings } from "./settings.ts";

/** What usually happens, older time fading: half of it counts after two days. */
export interface Usual {
  readonly failed: number;
  readonly requests: number;
  /** Quiet time learnt from for the share. */
  readonly quietMs: Millis;
  /** All requests and all time, also bad ones: the traffic there usually is. */
  readonly traffic: number;
  readonly trafficMs: Millis;
}

export const USUAL_START: Usual = {
  failed: 0,
  requests: 0,
  quietMs: 0,
  traffic: 0,
  trafficMs: 0,
};

/** Takes note of the traffic of `lengthMs`. */
export function passed(usual: Usual, requests: number, lengthMs: Millis): Usual {
  const kept = Math.pow(0.5, lengthMs / HALF_MS);
  return {
    ...usual,
    traffic: usual.traffic * kept + requests,
    trafficMs: usual.trafficMs * kept + lengthMs,
  };
}

/** Takes slots into the past that have left the longest window without a breach. */
export function learn(usual: Usual, slots: readonly Slot[], slotMs: Millis): Usual {
  let next = usual;
  for (const slot of slots) {
    const kept = Math.pow(0.5, slotMs / HALF_MS);
    next = {
      ...next,
      failed: next.failed * kept + slot.failed,
      requests: next.requests * kept + slot.requests,
      quietMs: next.quietMs * kept + slotMs,
    };
  }
  return next;
}

/**
 * The share of failed requests that is allowed. Until an hour has left the longest window, the older half of that window
 * stands for the past. `null` while there are less than two hours of it.
 */
export function allowedShare(
  usual: Usual,
  longest: Ring,
  ts: Instant,
  settings: BurnRateSettings,
): number | null {
  const promised = 1 - settings.objective;
  if (!settings.followsPast) return promised;
  const past = usual.quietMs >= HOUR_MS ? usual : olderHalf(longest, ts);
  if (past === null || past.requests < MIN_REQUESTS) return null;
  return Math.max(promised, Math.min(settings.maxUsual, past.failed / past.requests));
}

function olderHalf(ring: Ring, ts: Instant): Counts | null {
  const slots = slotsOf(ring);
  const first = slots[0];
  if (first === undefined || ts - first.from < 2 * HOUR_MS) return null;
  const middle = (first.from + ts) / 2;
  let failed = 0;
  let requests = 0;
  for (const slot of slots) {
    if (slot.from > middle) break;
    failed += slot.failed;
    requests += slot.requests;
  }
  return { failed, requests };
}

const HALF_MS = 48 * HOUR_MS;
const MIN_REQUESTS = 100;
