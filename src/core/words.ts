import { MACHINES, wordsOf } from "../../state-machines/index.ts";
import { type Attempt, isRecheck } from "../domain/attempt.ts";
import type { SignalFact } from "../domain/facts.ts";
import { textOf } from "../domain/json.ts";
import type { Lease } from "../domain/lease.ts";
import { PROBLEMS, type ProblemCode } from "../domain/problem.ts";
import type { Rules } from "../domain/rules.ts";

/** `Database down: postgres`. */
export function titleOf(kind: string, target: string): string {
  return `${wordsOf(kind).title ?? kind}: ${target}`;
}

/** `restart of postgres: unknown (the platform does not show whether it happened)`. */
export function wordsFor(attempt: Attempt): string {
  const detail = attempt.problem === null ? "" : ` (${attempt.problem.detail})`;
  return `${wishOf(attempt)}: ${attempt.state}${detail}`;
}

/** `restart of postgres`, `read-only on`, `read-only on by a variable of api`. */
export function wishOf(attempt: Attempt): string {
  if (isRecheck(attempt)) return `look again at ${attempt.action} of ${attempt.target}`;
  const name = attempt.params["switch"];
  if (name === undefined) return `${attempt.action} of ${attempt.target}`;
  const way = attempt.action === "switch" ? "" : ` by a ${attempt.action} of ${attempt.target}`;
  return `${textOf(name)} ${textOf(attempt.params["value"], "on")}${way}`;
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
  "somebody-acting":
    "somebody else changed it at Railway, I stood back for them, and it still fails",
  taken: "a person took it over",
  "no-fresh-samples": "I get no fresh samples and cannot say whether it is well",
};

/** What more than one kind may find. */
const CAUSES: Readonly<Record<string, string>> = {
  crashed: "the process has crashed",
  "not-answering": "the process runs and does not answer",
  "refusing-connections": "the process runs and refuses connections",
  "dropping-connections": "the process runs and drops connections",
  restarting: "Railway is restarting it",
  "stopped-by-a-person": "the deployment was stopped by a person",
  sleeping: "the deployment is asleep",
  "cannot-look": "I cannot look (credentials, TLS or DNS)",
  "after-a-release": "it began with a release",
  leaking: "memory leaks",
  "nothing-deployed": "nothing is deployed",
  unclear: "what Railway shows explains nothing",
};

/** What a machine's own diagnosis finds. */
const OF_RULES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(MACHINES).flatMap(({ rules }) =>
    rules.flatMap(({ cause, words }) => (words === undefined ? [] : [[cause, words]])),
  ),
);

export function describe(code: string): string {
  return (
    OF_RULES[code] ??
    CAUSES[code] ??
    (Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode] : code)
  );
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
