import type { Attempt } from "../domain/attempt.ts";
import { textOf, type Json, type JsonObject } from "../domain/json.ts";
import type { Problem } from "../domain/problem.ts";
import { oneLine } from "../domain/text.ts";
import { timeOfDay, type Instant } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";
import { type Details, signalKey, signalWords } from "../domain/sample.ts";

/** Longest text of strangers that is shown in one place. */
const FOREIGN_MAX = 400;
/** Text that may come from strangers, as one harmless line. */
export function plain(text: string): string {
  return oneLine(text, FOREIGN_MAX);
}

/** Date and time of day: `2026-08-01 21:04:09 UTC`. */
export function stamp(at: Instant): string {
  // Beyond what a date can hold: the number as somebody wrote it.
  if (Number.isNaN(new Date(at).getTime())) return String(at);
  return `${new Date(at).toISOString().slice(0, 10)} ${timeOfDay(at)}`;
}

/** `restart of postgres`, `read-only off`. */
export function wish(attempt: Pick<Attempt, "action" | "target" | "params">): string {
  const name = textOf(attempt.params["switch"]);
  return plain(
    name === ""
      ? `${attempt.action} of ${attempt.target}`
      : `${name} ${textOf(attempt.params["value"], "on")}`,
  );
}

/** `[paused] paused by ann`: the stable code and its text. */
export function problemText(problem: Problem): string {
  return `[${problem.code}] ${plain(problem.detail)}`;
}

/** The judgement with the numbers that led to it. */
export function verdictText(verdict: Verdict): string {
  const { evidence } = verdict;
  const counts =
    evidence.numbers !== undefined
      ? `${evidence.detector}: ${Object.entries(evidence.numbers)
          .map(([name, value]) => `${plain(name)} ${plain(String(value ?? "unknown"))}`)
          .join(", ")}`
      : verdict.state === "healthy"
        ? `${evidence.successes} good in a row (well after ${evidence.closeAfter})`
        : verdict.state === "missing"
          ? `${evidence.unknowns} looks in a row could not say`
          : `${evidence.failures} failed in a row (down after ${evidence.openAfter}), ${evidence.successes} good in a row (well after ${evidence.closeAfter})`;
  const why = evidence.problem === undefined ? "" : `; ${problemText(evidence.problem)}`;
  const more = evidence.details === undefined ? "" : `; ${detailsText(evidence.details)}`;
  return `${plain(signalWords(signalKey(verdict.signal)))} is ${verdict.state}: ${counts}${why}${more}`;
}

/** `longestTransactionS: 340` is "longest transaction 340 s": names hold their unit at the end. */
function detailsText(details: Details): string {
  const texts = Object.entries(details).map(([name, value]) => {
    const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(" ");
    const unit = words.at(-1) ?? "";
    const isUnit = words.length > 1 && (unit === "ms" || unit === "s");
    return isUnit
      ? `${words.slice(0, -1).join(" ")} ${value} ${unit}`
      : `${words.join(" ")} ${value}`;
  });
  return plain(texts.join(", "));
}

/** The leaves of a JSON object as `path: value` texts, for people. At most `max` of them. */
export function leaves(object: JsonObject, max = 12): readonly string[] {
  const found = Object.entries(object).flatMap(([key, value]) => leavesOf(key, value));
  const more = found.length - max;
  return more > 0 ? [...found.slice(0, max), `and ${more} more`] : found;
}

function leavesOf(path: string, value: Json): readonly string[] {
  if (value === null) return [`${plain(path)}: not known`];
  if (typeof value !== "object") return [`${plain(path)}: ${plain(leafText(path, value))}`];
  if (!isObject(value)) {
    return value.every((item) => typeof item !== "object" || item === null)
      ? [`${plain(path)}: ${plain(value.map((item) => String(item)).join(", ")) || "none"}`]
      : value.flatMap((item, index) => leavesOf(`${path}.${index + 1}`, item));
  }
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(`${path}.${key}`, inner));
}

/** Moments are numbers in the journal; people read them as times. */
function leafText(path: string, value: string | number | boolean): string {
  const isMoment = typeof value === "number" && /(^|\.)(until|.*At|processStart)$/.test(path);
  return isMoment ? stamp(value) : String(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `once`, `3 times`. */
export function timesOf(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
