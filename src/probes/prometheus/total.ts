import type { Bucket } from "../../domain/observation.ts";
import type { Delta } from "./track.ts";

/**
 * Buckets of all processes together, counted by the probe itself: a sum of what they say would jump whenever one of them is
 * not heard. It begins anew when the only process did, so that readers hear of a restart, and when the bounds change.
 */
export interface Total {
  add(deltas: readonly Delta[], bounds: readonly number[]): void;
  begin(): void;
  /** `null` before any bounds are known. */
  buckets(): readonly Bucket[] | null;
}

export function createTotal(): Total {
  let counts: ReadonlyMap<number, number> = new Map();
  const zeros = (bounds: readonly number[]) => new Map(bounds.map((bound) => [bound, 0] as const));
  const fits = (bounds: Iterable<number>) => {
    const all = [...bounds];
    return all.length === counts.size && all.every((bound) => counts.has(bound));
  };
  return {
    add(deltas, bounds) {
      if (bounds.length > 0 && !fits(bounds)) counts = zeros(bounds);
      for (const { buckets } of deltas)
        if (buckets !== null && fits(buckets.keys()))
          counts = new Map([...counts].map(([le, sum]) => [le, sum + (buckets.get(le) ?? 0)]));
    },
    begin() {
      counts = zeros([...counts.keys()]);
    },
    buckets() {
      return counts.size === 0 ? null : Array.from(counts, ([le, count]) => ({ le, count }));
    },
  };
}
