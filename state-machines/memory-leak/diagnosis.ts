import { NOT_TO_TOUCH } from "../response/diagnosis.ts";
import type { Findings, Rule } from "../vocabulary.ts";

/** With less than this left nobody waits for a quiet time any more. */
const HOURS_MIN = 2;
/** So many replacements in a day with the same growth: the next one would not change it either. */
const REPLACED_MAX = 2;

export const rules: readonly Rule[] = [
  ...NOT_TO_TOUCH,
  {
    cause: "leaks-again",
    words: "it leaks again after each restart, so the release is to blame",
    advice: "fallback",
    when: ({ acts }) => acts.filter(({ action }) => action !== "rollback").length >= REPLACED_MAX,
  },
  {
    cause: "near-the-limit",
    words: "memory reaches its limit within two hours",
    advice: "remedy",
    when: (findings) => hoursLeft(findings) <= HOURS_MIN,
  },
  { cause: "leaking", advice: "remedy", when: ({ isQuiet }) => isQuiet },
  { cause: "leaking", advice: "wait", when: () => true },
];

function hoursLeft({ signals }: Findings): number {
  const hours = signals.flatMap(({ opens, numbers }) => {
    const left = opens === "memory-leak" ? numbers?.["hoursToLimit"] : undefined;
    return typeof left === "number" ? [left] : [];
  });
  return Math.min(Infinity, ...hours);
}
