import { HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from "../../src/domain/time.ts";
import { CASES, type Case } from "./cases.ts";
import { total, worstDelay } from "./score.ts";
import { BUSY, TRICKLE } from "./systems.ts";
import { nameOf, type Results } from "./table.ts";

export interface Target {
  readonly says: string;
  readonly isMet: (results: Results) => boolean;
}

/** What the shipped defaults must hold: at 5 requests a second, every 10 s, where at most 0.2 % usually fail. */
export const TARGETS: readonly Target[] = [
  within("a total outage is found within 30 s", "total outage", 30 * SECOND_MS),
  within("10 % errors are found within 2 min", "10 % errors", 2 * MINUTE_MS),
  within("2 % errors are found within 15 min", "2 % errors", 15 * MINUTE_MS),
  within("a release with twice the latency within 10 min", "release, latency x2", 10 * MINUTE_MS),
  within(
    "a release with 2 points more errors within 10 min",
    "release, +2 points of errors",
    10 * MINUTE_MS,
  ),
  within("a leak of 2 % of the limit per hour within 4 h", "leak of 2 % per hour", 4 * HOUR_MS),
  {
    says: "at most 1 false incident in 30 quiet days, over all of these systems",
    isMet: (results) => {
      const { falseOnes, days } = total(quietOf(results, BUSY));
      return falseOnes.length <= days / 30;
    },
  },
  {
    says: "at most 1 false leak in 70 process-days",
    isMet: (results) => {
      const { falseOnes, days } = total(
        quietOf(
          results,
          CASES.flatMap(({ system }) => (system.tells.memory === undefined ? [] : [system])),
        ),
      );
      return falseOnes.filter((kind) => kind === "memory-leak").length <= days / 70;
    },
  },
  {
    says: "no false alarm at 0.1 request/s",
    isMet: (results) => quietOf(results, TRICKLE).every(({ falseOnes }) => falseOnes.length === 0),
  },
];

function within(says: string, kind: string, mostMs: Millis): Target {
  return {
    says,
    isMet: (results) =>
      CASES.filter((one) => one.kind === kind && isTargeted(one)).every((one) => {
        const score = total(results[nameOf(one)] ?? []);
        return score.found === score.faults && (worstDelay(score) ?? Infinity) <= mostMs;
      }),
  };
}

function isTargeted({ system }: Case): boolean {
  return BUSY.includes(system) && system.errors.share <= 0.002;
}

function quietOf(results: Results, systems: readonly Case["system"][]) {
  return CASES.filter(({ isQuiet, system }) => isQuiet && systems.includes(system)).map((one) =>
    total(results[nameOf(one)] ?? []),
  );
}
