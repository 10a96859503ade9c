import { MINUTE_MS, type Millis } from "../../src/domain/time.ts";
import { AFTER_A_RELEASE, NOT_TO_TOUCH, wasTriedInVain } from "../response/diagnosis.ts";
import type { Findings, Rule } from "../vocabulary.ts";

/** A class explains the errors when most of the lines are of it, and there are enough of them. */
const MOST = 0.5;
const LINES_MIN = 5;
/** A log is read once a minute: so long it may not yet have told. */
const UNREAD_MS: Millis = 3 * MINUTE_MS;

export const rules: readonly Rule[] = [
  ...NOT_TO_TOUCH,
  AFTER_A_RELEASE,
  {
    cause: "database-errors",
    words: "the app's log speaks of its database",
    advice: "leave",
    when: (findings) => areMostly(findings, "database"),
  },
  {
    cause: "external-errors",
    words: "the app's log speaks of somebody else's API",
    advice: "fallback",
    when: (findings) => areMostly(findings, "external-api") && !wasTriedInVain(findings, "switch"),
  },
  {
    cause: "timeouts",
    words: "the app's log speaks of time-outs",
    advice: "remedy",
    when: (findings) => areMostly(findings, "timeout") && !wasTriedInVain(findings, "scale"),
  },
  {
    cause: "log-not-yet-read",
    advice: "wait",
    when: ({ seen: { errors }, now, onset }) =>
      errors !== undefined && sum(errors) < LINES_MIN && now - onset < UNREAD_MS,
  },
];

function areMostly({ seen: { errors } }: Findings, name: string): boolean {
  if (errors === undefined) return false;
  const all = sum(errors);
  return all >= LINES_MIN && (errors[name] ?? 0) / all > MOST;
}

function sum(counts: { readonly [name: string]: number }): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
