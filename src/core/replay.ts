import { apply, EMPTY_WORLD } from "../domain/apply.ts";
import { canonical } from "../domain/json.ts";
import type { Rules } from "../domain/rules.ts";
import type { Entry, World } from "../domain/world.ts";
import { decide } from "./decide.ts";

/** Where a recomputed decision differs from the recorded one. */
export interface Difference {
  readonly seq: number;
  readonly recorded: string;
  readonly recomputed: string;
}

/** The world a journal leads to. The stored snapshot is a cache of this. */
export function fold(entries: readonly Entry[]): World {
  return entries.reduce(
    (world, entry) => apply(world, entry.seq, entry.at, entry.decision.changes),
    EMPTY_WORLD,
  );
}

/** Makes every recorded decision again, from its event and facts, and lists what comes out differently. */
export function recompute(entries: readonly Entry[], rules: Rules): readonly Difference[] {
  const differences: Difference[] = [];
  let world = EMPTY_WORLD;
  for (const entry of entries) {
    const recorded = canonical(entry.decision);
    const recomputed = canonical(decide(world, entry.event, entry.facts, rules));
    if (recorded !== recomputed) differences.push({ seq: entry.seq, recorded, recomputed });
    world = apply(world, entry.seq, entry.at, entry.decision.changes);
  }
  return differences;
}
