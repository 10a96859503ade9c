import { UNSTARTED } from "../domain/attempt.ts";
import type { IncidentId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import type { NoticeKind } from "../domain/notice.ts";
import { problem } from "../domain/problem.ts";
import type { Verdict } from "../domain/verdict.ts";
import { isWanted } from "./contain.ts";
import type { Draft } from "./draft.ts";
import { endLease, isBeingEnded, leasesOf } from "./lease.ts";
import { move } from "./ledger.ts";
import { lookBack } from "./look-back.ts";
import { tell } from "./tell.ts";
import { undo } from "./undo.ts";

/** Unstarted attempts die when the incident no longer wants them. */
export function withdraw(draft: Draft, id: IncidentId): void {
  const incident = draft.incident(id);
  for (const attempt of Object.values(draft.world().attempts)) {
    if (attempt.incident !== id || !UNSTARTED.includes(attempt.state)) continue;
    if (isWanted(attempt, incident)) continue;
    move(draft, attempt, "withdrawn", {
      // What held it back is what people want to know; only one that was never asked about just came too late.
      problem:
        attempt.problem ?? problem("state-left", `the incident went on to ${incident.state}`),
    });
  }
}

/** The end of an incident: nothing is due any more, and nothing is asked for but the ends that are on their way. */
export function close(draft: Draft, id: IncidentId, ending: Incident["ending"]): void {
  const incident = draft.incident(id);
  draft.putIncident({ ...incident, closedAt: draft.event.at, ending });
  dropTimers(draft, id);
  withdrawAll(draft, id, "the incident is over");
  for (const lease of Object.values(draft.world().leases)) {
    // A lease that never came to be: nobody heard of it. What has no end of its own stays in the books until it is taken back.
    if (lease.incident === id && lease.state === "asked" && lease.held === undefined)
      endLease(draft, lease);
  }
  draft.because({ code: "closed", text: String(ending) });
  lookBack(draft, draft.incident(id));
}

function dropTimers(draft: Draft, id: IncidentId): void {
  for (const timer of Object.values(draft.world().timers)) {
    const { purpose } = timer;
    if ((purpose.of === "incident" || purpose.of === "reminder") && purpose.incident === id)
      draft.dropTimer(timer.id);
  }
}

function withdrawAll(draft: Draft, id: IncidentId, why: string): void {
  for (const attempt of Object.values(draft.world().attempts)) {
    if (attempt.incident !== id || !UNSTARTED.includes(attempt.state)) continue;
    // An end that is on its way stays: it is exempt from everything else too.
    if (attempt.slot === "undo" && attempt.askedIn === "") continue;
    move(draft, attempt, "withdrawn", { problem: problem("state-left", why) });
  }
}

/** A machine that cannot go on leaves its incident to a person, who is told. */
export function park(draft: Draft, incident: Incident, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  draft.putIncident({ ...incident, parked: text });
  draft.because({ code: "machine-failed", text });
  dropTimers(draft, incident.id);
  withdrawAll(draft, incident.id, "its machine stopped");
  // Nobody will ask for the end of what it switched on, so it is asked for now.
  for (const lease of leasesOf(draft, incident.id)) undo(draft, incident.id, lease, "");
  tell(draft, draft.incident(incident.id), "escalated" satisfies NoticeKind);
}

/** A parked incident has no machine any more: its detector's word that all is well ends it, so that it hides nothing. */
export function closeParked(draft: Draft, incident: Incident, state: Verdict["state"]): void {
  if (state !== "healthy") return;
  // The end that was asked for when it was parked may have failed, and nothing else would ask again.
  for (const lease of leasesOf(draft, incident.id))
    if (lease.held !== undefined && !isBeingEnded(draft, lease, ""))
      undo(draft, incident.id, lease, "");
  tell(draft, draft.incident(incident.id), "resolved" satisfies NoticeKind);
  close(draft, incident.id, "resolved");
}
