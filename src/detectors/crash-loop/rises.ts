import type { Instant } from "../../domain/time.ts";

/** The counter rose by so many somewhere between two looks. */
export interface Rise {
  readonly from: Instant;
  readonly to: Instant;
  readonly by: number;
}

/** Keeps the last rises only. */
export function remember(rises: readonly Rise[], rise: Rise): readonly Rise[] {
  return [...rises, rise].slice(-MOST_RISES);
}

/**
 * Restarts after `start`, looks that saw one, and the look before the first. Several restarts between two looks are taken as
 * evenly spread over that time, the last of them at its end: three in an hour are not three at once.
 */
export function countWithin(
  rises: readonly Rise[],
  start: Instant,
): { readonly restarts: number; readonly moments: number; readonly first: Instant | null } {
  let restarts = 0;
  let moments = 0;
  let first: Instant | null = null;
  for (const { from, to, by } of rises) {
    if (to <= start) continue;
    const share = Math.min(1, (to - start) / (to - from));
    restarts += Math.max(1, Math.floor(by * share));
    moments += 1;
    first ??= Math.max(from, start);
  }
  return { restarts, moments, first };
}

const MOST_RISES = 32;
