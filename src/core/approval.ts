import {
  APPROVAL_LIFE_MS,
  isCovered,
  standingApproval,
  whyNotApprovable,
  whyNotRejectable,
  type Refusal,
} from "../domain/approval.ts";
import { type Attempt, UNSTARTED } from "../domain/attempt.ts";
import type { AttemptId, IncidentId } from "../domain/ids.ts";
import { timerId } from "../domain/ids.ts";
import { type JsonObject, textOf } from "../domain/json.ts";
import type { AttemptOrder } from "../domain/order.ts";
import { problem, type Problem } from "../domain/problem.ts";
import { spell, timeOfDay } from "../domain/time.ts";
import { expireAt } from "./bind.ts";
import { tellBeside } from "./contain.ts";
import type { Draft } from "./draft.ts";
import { hear } from "./drive.ts";
import { move } from "./ledger.ts";
import { pause } from "./safeguards/pause.ts";
import { tell } from "./tell.ts";

/**
 * A person's answer to an attempt. A yes starts nothing by itself: it is written down, and the next request, with fresh facts and every
 * safeguard, may start on it. What an answer cannot change is journalled all the same, with who tried.
 */
export function onAnswer(draft: Draft, order: AttemptOrder): IncidentId | null {
  const attempt = draft.world().attempts[order.attempt];
  if (attempt === undefined) return null;
  const refusal =
    order.order === "approve" ? whyNotApproved(draft, attempt, order) : whyNotRejectable(attempt);
  if (refusal !== null) {
    draft.putMarks({});
    draft.because({ ...refusal, attempt: attempt.id });
    return attempt.incident;
  }
  if (order.order === "approve") approve(draft, attempt, order);
  else reject(draft, attempt, order);
  return attempt.incident;
}

function whyNotApproved(draft: Draft, attempt: Attempt, order: AttemptOrder): Refusal | null {
  const { at } = draft.event;
  const refusal = whyNotApprovable(attempt, at);
  if (refusal !== null) return refusal;
  const traits = draft.rules.actions[attempt.action];
  const paused = traits === undefined ? null : pause.objection({ draft, attempt, traits });
  if (paused !== null)
    return {
      code: "paused",
      text: `${attempt.id} cannot be approved while Signalman is ${paused.detail}. First: signalman resume`,
    };
  return at - order.at < APPROVAL_LIFE_MS
    ? null
    : {
        code: "too-late",
        text: `${attempt.id} was approved at ${timeOfDay(order.at)}, which came here ${spell(at - order.at)} later: too old to count.`,
      };
}

function approve(draft: Draft, attempt: Attempt, order: AttemptOrder): void {
  // A clock that was ahead when it was said gives no longer life.
  const at = Math.min(order.at, draft.event.at);
  const until = at + APPROVAL_LIFE_MS;
  const { id, problem: asked } = attempt;
  draft.putAttempt({
    ...attempt,
    // Approved in time, it lives as long as its approval.
    expiresAt: Math.max(attempt.expiresAt, until),
    approval: { order: order.id, by: order.by, at, until, of: asked?.code ?? "mode-suggest" },
  });
  if (until > attempt.expiresAt) expireAt(draft, id, until);
  draft.putTimer({
    id: timerId(id, "approval"),
    due: until,
    generation: draft.nextGeneration(),
    purpose: { of: "approval", attempt: id },
  });
  draft.because({
    code: "approved",
    text: `by ${order.by}; counts until ${timeOfDay(until)}`,
    attempt: id,
  });
}

function reject(draft: Draft, attempt: Attempt, order: AttemptOrder): void {
  const why = problem("approval-refused", `refused by ${order.by}`);
  draft.because({ code: why.code, text: why.detail, attempt: attempt.id });
  hear(draft, move(draft, attempt, "withdrawn", { problem: why }), "dropped");
}

/** True when a person's yes covers what it would do now, and why it was asked about. */
export function isApproved(
  draft: Draft,
  attempt: Attempt,
  plan: JsonObject,
  reason: Problem,
): boolean {
  const approval = standingApproval(attempt, draft.event.at);
  return (
    approval !== null &&
    isCovered(approval, reason.code) &&
    textOf(plan["words"]) === textOf(attempt.plan["words"])
  );
}

/** Asks people, once; and anew when a yes no longer counts, or when the reason or what would be done has changed. */
export function askPeople(draft: Draft, attempt: Attempt, plan: JsonObject, reason: Problem): void {
  const words = textOf(plan["words"]);
  const isAsked =
    attempt.state === "awaiting-approval" &&
    (reason.code === attempt.problem?.code || reason.code === "mode-suggest") &&
    words === textOf(attempt.plan["words"]);
  if (isAsked) return;
  draft.dropTimer(timerId(attempt.id, "approval"));
  const waiting = move(draft, attempt, "awaiting-approval", {
    problem: reason,
    plan: words === "" ? {} : { words },
    heldUntil: null,
    askedAt: attempt.askedAt ?? draft.event.at,
    ...(attempt.approval === undefined ? {} : { approval: null }),
  });
  draft.because({ code: reason.code, text: reason.detail, attempt: attempt.id });
  // The machine says each reason once; whoever was asked before has to hear that it is asked anew, once.
  if (attempt.state !== "awaiting-approval" && attempt.approval === undefined) {
    if (attempt.askedAt === undefined) tellBeside(draft, waiting);
    return hear(draft, waiting, "withheld");
  }
  tellWaiting(draft, waiting);
  const { approval: _gone, ...anew } = waiting;
  draft.putAttempt(anew);
}

/** A yes has run out before the act could start. What is held back is asked for anew when nothing holds it any more. */
export function onApprovalLapsed(draft: Draft, id: AttemptId): IncidentId | null {
  const attempt = draft.world().attempts[id];
  const approval = attempt?.approval ?? null;
  if (attempt === undefined || approval === null || !UNSTARTED.includes(attempt.state))
    return attempt?.incident ?? null;
  draft.because({
    code: "approval-lapsed",
    text: `approved by ${approval.by} at ${timeOfDay(approval.at)}, and not started by ${timeOfDay(approval.until)}`,
    attempt: id,
  });
  const lapsed = { ...attempt, approval: null };
  draft.putAttempt(lapsed);
  tellWaiting(draft, lapsed);
  return attempt.incident;
}

function tellWaiting(draft: Draft, attempt: Attempt): void {
  const incident = draft.world().incidents[attempt.incident ?? ""];
  if (incident?.closedAt === null) tell(draft, incident, "withheld", attempt);
}
