import type { Event } from "../domain/event.ts";
import { type IncidentId, attemptId } from "../domain/ids.ts";
import type { Lease } from "../domain/lease.ts";
import { plan } from "./bind.ts";
import type { Draft } from "./draft.ts";
import { deliver } from "./drive.ts";
import {
  askAgainLater,
  END_AGAIN_MS,
  endLease,
  endOf,
  isBeingEnded,
  isBeingRenewed,
  isNeededBeside,
  leasesOf,
  setLeaseTimer,
  vainEnds,
} from "./lease.ts";
import { tellHeld } from "./tell-held.ts";

/**
 * A lease wants attention: past its end the app has fallen back, so it is over in the books too; before it, it is
 * renewed while its incident needs it, one renewal at a time.
 */
export function onLeaseTimer(draft: Draft, id: string): IncidentId | null {
  const lease = draft.world().leases[id];
  if (lease === undefined || lease.state === "ended") return null;
  if (lease.held !== undefined) return takeBackAgain(draft, lease);
  const { at } = draft.event;
  if (at >= lease.until) {
    endLease(draft, lease);
    draft.because({
      code: "lease-over",
      text: `${lease.switch} was not renewed and has ended by itself`,
    });
    // What cannot be switched off by us is off by now: the incident must not wait for an app that is gone.
    if (lease.state === "ending" && leasesOf(draft, lease.incident).length === 0)
      deliver(draft, lease.incident, { type: "undo.seen" });
    return lease.incident;
  }
  const incident = draft.world().incidents[lease.incident];
  if (lease.state === "ending" && isNobodys(draft, lease)) {
    setLeaseTimer(draft, lease, Math.min(at + END_AGAIN_MS, lease.until));
    if (!isBeingEnded(draft, lease, "")) planEnd(draft, lease);
    tellStuck(draft, lease);
    return lease.incident;
  }
  const renewMs = draft.rules.switches[lease.switch]?.renewMs ?? lease.until - at;
  setLeaseTimer(draft, lease, Math.min(at + renewMs, lease.until));
  if (lease.state !== "active" || incident === undefined || incident.closedAt !== null)
    return lease.incident;
  if (incident.parked !== null) return lease.incident;
  if (isBeingRenewed(draft, lease)) return incident.id;
  const number = incident.attempts + 1;
  draft.putIncident({ ...incident, attempts: number });
  plan(draft, {
    id: attemptId(incident.id, number),
    incident: incident.id,
    target: incident.target,
    slot: "renew",
    action: "switch",
    params: { switch: lease.switch, value: "on", message: lease.message, leaseId: lease.id },
    askedIn: "",
  });
  return incident.id;
}

/** The daemon goes: what is on is switched off, because nobody will renew it. The incidents stay as they are. */
export function onStop(draft: Draft): IncidentId | null {
  for (const lease of Object.values(draft.world().leases)) {
    if (lease.state === "ended" || lease.held !== undefined) continue;
    planEnd(draft, lease);
  }
  return null;
}

/** An end that no machine waits for. */
function planEnd(draft: Draft, lease: Lease): void {
  const incident = draft.world().incidents[lease.incident];
  const number = incident === undefined ? draft.event.at : incident.attempts + 1;
  if (incident !== undefined) draft.putIncident({ ...incident, attempts: number });
  plan(draft, {
    id: attemptId(incident?.id ?? `orphan.${lease.id}`, number),
    incident: incident?.id ?? null,
    target: lease.held?.target ?? incident?.target ?? lease.scope[0] ?? "",
    slot: "undo",
    ...endOf(lease),
    askedIn: "",
  });
}

/**
 * What has no end of its own and no machine that would ask for it (its incident is parked, or over) is asked for until it is read
 * back, ever more seldom, one try at a time. People are told once that it does not go.
 */
function takeBackAgain(draft: Draft, lease: Lease): IncidentId | null {
  const incident = draft.world().incidents[lease.incident];
  if (!isNobodys(draft, lease)) return lease.incident;
  askAgainLater(draft, lease);
  if (!isBeingEnded(draft, lease, "")) planEnd(draft, lease);
  tellStuck(draft, lease);
  return incident?.id ?? null;
}

/** No machine asks for its end: its incident is parked, over or forgotten. */
function isNobodys(draft: Draft, { incident }: Lease): boolean {
  const holder = draft.world().incidents[incident];
  return holder === undefined || holder.closedAt !== null || holder.parked !== null;
}

/** A person is called once for what does not end; it is tried on all the same. */
function tellStuck(draft: Draft, { id }: Lease): void {
  const lease = draft.world().leases[id];
  if (lease === undefined || lease.toldAt !== undefined) return;
  if (vainEnds(draft, lease) < TOLD_AFTER) return;
  draft.putLease({ ...lease, toldAt: draft.event.at });
  tellHeld(draft, lease);
}

/** So many tries in vain are no accident. */
const TOLD_AFTER = 2;

/** A switch of ours is on at the app and no open incident holds it: it is switched off. */
export function onOrphan(draft: Draft, event: Event & { type: "orphan" }): IncidentId | null {
  const known = draft.world().leases[event.lease];
  const holder = known === undefined ? undefined : draft.world().incidents[known.incident];
  if (known !== undefined && known.state !== "ended" && holder?.closedAt === null) return null;
  // What was left on by one incident is what another one needs; it ends with that one's.
  if (isNeededBeside(draft, event.switch, event.lease)) {
    raiseSeq(draft, event);
    return null;
  }
  // Found again, or by another way, while its end is on its way.
  if (known !== undefined && event.seq <= known.seq && isBeingEnded(draft, known, "")) return null;
  const number = event.at;
  const target = draft.rules.switches[event.switch]?.targets[0] ?? "";
  raiseSeq(draft, event);
  const lease: Lease = {
    id: event.lease,
    switch: event.switch,
    incident: known?.incident ?? ("orphan" as IncidentId),
    state: "ending",
    message: known?.message ?? "",
    until: event.until,
    seq: event.seq,
    scope: draft.rules.switches[event.switch]?.targets ?? [],
    ...(known?.toldAt === undefined ? {} : { toldAt: known.toldAt }),
  };
  draft.putLease(lease);
  tellStuck(draft, lease);
  // Whatever becomes of the undo, the books close at the lease's own end.
  setLeaseTimer(draft, lease, Math.max(event.until, event.at));
  plan(draft, {
    id: attemptId(`orphan.${event.lease}`, number),
    incident: null,
    target,
    slot: "undo",
    ...endOf(lease),
    askedIn: "",
  });
  return null;
}

/** The app takes only a larger number than the one it has. */
function raiseSeq(draft: Draft, { switch: name, seq }: Event & { type: "orphan" }): void {
  const { switchSeq } = draft.world().marks;
  if (seq > (switchSeq?.[name] ?? 0)) draft.putMarks({ switchSeq: { ...switchSeq, [name]: seq } });
}
