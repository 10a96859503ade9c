import { type Attempt, UNSTARTED, isRecheck } from "../domain/attempt.ts";
import type { Event } from "../domain/event.ts";
import type { IncidentId } from "../domain/ids.ts";
import { type JsonObject, objectOf } from "../domain/json.ts";
import { problem } from "../domain/problem.ts";
import { askPeople, isApproved } from "./approval.ts";
import { ACT_SLOTS } from "../domain/runbook.ts";
import { expireAt } from "./bind.ts";
import { isWanted, tellBeside } from "./contain.ts";
import type { Draft } from "./draft.ts";
import { deliver, hear } from "./drive.ts";
import { askLastResort } from "./last-resort.ts";
import {
  endLease,
  holdLease,
  isHeldByOther,
  isStillOn,
  leaseOf,
  leasesOf,
  orderAnew,
  settleLease,
  startLease,
} from "./lease.ts";
import { move } from "./ledger.ts";
import { limitsFor } from "./limits.ts";
import { isHeldStill, recheckAfter, tellGone } from "./recheck.ts";
import { MOMENT_MS, mayStart, type Permission } from "./safeguard.ts";

export function onRequest(draft: Draft, event: Event & { type: "request" }): IncidentId | null {
  const attempt = draft.world().attempts[event.attempt];
  if (attempt === undefined) return null;
  const traits = draft.rules.actions[attempt.action];
  if (traits === undefined) throw new Error(`no action "${attempt.action}"`);
  const isAnotherTry = attempt.state === "started" && traits.repeat === "idempotent";
  if (!UNSTARTED.includes(attempt.state) && !isAnotherTry) return attempt.incident;
  // What the incident no longer asks for is not tried again; the executor settles it by evidence.
  if (isAnotherTry && traits.effect !== "look" && !isStillWanted(draft, attempt))
    return attempt.incident;
  const isEnd = attempt.slot === "undo" && attempt.incident !== null && !isAnotherTry;
  if (isEnd && isHeldByOther(draft, attempt)) {
    leaveOn(draft, attempt);
    return attempt.incident;
  }
  if (attempt.slot === "renew" && !isStillOn(draft, attempt)) {
    move(draft, attempt, "withdrawn", {
      problem: problem("state-left", "the switch is no longer wanted"),
    });
    return attempt.incident;
  }
  if (isRecheck(attempt) && !isHeldStill(draft, attempt)) {
    move(draft, attempt, "withdrawn", {
      problem: problem("state-left", "it was taken back or changed meanwhile"),
    });
    return attempt.incident;
  }
  const permission = permit(draft, attempt, event.plan);
  // What was begun before a crash and may not be begun again is settled by evidence.
  if (isAnotherTry && permission.kind !== "start") return attempt.incident;
  switch (permission.kind) {
    case "start":
      start(draft, attempt, event);
      break;
    case "shadow":
      shadow(draft, attempt, event, permission.objection);
      break;
    case "approval":
      askPeople(draft, attempt, event.plan, permission.problem);
      break;
    case "hold":
      hold(draft, attempt, permission);
      break;
  }
  return attempt.incident;
}

/** What the safeguards say; a person's yes answers those that only ask. */
function permit(draft: Draft, attempt: Attempt, plan: JsonObject): Permission {
  const permission = mayStart(draft, attempt);
  const isAllowed =
    permission.kind === "approval" && isApproved(draft, attempt, plan, permission.problem);
  return isAllowed ? { kind: "start" } : permission;
}

/**
 * Writes down what would have been done, so that it can be judged later: the plan, what would have held it, and by when its effect
 * would have been judged, because until then nobody could tell it from a recovery by itself.
 */
function shadow(
  draft: Draft,
  attempt: Attempt,
  event: Event & { type: "request" },
  objection: Attempt["problem"],
): void {
  const settleMs = draft.rules.actions[attempt.action]?.settleMs ?? 0;
  const incident = draft.world().incidents[attempt.incident ?? ""];
  const { machine = "" } = incident?.snapshot ?? {};
  const { verifyMs: actMs = 0 } = limitsFor(draft.rules, machine, incident?.target ?? "");
  const verifyMs = ACT_SLOTS.includes(attempt.slot) ? actMs : 0;
  const shadowed = move(draft, attempt, "shadowed", {
    plan: event.plan,
    settlesAt: event.at + settleMs + verifyMs,
    problem: problem("mode-shadow"),
    heldUntil: null,
    ...(objection === null ? {} : { objection }),
  });
  if (objection !== null)
    draft.because({ code: objection.code, text: objection.detail, attempt: attempt.id });
  hear(draft, shadowed, "dropped");
}

