import type { ErrorClass } from "../../src/domain/evidence.ts";
import { AFTER_A_RELEASE, NOT_TO_TOUCH, wasTriedInVain } from "../response/diagnosis.ts";
import type { Findings, Rule } from "../vocabulary.ts";

/** A class explains the errors when most of the lines are of it, and there are enough of them. */
const MOST = 0.5;
const LINES_MIN = 5;

export const rules: readonly Rule[] = [
  ...NOT_TO_TOUCH,
  AFTER_A_RELEASE,
  {
    cause: "database-errors",
    advice: "leave",
    when: (findings) => areMostly(findings, "database"),
  },
  {
    cause: "external-errors",
    advice: "fallback",
    when: (findings) => areMostly(findings, "external") && !wasTriedInVain(findings, "switch"),
  },
  {
    cause: "timeouts",
    advice: "remedy",
    when: (findings) => areMostly(findings, "timeout") && !wasTriedInVain(findings, "scale"),
  },
];

function areMostly({ seen: { errors } }: Findings, kind: ErrorClass): boolean {
  if (errors === undefined) return false;
  const all = Object.values(errors).reduce((sum, count) => sum + count, 0);
  return all >= LINES_MIN && errors[kind] / all > MOST;
}
