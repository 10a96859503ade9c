import type { Rules } from "../../src/domain/rules.ts";
import type { Case } from "./cases.ts";
import { observe } from "./observe.ts";
import { play } from "./play.ts";
import { score, type Score } from "./score.ts";

/** Plays one run of a case: always the same one for its number. */
export function run({ system, story }: Case, number: number, rules: Rules): Score {
  const seed = 1_000 * number + 17;
  const told = story(seed);
  return score(play(observe(system, told, seed), rules), told, system.everyMs);
}