function isStillWanted(draft: Draft, attempt: Attempt): boolean {
  if (attempt.slot === "renew") return isStillOn(draft, attempt);
  if (attempt.incident === null) return true;
  const incident = draft.world().incidents[attempt.incident];
  if (incident === undefined || incident.closedAt !== null || incident.parked !== null)
    return attempt.slot === "undo";
  return isWanted(attempt, incident);
}

function leaveOn(draft: Draft, attempt: Attempt): void {
  move(draft, attempt, "withdrawn", {
    problem: problem("state-left", "another open incident still needs the switch"),
  });
  const lease = leaseOf(draft, attempt);
  if (lease !== undefined && lease.state !== "ended") endLease(draft, lease);
  if (attempt.incident !== null && leasesOf(draft, attempt.incident).length === 0)
    deliver(draft, attempt.incident, { type: "undo.seen" });
}

function start(draft: Draft, attempt: Attempt, event: Event & { type: "request" }): void {
  const traits = draft.rules.actions[attempt.action];
  if (traits === undefined) throw new Error(`no action "${attempt.action}"`);
  const lease = traits.effect === "switch" ? startLease(draft, attempt) : {};
  const undo = objectOf(event.plan["undo"]);
  if (undo !== null) holdLease(draft, attempt, undo);
  const started = move(draft, attempt, "started", {
    plan: { ...event.plan, ...lease },
    startedAt: event.at,
    settlesAt: event.at + traits.settleMs,
    tries: attempt.tries + 1,
    problem: null,
    heldUntil: null,
  });
  draft.because({
    code: "started",
    text: `${attempt.action} of ${attempt.target} may start`,
    attempt: attempt.id,
  });
  if (attempt.tries === 0) hear(draft, started, "started");
}

function hold(
  draft: Draft,
  attempt: Attempt,
  permission: { problem: Attempt["problem"]; momentary: boolean },
): void {
  const { event } = draft;
  const isLasting = !permission.momentary || event.at - attempt.plannedAt > MOMENT_MS;
  const isSame = attempt.state === "held" && attempt.problem?.code === permission.problem?.code;
  // A momentary hold becomes lasting once; after that, and while nothing changes, there is nothing to write.
  const wasTold = isSame && attempt.heldUntil !== null;
  if (isSame && (wasTold || !isLasting)) return;
  const held = move(draft, untilGivenUp(draft, attempt, permission.problem), "held", {
    problem: permission.problem,
    heldUntil: isLasting ? (permission.problem?.retryAt ?? event.at) : null,
  });
  draft.because({
    code: permission.problem?.code ?? "held",
    text: permission.problem?.detail ?? "",
    attempt: attempt.id,
  });
  if (!isLasting) return;
  // Once people were asked, that it has to wait for a moment is no news.
  if (held.askedAt === undefined) tellBeside(draft, held);
  hear(draft, held, "withheld");
}

/** An act that stands back for somebody is given up when they had their time, so that a person gets the incident. */
function untilGivenUp(draft: Draft, attempt: Attempt, why: Attempt["problem"]): Attempt {
  const due = why?.code === "somebody-acting" ? (why.retryAt ?? Infinity) : Infinity;
  if (due >= attempt.expiresAt) return attempt;
  expireAt(draft, attempt.id, due);
  return { ...attempt, expiresAt: due };
}

export function onOutcome(draft: Draft, event: Event & { type: "outcome" }): IncidentId | null {
  const attempt = draft.world().attempts[event.attempt];
  if (attempt === undefined) return null;
  // An answer that comes after evidence has already spoken changes nothing.
  if (attempt.state !== "started" && attempt.state !== "accepted") return attempt.incident;
  if (attempt.state === event.state) return attempt.incident;
  const moved = move(draft, attempt, event.state, {
    evidence: { ...attempt.evidence, ...event.evidence },
    problem: event.problem,
  });
  const isGone = event.state === "seen" && isRecheck(moved) && isHeldStill(draft, moved);
  if (isGone || !isRecheck(moved)) settleLease(draft, moved, event.problem);
  if (isGone) tellGone(draft, moved);
  if (event.state === "seen") {
    const traits = draft.rules.actions[moved.action];
    if (traits?.releases === true || traits?.endsProcess === true) orderAnew(draft, moved.target);
    recheckAfter(draft, moved);
    hear(draft, moved, "seen");
  } else if (event.state !== "accepted" && askLastResort(draft, moved)) {
    // The machine goes on when it is known what becomes of that.
    return attempt.incident;
  } else if (event.state === "unknown") hear(draft, moved, "unknown");
  else if (event.state !== "accepted") hear(draft, moved, "failed");
  return attempt.incident;
}
