import type { Instant, Millis } from "../../domain/time.ts";

export interface Counts {
  readonly failed: number;
  readonly requests: number;
}

/** Requests of one sixtieth of a long window, from `from` on. */
export interface Slot extends Counts {
  readonly from: Instant;
}

/** Counts of one long window, downsampled to sixtieths. */
export interface Ring {
  /** Those that are full: never more than 60, oldest first. */
  readonly full: readonly Slot[];
  /** All of them together. They stay as they are while the open one fills, so they are summed up once and not at every look. */
  readonly sum: Sum;
  readonly open: Slot | null;
}

export interface Sum extends Counts {
  /** The failed ones of the two worst slots. */
  readonly worst: number;
  readonly second: number;
}

const NOTHING: Sum = { failed: 0, requests: 0, worst: 0, second: 0 };

export const RING_START: Ring = { full: [], sum: NOTHING, open: null };

/** Adds counts that became known at `ts`; also says what fell out at the old end. */
export function put(
  ring: Ring,
  ts: Instant,
  { failed, requests }: Counts,
  longMs: Millis,
): { readonly ring: Ring; readonly gone: readonly Slot[] } {
  const slotMs = longMs / SLOTS;
  const from = Math.floor(ts / slotMs) * slotMs;
  const { full, sum, open } = ring;
  if (open !== null && open.from === from) {
    const more = { from, failed: open.failed + failed, requests: open.requests + requests };
    return { ring: { full, sum, open: more }, gone: NONE };
  }
  const all = slotsOf(ring);
  const begin = all.findIndex((slot) => slot.from + slotMs > ts - longMs);
  const kept = begin < 0 ? NONE : all.slice(begin);
  const gone = begin < 0 ? all : all.slice(0, begin);
  return {
    ring: { full: kept, sum: kept.reduce(plus, NOTHING), open: { from, failed, requests } },
    gone,
  };
}

/** Oldest first, with the one under way. */
export function slotsOf({ full, open }: Ring): readonly Slot[] {
  return open === null ? full : [...full, open];
}

/** The whole long window. */
export function wholeOf({ sum, open }: Ring): Sum {
  return open === null ? sum : plus(sum, open);
}

function plus(sum: Sum, { failed, requests }: Slot): Sum {
  return {
    failed: sum.failed + failed,
    requests: sum.requests + requests,
    worst: Math.max(sum.worst, failed),
    second: Math.max(sum.second, Math.min(sum.worst, failed)),
  };
}

/** What the slots tell that lie, at least in part, in the last `lengthMs` before `ts`. */
export function lastOf(
  { full, open }: Ring,
  ts: Instant,
  lengthMs: Millis,
  longMs: Millis,
): Counts {
  const slotMs = longMs / SLOTS;
  let { failed, requests } = open ?? NOTHING;
  for (let index = full.length - 1; index >= 0; index -= 1) {
    const slot = full[index];
    if (slot === undefined || slot.from + slotMs <= ts - lengthMs) break;
    failed += slot.failed;
    requests += slot.requests;
  }
  return { failed, requests };
}

/** The slot from which on the most requests failed over `share`: the estimated onset, as fine as a slot. */
export function onsetOf(ring: Ring, share: number): Instant | null {
  let excess = 0;
  let most = 0;
  let onset: Instant | null = null;
  for (const slot of slotsOf(ring).toReversed()) {
    excess += slot.failed - share * slot.requests;
    if (excess > most) [most, onset] = [excess, slot.from];
  }
  return onset;
}

/** A window in so many slots: a little coarse, for a state of a few kilobytes. */
export const SLOTS = 60;
const NONE: readonly Slot[] = [];
