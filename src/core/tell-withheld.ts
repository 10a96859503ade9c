import { APPROVAL_LIFE_MS, standingApproval } from "../domain/approval.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { textOf } from "../domain/json.ts";
import { PROBLEMS } from "../domain/problem.ts";
import { spell, timeOfDay } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import { describe, wishOf } from "./words.ts";

export interface Text {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What is told of an act that may not start yet: `of`, or the one for which the incident's machine waits. */
export function withheldText(draft: Draft, incident: Incident, of?: Attempt): Text {
  const attempt = of ?? withheldOf(draft, incident);
  const code = attempt?.problem?.code ?? "paused";
  if (attempt !== undefined && code === "somebody-acting") return standingBackText(attempt);
  if (attempt?.state === "awaiting-approval") return askingText(draft, incident, attempt);
  return {
    title: `Held back: ${attempt === undefined ? incident.target : wishOf(attempt)} (${code})`,
    lines: [
      `I would ${wouldWords(attempt)} now. Why not: ${attempt?.problem?.detail ?? PROBLEMS[code]}.`,
      ...(incident.cause === null ? [] : [`Cause: ${describe(incident.cause)}.`]),
      ...lapsedLines(attempt),
      code === "paused"
        ? "To let me: signalman resume"
        : `I look again until ${attempt === undefined ? "it is over" : timeOfDay(attempt.expiresAt)}; then ${attempt?.slot === "contain" ? "I leave it" : "a person has it"}.`,
    ],
  };
}

/** What contains may wait beside the act for which the machine waits. */
function withheldOf(draft: Draft, incident: Incident): Attempt | undefined {
  const withheld = Object.values(draft.world().attempts).filter(
    ({ incident: of, state, slot }) =>
      of === incident.id && slot !== "renew" && ["held", "awaiting-approval"].includes(state),
  );
  return withheld.findLast(({ slot }) => slot !== "contain") ?? withheld.at(-1);
}

/** The whole question in one message: what, why it is asked, until when, and the two commands to copy. */
function askingText(draft: Draft, incident: Incident, attempt: Attempt): Text {
  const { problem, plan } = attempt;
  const what = wishOf(attempt);
  const words = textOf(plan["words"]);
  return {
    title: `May I? ${what}`,
    lines: [
      `I would do now: ${what}${words === "" ? "" : ` (${words})`}. I ask, because ${problem?.detail ?? PROBLEMS["mode-suggest"]}.`,
      ...(incident.cause === null ? [] : [`Cause: ${describe(incident.cause)}.`]),
      ...lapsedLines(attempt),
      ...answerLines(draft, attempt),
    ],
  };
}

/** The two commands to copy, and until when. Nothing where a person's yes stands already, or nobody is asked. */
function answerLines(draft: Draft, attempt: Attempt): readonly string[] {
  const { id, state, expiresAt, slot } = attempt;
  const { at } = draft.event;
  if (state !== "awaiting-approval" || standingApproval(attempt, at) !== null) return [];
  return [
    `Yes: signalman approve ${id}`,
    `No: signalman reject ${id}`,
    `Until ${timeOfDay(expiresAt)}; no answer is a no. A yes counts for ${spell(Math.min(APPROVAL_LIFE_MS, expiresAt - at))}: facts and safeguards are checked again before it starts.`,
    ...(slot === "contain" ? ["I go on without it meanwhile."] : []),
  ];
}

/** What contains and waits for a person: told with the opening, and again to whoever is called. */
export function waitingLines(draft: Draft, { id }: Incident): readonly string[] {
  return Object.values(draft.world().attempts).flatMap((attempt) => {
    if (attempt.incident !== id || attempt.slot !== "contain") return [];
    const lines = answerLines(draft, attempt);
    const why = attempt.problem?.detail ?? PROBLEMS["mode-suggest"];
    return lines.length === 0
      ? []
      : [`Not contained yet. May I? ${wishOf(attempt)} (${why})`, ...lines];
  });
}

function lapsedLines(attempt: Attempt | undefined): readonly string[] {
  if (attempt?.approval !== null) return [];
  return [
    attempt.state === "held"
      ? "The approval ran out before it could start. When nothing holds it back any more, I ask again."
      : "An earlier approval counts no longer: it ran out, or what it was about has changed.",
  ];
}

function wouldWords(attempt: Attempt | undefined): string {
  if (attempt === undefined) return "act";
  return attempt.params["switch"] === undefined
    ? `${attempt.action} ${attempt.target}`
    : `turn ${wishOf(attempt)}`;
}

function standingBackText(attempt: Attempt): Text {
  return {
    title: `Somebody is already at it: ${attempt.target}`,
    lines: [
      `Railway shows since it began to fail: ${attempt.problem?.detail ?? "a change"}.`,
      "It was not me, and Railway does not say who: a person, or Railway itself.",
      `So I do not ${attempt.action} it, and go on watching. If it still fails at ${timeOfDay(attempt.expiresAt)}, a person is called.`,
    ],
  };
}
