import { standingApproval } from "../domain/approval.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { textOf } from "../domain/json.ts";
import { partsOf, type Pause } from "../domain/pause.ts";
import type { Instant } from "../domain/time.ts";

/** What the HTTP API shows. Moments are milliseconds since 1970; what is not there is null. */
export function incidentView(incident: Incident): object {
  return {
    id: incident.id,
    kind: incident.kind,
    target: incident.target,
    state: incident.state,
    cause: incident.cause,
    onset: incident.onset,
    openedAt: incident.openedAt,
    closedAt: incident.closedAt,
    ending: incident.ending,
    parked: incident.parked,
    acknowledgedBy: incident.acknowledgedBy ?? null,
    silencedUntil: incident.silencedUntil ?? null,
    askedBackAt: incident.askedBackAt ?? null,
  };
}

export function attemptView(attempt: Attempt, now: Instant): object {
  const approval = standingApproval(attempt, now);
  const isWaiting = attempt.state === "awaiting-approval" && approval === null;
  return {
    id: attempt.id,
    incident: attempt.incident,
    target: attempt.target,
    slot: attempt.slot,
    action: attempt.action,
    switch: textOf(attempt.params["switch"]) || null,
    /** What it would do, where the action says it. */
    words: textOf(attempt.plan["words"]) || null,
    state: attempt.state,
    plannedAt: attempt.plannedAt,
    startedAt: attempt.startedAt,
    endedAt: attempt.endedAt,
    problem: attempt.problem === null ? null : pick(attempt.problem),
    waitsForApprovalUntil: isWaiting ? attempt.expiresAt : null,
    approval:
      approval === null ? null : { by: approval.by, at: approval.at, until: approval.until },
  };
}

/** The pause that was ordered last; `also` those that stand beside it. */
export function pauseView(pause: Pause | null): object | null {
  const [first, ...also] = partsOf(pause).map(({ by, since, target, includingUndo, until }) => ({
    by,
    since: since === 0 ? null : since,
    target,
    includingUndo,
    until: until ?? null,
  }));
  return first === undefined ? null : { ...first, also };
}

function pick({ code, detail }: NonNullable<Attempt["problem"]>): object {
  return { code, detail };
}
