import { type Attempt, UNSTARTED, isRecheck } from "../domain/attempt.ts";
import { attemptId } from "../domain/ids.ts";
import { canonical } from "../domain/json.ts";
import type { Lease } from "../domain/lease.ts";
import { plan } from "./bind.ts";
import type { Draft } from "./draft.ts";
import { endOf, leaseOf } from "./lease.ts";
import { tell } from "./tell.ts";

/**
 * What a rollback, a restart or another deployment of ours may have reset is looked at again: more replicas, frozen deployments, a
 * variable. Nothing is changed by it: what is gone is over in the books too, and what still stands goes on.
 */
export function recheckAfter(draft: Draft, act: Attempt): void {
  const traits = draft.rules.actions[act.action];
  if ((traits?.releases !== true && traits?.endsProcess !== true) || isRecheck(act)) return;
  for (const lease of Object.values(draft.world().leases)) {
    const { held, state } = lease;
    // What the act itself has just set is known; what is only asked for is not there yet.
    if (held === undefined || held.target !== act.target || held.action === act.action) continue;
    if (state === "active" && !isWaiting(draft, lease)) planLook(draft, lease);
  }
}

function planLook(draft: Draft, lease: Lease): void {
  const incident = draft.world().incidents[lease.incident];
  // What nobody needs any more is being taken back, and that looks too.
  if (incident === undefined || incident.closedAt !== null || incident.parked !== null) return;
  const number = incident.attempts + 1;
  draft.putIncident({ ...incident, attempts: number });
  const { action, params } = endOf(lease);
  // Without the lease's id: a look that finds it standing is no end in vain.
  const { leaseId: _, ...known } = params;
  plan(draft, {
    id: attemptId(incident.id, number),
    incident: incident.id,
    target: lease.held?.target ?? incident.target,
    slot: "undo",
    action,
    params: { ...known, recheck: true },
    askedIn: "",
  });
}

/** Whether there is still something to look at: what is being asked about may have been taken back meanwhile, or added to by us. */
export function isHeldStill(draft: Draft, recheck: Attempt): boolean {
  const lease = leaseOf(draft, recheck);
  const asked = canonical({ ...lease?.held?.params, recheck: true });
  return lease?.state === "active" && asked === canonical(recheck.params);
}

/** People hear that it is not as it was left: nobody else would notice, and it is not taken back any more. */
export function tellGone(draft: Draft, recheck: Attempt): void {
  const incident = draft.world().incidents[recheck.incident ?? ""];
  if (incident !== undefined && incident.closedAt === null) tell(draft, incident, "gone");
}

function isWaiting(draft: Draft, { incident, held }: Lease): boolean {
  return Object.values(draft.world().attempts).some(
    (attempt) =>
      attempt.incident === incident &&
      attempt.action === held?.action &&
      isRecheck(attempt) &&
      UNSTARTED.includes(attempt.state),
  );
}
