import { APPROVAL_LIFE_MS } from "../domain/approval.ts";
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

/** What is told of the incident's act that may not start yet. */
export function withheldText(draft: Draft, incident: Incident): Text {
  const attempt = Object.values(draft.world().attempts).findLast(
    ({ incident: of, state, slot }) =>
      of === incident.id && slot !== "renew" && ["held", "awaiting-approval"].includes(state),
  );
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
        : `I look again until ${attempt === undefined ? "it is over" : timeOfDay(attempt.expiresAt)}; then a person has it.`,
    ],
  };
}

/** The whole question in one message: what, why it is asked, until when, and the two commands to copy. */
function askingText(draft: Draft, incident: Incident, attempt: Attempt): Text {
  const { expiresAt, problem, plan } = attempt;
  const what = wishOf(attempt);
  const words = textOf(plan["words"]);
  return {
    title: `May I? ${what}`,
    lines: [
      `I would do now: ${what}${words === "" ? "" : ` (${words})`}. I ask, because ${problem?.detail ?? PROBLEMS["mode-suggest"]}.`,
      ...(incident.cause === null ? [] : [`Cause: ${describe(incident.cause)}.`]),
      ...lapsedLines(attempt),
      ...answerLines(attempt),
      `Until ${timeOfDay(expiresAt)}; no answer is a no. A yes counts for ${spell(Math.min(APPROVAL_LIFE_MS, expiresAt - draft.event.at))}: facts and safeguards are checked again before it starts.`,
    ],
  };
}

/** The two commands to copy. */
export function answerLines({ id, state }: Attempt): readonly string[] {
  return state === "awaiting-approval"
    ? [`Yes: signalman approve ${id}`, `No: signalman reject ${id}`]
    : [];
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
