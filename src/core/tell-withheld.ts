import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { PROBLEMS } from "../domain/problem.ts";
import { timeOfDay } from "../domain/time.ts";
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
  return {
    title: `Held back: ${attempt === undefined ? incident.target : wishOf(attempt)} (${code})`,
    lines: [
      `I would ${wouldWords(attempt)} now. Why not: ${attempt?.problem?.detail ?? PROBLEMS[code]}.`,
      ...(incident.cause === null ? [] : [`Cause: ${describe(incident.cause)}.`]),
      code === "paused"
        ? "To let me: signalman resume"
        : `I look again until ${attempt === undefined ? "it is over" : timeOfDay(attempt.expiresAt)}; then a person has it.`,
    ],
  };
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
