import { UNSTARTED } from "../domain/attempt.ts";
import { attemptId, type IncidentId } from "../domain/ids.ts";
import { textOf } from "../domain/json.ts";
import type { Lease } from "../domain/lease.ts";
import { problem } from "../domain/problem.ts";
import { plan, topOf } from "./bind.ts";
import type { Draft } from "./draft.ts";
import { isSwitch } from "./last-resort.ts";
import { askAgainLater, endOf, isBeingEnded, leasesOf } from "./lease.ts";
import { move } from "./ledger.ts";

/** Asks for the end of everything that is or may be on because of this incident. False when there is nothing. */
export function undoAll(draft: Draft, id: IncidentId): boolean {
  const leases = leasesOf(draft, id);
  const { state } = draft.incident(id);
  const askedIn = topOf(state);
  // One of several may have failed; what is already asked for in this state is not asked for twice.
  for (const lease of leases)
    if (!isBeingEnded(draft, lease, askedIn)) undo(draft, id, lease, askedIn);
  return leases.length > 0;
}

/** Asks for the end of the switches, for which no machine waits: they end by themselves where that fails. */
export function ease(draft: Draft, id: IncidentId): void {
  for (const lease of leasesOf(draft, id))
    if (isSwitch(lease) && !isBeingEnded(draft, lease, "")) undo(draft, id, lease, "");
}

/** It is contained again: an end that has not started would come too late, and end what was only just begun. */
export function withdrawEnds(draft: Draft, id: IncidentId): void {
  for (const attempt of Object.values(draft.world().attempts)) {
    const { slot, params, askedIn, state } = attempt;
    const ended = draft.world().leases[textOf(params["leaseId"])];
    const isEnd = slot === "undo" && askedIn === "" && ended !== undefined && isSwitch(ended);
    if (attempt.incident === id && isEnd && UNSTARTED.includes(state))
      move(draft, attempt, "withdrawn", {
        problem: problem("state-left", "it is contained again"),
      });
  }
}

/** Asks for the end of one lease. `askedIn`: the state that waits for it; empty where none does. */
export function undo(draft: Draft, id: IncidentId, lease: Lease, askedIn: string): void {
  const incident = draft.incident(id);
  const number = incident.attempts + 1;
  draft.putIncident({ ...incident, attempts: number });
  plan(draft, {
    id: attemptId(id, number),
    incident: id,
    // A switch of the app may have been set for the failure of a database: it is the app that it is taken back at.
    target: lease.held?.target ?? incident.target,
    slot: "undo",
    ...endOf(lease),
    askedIn,
  });
  // No machine waits for it, and it does not end by itself.
  if (askedIn === "" && lease.held !== undefined) askAgainLater(draft, lease);
}
