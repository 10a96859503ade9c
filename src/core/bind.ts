import { ATTEMPT_LIFE_MS, type Slot } from "../domain/runbook.ts";
import type { Attempt } from "../domain/attempt.ts";
import { attemptId, timerId, type AttemptId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Instant } from "../domain/time.ts";
import type { Draft } from "./draft.ts";

/**
 * Writes down what the runbook puts into the slot the machine asked for, as a planned attempt. `null` when the
 * runbook leaves the slot empty or names an action or switch that the configuration cannot carry out.
 */
export function bind(draft: Draft, incident: Incident, slot: Slot): Attempt | null {
  const step = draft.rules.runbooks[incident.snapshot.machine]?.slots[slot];
  if (step === undefined || draft.rules.actions[step.action] === undefined) return null;
  const switchName = step.with["switch"];
  if (typeof switchName === "string" && draft.rules.switches[switchName] === undefined) return null;
  const number = incident.attempts + 1;
  draft.putIncident({ ...incident, attempts: number });
  return plan(draft, {
    id: attemptId(incident.id, number),
    incident: incident.id,
    target: incident.target,
    slot,
    action: step.action,
    params: step.with,
    askedIn: slot === "evidence" ? "" : topOf(incident.state),
  });
}

/** The state that counts for "has the incident left the state that asked". */
export function topOf(state: string): string {
  return state.split(".", 1)[0] ?? state;
}

/** A new row of the ledger with its expiry. */
export function plan(
  draft: Draft,
  wish: Pick<Attempt, "id" | "incident" | "target" | "slot" | "action" | "askedIn"> & {
    params: JsonObject;
  },
): Attempt {
  const { at } = draft.event;
  const attempt: Attempt = {
    ...wish,
    state: "planned",
    plannedAt: at,
    expiresAt: at + ATTEMPT_LIFE_MS,
    startedAt: null,
    settlesAt: null,
    endedAt: null,
    tries: 0,
    problem: null,
    heldUntil: null,
    plan: {},
    evidence: {},
  };
  draft.putAttempt(attempt);
  expireAt(draft, attempt.id, attempt.expiresAt);
  return attempt;
}

/** An attempt that has not started by then is given up. */
export function expireAt(draft: Draft, attempt: AttemptId, due: Instant): void {
  draft.putTimer({
    id: timerId(attempt, "expiry"),
    due,
    generation: draft.nextGeneration(),
    purpose: { of: "attempt", attempt },
  });
}
