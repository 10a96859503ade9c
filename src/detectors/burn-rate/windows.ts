import type { Instant, Millis } from "../../domain/time.ts";
import { lastOf, put, RING_START, SLOTS, type Counts, type Ring, type Slot } from "./ring.ts";
import type { BurnRateSettings } from "./settings.ts";
import { learn, passed, type Usual } from "./usual.ts";

export interface Windows {
  /** One for each tier. */
  readonly rings: readonly Ring[];
  readonly usual: Usual;
}

/** Puts the counts of `lengthMs` into every ring; what leaves the longest one and was quiet is learnt as usual. */
export function addCounts(
  { rings, usual }: Windows,
  ts: Instant,
  counts: Counts,
  lengthMs: Millis,
  isQuiet: (slot: Slot) => boolean,
  settings: BurnRateSettings,
): Windows {
  const puts = settings.tiers.map(({ longMs }, index) =>
    put(rings[index] ?? RING_START, ts, counts, longMs),
  );
  const longest = longestOf(settings);
  const gone = puts[longest]?.gone.filter(isQuiet) ?? [];
  const slotMs = (settings.tiers[longest]?.longMs ?? 0) / SLOTS;
  const traffic = lengthMs === 0 ? usual : passed(usual, counts.requests, lengthMs);
  return {
    rings: puts.map(({ ring }) => ring),
    usual: gone.length === 0 ? traffic : learn(traffic, gone, slotMs),
  };
}

/** Place of the tier with the longest window, the first of such. */
export function longestOf({ tiers }: BurnRateSettings): number {
  let longest = 0;
  for (const [index, { longMs }] of tiers.entries())
    if (longMs > (tiers[longest]?.longMs ?? 0)) longest = index;
  return longest;
}

/** What the finest ring tells of the last two slots (`now`), and of the shortest window of all (`recent`). */
export function finestOf(
  rings: readonly Ring[],
  ts: Instant,
  { tiers }: BurnRateSettings,
): { readonly now: Counts; readonly recent: Counts } {
  let finest = 0;
  let recentMs = Infinity;
  for (const [index, { longMs, shortMs }] of tiers.entries()) {
    if (longMs < (tiers[finest]?.longMs ?? 0)) finest = index;
    recentMs = Math.min(recentMs, shortMs);
  }
  const longMs = tiers[finest]?.longMs ?? 0;
  const ring = rings[finest] ?? RING_START;
  return {
    now: lastOf(ring, ts, longMs / SLOTS, longMs),
    recent: lastOf(ring, ts, recentMs, longMs),
  };
}
