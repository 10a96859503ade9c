import type { Instant, Millis } from "../../domain/time.ts";
import { put, SLOTS, sumOf, type Ring, type Slot, type Sum } from "./ring.ts";
import type { BurnRateSettings } from "./settings.ts";
import { learn, passed, type Usual } from "./usual.ts";

export interface Counts {
  readonly failed: number;
  readonly requests: number;
}

export interface Windows {
  /** One ring of at most 61 slots for each tier. */
  readonly rings: readonly Ring[];
  readonly usual: Usual;
}

/** Puts the counts of `lengthMs` into every ring; what leaves the longest one and was quiet is learnt as usual. */
export function addCounts(
  { rings, usual }: Windows,
  ts: Instant,
  { failed, requests }: Counts,
  lengthMs: Millis,
  isQuiet: (slot: Slot) => boolean,
  settings: BurnRateSettings,
): Windows {
  const puts = settings.tiers.map(({ longMs }, index) =>
    put(rings[index] ?? [], ts, { failed, requests }, longMs),
  );
  const longest = longestOf(settings);
  const gone = puts[longest]?.gone.filter(isQuiet) ?? [];
  const slotMs = (settings.tiers[longest]?.longMs ?? 0) / SLOTS;
  const traffic = lengthMs === 0 ? usual : passed(usual, requests, lengthMs);
  return {
    rings: puts.map(({ ring }) => ring),
    usual: gone.length === 0 ? traffic : learn(traffic, gone, slotMs),
  };
}

/** Place of the tier with the longest window. */
export function longestOf({ tiers }: BurnRateSettings): number {
  const longest = Math.max(...tiers.map(({ longMs }) => longMs));
  return tiers.findIndex(({ longMs }) => longMs === longest);
}

/** What the finest ring tells of the last two slots, or of the shortest window of all. */
export function finestSum(
  rings: readonly Ring[],
  ts: Instant,
  part: "now" | "recent",
  { tiers }: BurnRateSettings,
): Sum {
  const longMs = Math.min(...tiers.map((tier) => tier.longMs));
  const finest = tiers.findIndex((tier) => tier.longMs === longMs);
  const recentMs = Math.min(...tiers.map(({ shortMs }) => shortMs));
  return sumOf(rings[finest] ?? [], ts, part === "now" ? longMs / SLOTS : recentMs, longMs);
}
