import type { Rules } from "../../src/domain/rules.ts";
import { HOUR_MS } from "../../src/domain/time.ts";
import { observe } from "./observe.ts";
import { play } from "./play.ts";
import { score } from "./score.ts";
import type { System } from "./system.ts";

const SHARES = [1, 0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.07, 0.05];
const RUNS = 10;
const START = Date.UTC(2026, 0, 7, 12);

/** The smallest share of failed requests, beside the usual ones, that is found within an hour in nine of ten runs; `null`: none. */
export function smallestShare(system: System, rules: Rules): number | null {
  let smallest: number | null = null;
  for (const fails of SHARES) {
    let found = 0;
    for (let number = 0; number < RUNS; number += 1) {
      const from = START + 6 * HOUR_MS;
      const until = from + HOUR_MS;
      const opens = ["high-error-rate"];
      const fault = { from, until, effect: { fails }, shape: "step" as const, opens };
      const story = { from: START, until, faults: [fault], changes: [] };
      found += score(play(observe(system, story, 1_000 * number + 17), rules), story, 0).found;
    }
    if (found < 0.9 * RUNS) break;
    smallest = fails;
  }
  return smallest;
}
