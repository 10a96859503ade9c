import type { Attempt } from "../domain/attempt.ts";
import type { AttemptId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Action, Answer, Preparation, Sighting } from "../ports/action.ts";

// For tests of actions: an attempt on its way through the ledger, without the ledger.

const NEVER = new AbortController().signal;

export interface Tried {
  readonly preparation: Preparation;
  readonly answer: Answer;
  readonly attempt: Attempt;
}

/** A wish as it stands before its start. */
export function plannedAttempt(action: Action, params: JsonObject = {}): Attempt {
  return {
    id: "i.1" as AttemptId,
    incident: null,
    target: "api",
    slot: "remedy",
    action: action.traits.kind,
    params,
    askedIn: "",
    state: "planned",
    plannedAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    startedAt: null,
    settlesAt: null,
    endedAt: null,
    tries: 0,
    problem: null,
    heldUntil: null,
    plan: {},
    evidence: {},
  };
}

/** Prepares and calls, as the executor does when nothing objects. */
export async function tryOnce(action: Action, params: JsonObject = {}): Promise<Tried> {
  const wish = plannedAttempt(action, params);
  const preparation = await action.prepare(wish, NEVER);
  const at = Date.now();
  const started: Attempt = {
    ...wish,
    state: "started",
    plan: preparation.plan,
    startedAt: at,
    settlesAt: at + action.traits.settleMs,
    tries: 1,
  };
  const answer = await action.perform(started, NEVER);
  const evidence = answer.kind === "accepted" || answer.kind === "done" ? answer.evidence : {};
  return { preparation, answer, attempt: { ...started, evidence } };
}

/** One look for evidence. */
export function sightOf(action: Action, attempt: Attempt): Promise<Sighting> {
  return action.sight(attempt, NEVER);
}
