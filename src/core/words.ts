import type { Attempt } from "../domain/attempt.ts";
import type { SignalFact } from "../domain/facts.ts";
import { textOf } from "../domain/json.ts";
import type { Lease } from "../domain/lease.ts";
import { PROBLEMS, type ProblemCode } from "../domain/problem.ts";
import type { Rules } from "../domain/rules.ts";

const KIND_WORDS: Readonly<Record<string, string>> = {
  "database-down": "Database down",
  "service-down": "Service down",
  "redis-down": "Redis down",
  "high-error-rate": "Too many requests fail",
  "high-latency": "Requests take too long",
  "memory-leak": "Memory grows towards its limit",
  "rollout-regression": "A release made it worse",
  "crash-loop": "It crashes again and again",
  saturation: "It runs out of room",
  "traffic-flood": "Unusually many requests",
  "data-breach": "Signs of abuse",
};

/** `Database down: postgres`. */
export function titleOf(kind: string, target: string): string {
  return `${KIND_WORDS[kind] ?? kind}: ${target}`;
}

/** `restart of postgres: unknown (the platform does not show whether it happened)`. */
export function wordsFor(attempt: Attempt): string {
  const detail = attempt.problem === null ? "" : ` (${attempt.problem.detail})`;
  return `${wishOf(attempt)}: ${attempt.state}${detail}`;
}

/** `restart of postgres`, `read-only on`. */
export function wishOf(attempt: Attempt): string {
  const name = attempt.params["switch"];
  return name === undefined
    ? `${attempt.action} of ${attempt.target}`
    : `${textOf(name)} ${textOf(attempt.params["value"], "on")}`;
}

/** `restarted postgres`. */
export function doneWords(actions: Rules["actions"], attempt: Attempt | undefined): string {
  if (attempt === undefined) return "nothing";
  const { action, target } = attempt;
  return actions[action]?.words?.done?.replaceAll("{target}", target) ?? `${action} of ${target}`;
}

/** What is held until it is taken back, while it holds or after. */
export function heldWords(
  actions: Rules["actions"],
  { state, held, incident, switch: name }: Lease,
): string {
  const words = actions[held?.action ?? ""]?.words;
  return state === "ended"
    ? (words?.released ?? `${name}: taken back.`)
    : (words?.held?.replaceAll("{incident}", incident) ?? `${name}: until it is taken back.`);
}

/** The machines' own words for why a person is called. */
export const REASONS: Readonly<Record<string, string>> = {
  unconfirmed: "no second path could confirm it, and I do not act on doubt",
  "nothing-to-do": "nothing I may do would help",
  "platform-silent": "Railway did not answer my questions in time",
  "remedy-exhausted": "I may not try more, and it is still failing",
  "waited-in-vain": "I waited for it to come up and it did not",
  "remedy-ineffective": "the act happened and did not help",
  taken: "a person took it over",
  "no-fresh-samples": "I get no fresh samples and cannot say whether it is well",
};

const CAUSES: Readonly<Record<string, string>> = {
  crashed: "the process has crashed",
  "not-answering": "the process runs and does not answer",
  "refusing-connections": "the process runs and refuses connections",
  "dropping-connections": "the process runs and drops connections",
  recovering: "the database is recovering and asks for patience",
  restarting: "Railway is restarting it",
  "volume-full": "its volume is full",
  "stopped-by-a-person": "the deployment was stopped by a person",
  sleeping: "the deployment is asleep",
  "cannot-look": "I cannot look (credentials, TLS or DNS)",
  "after-a-release": "it began with a release",
  "calls-itself-unwell": "the app calls itself unwell",
  "answering-with-errors": "the process runs and answers with errors",
  "database-errors": "the app's log speaks of its database",
  "external-errors": "the app's log speaks of somebody else's API",
  timeouts: "the app's log speaks of time-outs",
  saturated: "it runs out of room",
  crowded: "more requests come than it can serve",
  "connections-run-out": "connections run out",
  "memory-runs-out": "memory runs out",
  "requests-queue": "requests wait in a queue",
  "bad-release": "the last release",
  "not-the-release": "the rollback changed nothing, so it was not the release",
  "release-replaced": "another deployment has replaced the release",
  "leaks-again": "it leaks again after each restart, so the release is to blame",
  "near-the-limit": "memory reaches its limit within two hours",
  leaking: "memory leaks",
  "nothing-deployed": "nothing is deployed",
  unclear: "what Railway shows explains nothing",
};

export function describe(code: string): string {
  return CAUSES[code] ?? (Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode] : code);
}

/** What a detector of rates and trends saw, in one line; `null` where there is nothing but looks. */
export function numbersLine(signal: SignalFact | undefined): string | null {
  const shown = Object.entries(signal?.numbers ?? {}).flatMap(([name, value]) =>
    value === null || name === "onset" ? [] : [`${spaced(name)} ${value}`],
  );
  return shown.length === 0 ? null : `Seen: ${shown.slice(0, SHOWN_MAX).join(", ")}.`;
}

const SHOWN_MAX = 8;

/** `hoursToLimit` as people read it. */
function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
