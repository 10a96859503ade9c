import { decide } from "../core/decide.ts";
import { apply, EMPTY_WORLD } from "../domain/apply.ts";
import { firstDifference } from "../domain/json.ts";
import type { Rules } from "../domain/rules.ts";
import type { Entry, World } from "../domain/world.ts";

/** How many decisions were made again, and what came of it. */
export interface Recomputed {
  readonly same: number;
  /** Not made again: their configuration is neither in the journal nor given. */
  readonly otherRules: number;
  /** Came out differently, and were made by another version of this program. */
  readonly otherVersion: number;
}

/** Makes recorded decisions again, in order, and folds what was recorded. */
export interface DecisionCheck {
  /** Where the decision differs from what its event, facts and world lead to; `null` when it does not, or cannot be known. */
  see(entry: Entry): string | null;
  world(): World;
  result(): Recomputed;
}

/** `rules`: a configuration for entries from before the journal kept them. `version`: of this program. */
export function createDecisionCheck(rules: Rules | null, version: string): DecisionCheck {
  let world = EMPTY_WORLD;
  let kept: Rules | null = null;
  let madeBy: string | null = null;
  const counts = { same: 0, otherRules: 0, otherVersion: 0 };

  const again = (entry: Entry): string | null => {
    const under = [kept, rules].find((one) => one?.hash === entry.under.rules) ?? null;
    if (under === null) {
      counts.otherRules += 1;
      return null;
    }
    const made = JSON.stringify(decide(world, entry.event, entry.facts, under));
    // Written by the same code its keys stand in the same order.
    const isSame = made === JSON.stringify(entry.decision);
    const found = isSame ? null : firstDifference(entry.decision, JSON.parse(made));
    if (found === null) {
      counts.same += 1;
      return null;
    }
    if (madeBy !== null && madeBy !== version) {
      counts.otherVersion += 1;
      return null;
    }
    return `decision.${found.path} says ${found.one}, its recorded inputs lead to ${found.other}`;
  };

  return {
    see(entry) {
      try {
        if (entry.event.type === "start") {
          madeBy = entry.event.version;
          kept = entry.event.rules ?? null;
        }
        const difference = again(entry);
        world = apply(world, entry.seq, entry.at, entry.decision.changes);
        return difference;
      } catch (error) {
        // Only what was changed can be so: the daemon itself has decided on it.
        return `its inputs are none that a decision can be made of (${String(error)})`;
      }
    },
    world: () => world,
    result: () => counts,
  };
}
