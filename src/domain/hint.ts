import type { Instant } from "./time.ts";

export const SEVERITIES = ["critical", "error", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One thing that somebody outside said: a reason to look, never a fact to act on. */
export interface Said {
  /** What it is about in the source's own terms: the name of an alert, the type of an event. One bounded line. */
  readonly about: string;
  /** Which of those: the same name may fire for many instances, and each of them is called over by itself. */
  readonly alert: string;
  /** `note`: something happened, and nothing will be called over. */
  readonly state: "firing" | "resolved" | "note";
  readonly severity: Severity;
  /** The source's own words: one bounded line of text of strangers. */
  readonly words: string;
  /** When it was heard here. What time the source claims is not trusted. */
  readonly at: Instant;
}

/** Signals that somebody outside may count for us. */
export const COUNTED = ["complaints", "auth_failures"] as const;

/** What a hook reads out of one delivery, before anybody knows which target it concerns. */
export interface Hint extends Omit<Said, "at"> {
  /** The same id is the same occurrence: a repeat says nothing new. `null` where the source names none. */
  readonly id: string | null;
  /** What it says it is about: names, ids and addresses. The first that fits a target counts. */
  readonly names: readonly string[];
  /** Railway's environment, where it names one: what happens in another is none of ours. */
  readonly environment: string | null;
  /** How many there were since the last time. */
  readonly count: { readonly signal: (typeof COUNTED)[number]; readonly value: number } | null;
}

/** Bad enough to tell a person of it, although nothing of ours could look. */
export function isGrave({ state, severity }: Pick<Said, "state" | "severity">): boolean {
  return state === "firing" && (severity === "critical" || severity === "error");
}

/** How the thing is called that an alert stands for which fits no target. No target can be called so. */
export function outsideOf(source: string): string {
  return `${HEARSAY}${source}`;
}

/** Whether an incident stands for alerts from outside that no look of our own can check. */
export function isOutside(target: string): boolean {
  return target.startsWith(HEARSAY);
}

/** Names of probes that only listen begin like this. */
const HEARSAY = "hook ";

/** How a source's counts are called among a target's probes. */
export function hearsayProbe(source: string): string {
  return `${HEARSAY}${source}`;
}

/** Whether a signal is what others told us: it proves neither that our network works nor how something is now. */
export function isHearsay(signalKey: string): boolean {
  const [target = "", probe = ""] = signalKey.split("|");
  return probe.startsWith(HEARSAY) || isOutside(target);
}
