import type { Instant, Millis } from "../../domain/time.ts";

/** Requests of one sixtieth of a long window, from `from` on. */
export interface Slot {
  readonly from: Instant;
  readonly failed: number;
  readonly requests: number;
}

/** Counts of one long window, downsampled to sixtieths: never more than 61 slots, oldest first. */
export type Ring = readonly Slot[];

export interface Sum {
  readonly failed: number;
  readonly requests: number;
  /** The failed ones of the two worst slots. */
  readonly worst: number;
}

/** Adds counts that became known at `ts`; also says what fell out at the old end. */
export function put(
  ring: Ring,
  ts: Instant,
  counts: { readonly failed: number; readonly requests: number },
  longMs: Millis,
): { readonly ring: Ring; readonly gone: readonly Slot[] } {
  const slotMs = longMs / SLOTS;
  const from = Math.floor(ts / slotMs) * slotMs;
  const last = ring.at(-1);
  if (last !== undefined && last.from === from) {
    const failed = last.failed + counts.failed;
    const requests = last.requests + counts.requests;
    return { ring: [...ring.slice(0, -1), { from, failed, requests }], gone: [] };
  }
  const begin = ring.findIndex((slot) => slot.from + slotMs > ts - longMs);
  const kept = begin < 0 ? [] : ring.slice(begin);
  const gone = begin < 0 ? ring : ring.slice(0, begin);
  return { ring: [...kept, { from, ...counts }], gone };
}

/** What the slots tell that lie, at least in part, in the last `lengthMs` before `ts`. */
export function sumOf(ring: Ring, ts: Instant, lengthMs: Millis, longMs: Millis): Sum {
  let failed = 0;
  let requests = 0;
  let worst = 0;
  let second = 0;
  const slotMs = longMs / SLOTS;
  for (let index = ring.length - 1; index >= 0; index -= 1) {
    const slot = ring[index];
    if (slot === undefined || slot.from + slotMs <= ts - lengthMs) break;
    failed += slot.failed;
    requests += slot.requests;
    if (slot.failed > worst) [worst, second] = [slot.failed, worst];
    else if (slot.failed > second) second = slot.failed;
  }
  return { failed, requests, worst: worst + second };
}

/** The slot from which on the most requests failed over `share`: the estimated onset, as fine as a slot. */
export function onsetOf(ring: Ring, share: number): Instant | null {
  let excess = 0;
  let most = 0;
  let onset: Instant | null = null;
  for (let index = ring.length - 1; index >= 0; index -= 1) {
    const slot = ring[index];
    if (slot === undefined) break;
    excess += slot.failed - share * slot.requests;
    if (excess > most) [most, onset] = [excess, slot.from];
  }
  return onset;
}

/** A window in so many slots: a little coarse, for a state of a few kilobytes. */
export const SLOTS = 60;
