import { type Attempt, IN_FLIGHT, UNSTARTED } from "../domain/attempt.ts";
import { leaseId, timerId } from "../domain/ids.ts";
import { type JsonObject, objectOf, textOf } from "../domain/json.ts";
import type { Lease } from "../domain/lease.ts";
import { type Problem } from "../domain/problem.ts";
import type { Slot } from "../domain/runbook.ts";
import { HOUR_MS, type Instant, type Millis, MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import type { Draft } from "./draft.ts";

/** What a switch's attempt adds to its plan at the start, and how the lease stands from then on. */
export function startLease(draft: Draft, attempt: Attempt): JsonObject {
  const name = textOf(attempt.params["switch"]);
  const rules = draft.rules.switches[name];
  if (rules === undefined) throw new Error(`no switch "${name}" in the configuration`);
  const { at } = draft.event;
  const owner = attempt.incident ?? "orphan";
  const before = leaseOf(draft, attempt);
  const known = before?.state === "ended" ? undefined : before;
  const isOff = attempt.params["value"] === "off";
  const seq = nextSeq(draft, name);
  // The journal's clock as sequence: still growing when the books were lost.
  draft.putMarks({ switchSeq: { ...draft.world().marks.switchSeq, [name]: seq } });
  const until = at + rules.leaseMs;
  const message = textOf(attempt.params["message"], before?.message);
  const lease: Lease = {
    id: before?.id ?? leaseId(owner, name),
    switch: name,
    incident: attempt.incident ?? ("orphan" as Lease["incident"]),
    // An end that was not read back has ended nothing: ordered on again, it counts as on all along.
    state: isOff ? "ending" : known === undefined || known.state === "asked" ? "asked" : "active",
    message,
    // The app may have heard of either end, so the later one counts.
    until: isOff ? (before?.until ?? at) : Math.max(until, before?.until ?? 0),
    seq,
    begunBy: known === undefined ? attempt.id : (known.begunBy ?? attempt.id),
    scope: rules.targets,
    ...(isOff && before?.toldAt !== undefined ? { toldAt: before.toldAt } : {}),
  };
  draft.putLease(lease);
  setLeaseTimer(draft, lease, isOff ? endDue(draft, attempt, lease) : at + rules.renewMs);
  return { switch: name, value: !isOff, until, leaseId: lease.id, seq, message };
}

/** When the end wants attention again: what no machine waits for is tried anew soon, all others when the app has fallen back. */
function endDue(draft: Draft, { askedIn }: Attempt, lease: Lease): Instant {
  const { at } = draft.event;
  const end = Math.max(lease.until, at);
  return askedIn === "" ? Math.min(at + END_AGAIN_MS, end) : end;
}

/** So soon a switch that does not go off, and that no machine waits for, is tried again. */
export const END_AGAIN_MS: Millis = 30 * SECOND_MS;

/**
 * A new process of an app knows nothing of its switches, or what an older release was told: what is on by the books is ordered anew
 * at once, and not only when its renewal is due.
 */
export function orderAnew(draft: Draft, target: string): void {
  for (const lease of Object.values(draft.world().leases)) {
    if (lease.state !== "active" || lease.held !== undefined || !lease.scope.includes(target))
      continue;
    setLeaseTimer(draft, lease, draft.event.at);
  }
}

/** What an act says is to be taken back later is written down with its start, because its answer may be lost. */
export function holdLease(draft: Draft, attempt: Attempt, undo: JsonObject): void {
  const owner = attempt.incident ?? "orphan";
  const id = leaseId(owner, attempt.action);
  const known = draft.world().leases[id];
  // A second act of the kind adds to the first, which is what can be taken back until the second was seen.
  if (known?.held !== undefined && known.state === "active") return;
  draft.putLease({
    id,
    switch: attempt.action,
    incident: owner as Lease["incident"],
    state: "asked",
    message: "",
    until: draft.event.at,
    seq: 0,
    scope: [],
    held: { action: attempt.action, params: undo, target: attempt.target },
  });
}

/** How an attempt's outcome changes its lease. */
export function settleLease(draft: Draft, attempt: Attempt, problem: Problem | null): void {
  const lease = leaseOf(draft, attempt);
  if (lease === undefined || lease.state === "ended") return;
  if (lease.held !== undefined) {
    settleHeld(draft, attempt, lease);
    return;
  }
  const isOff = attempt.params["value"] === "off";
  if (isOff) {
    // An end that was overtaken by a newer order to be on has ended nothing.
    if (attempt.state === "seen" && attempt.plan["seq"] === lease.seq) endLease(draft, lease);
    return;
  }
  if (attempt.state === "seen") {
    if (lease.state === "asked") draft.putLease({ ...lease, state: "active" });
  } else if (attempt.state === "rejected" && attempt.slot === "contain" && problem !== null) {
    // The app said no: it is not on, unless an earlier order was heard.
    if ((lease.begunBy ?? attempt.id) === attempt.id) endLease(draft, lease);
  }
}

function settleHeld(draft: Draft, attempt: Attempt, lease: Lease): void {
  if (attempt.slot === "undo") {
    if (attempt.state === "seen") endLease(draft, lease);
  } else if (attempt.state === "seen") {
    draft.putLease({ ...lease, ...heldAfter(lease, attempt), state: "active" });
  } else if (lease.state === "asked" && ["rejected", "not-seen"].includes(attempt.state)) {
    // It surely did not happen, so there is nothing to take back; unless an act before it did.
    endLease(draft, lease);
  }
}

/** What was there before the first of several acts is what comes back. */
function heldAfter({ state, held }: Lease, { plan }: Attempt): Pick<Lease, "held"> {
  const undo = objectOf(plan["undo"]);
  if (state !== "active" || held === undefined || undo === null) return {};
  const { restore } = held.params;
  return { held: { ...held, params: { ...undo, ...(restore === undefined ? {} : { restore }) } } };
}

export function endLease(draft: Draft, lease: Lease): void {
  draft.putLease({ ...lease, state: "ended" });
  draft.dropTimer(timerId(lease.id, "lease"));
}

/** When the lease wants attention again: its next renewal, or its end. */
export function setLeaseTimer(draft: Draft, lease: Lease, due: Instant): void {
  draft.putTimer({
    id: timerId(lease.id, "lease"),
    due,
    generation: draft.nextGeneration(),
    purpose: { of: "lease", lease: lease.id },
  });
}

/** Looks again whether what has no end of its own was taken back: each time twice as late. */
export function askAgainLater(draft: Draft, lease: Lease): void {
  const afterMs = Math.min(AGAIN_MS * 2 ** vainEnds(draft, lease), AGAIN_MS_MAX);
  setLeaseTimer(draft, lease, draft.event.at + afterMs);
}

const AGAIN_MS: Millis = 5 * MINUTE_MS;
const AGAIN_MS_MAX: Millis = HOUR_MS;

/** How often the lease's end was tried, and not read back, within what the books remember. */
export function vainEnds(draft: Draft, lease: Lease): number {
  return Object.values(draft.world().attempts).filter(
    ({ slot, params, endedAt, state }) =>
      slot === "undo" && params["leaseId"] === lease.id && endedAt !== null && state !== "seen",
  ).length;
}

/** What of an incident is on, or may be. */
export function leasesOf(draft: Draft, incident: string): readonly Lease[] {
  return Object.values(draft.world().leases).filter(
    (lease) => lease.incident === incident && lease.state !== "ended",
  );
}

/** The act that ends a lease. */
export function endOf(lease: Lease): Pick<Attempt, "action" | "params"> {
  if (lease.held !== undefined)
    return { action: lease.held.action, params: { ...lease.held.params, leaseId: lease.id } };
  return {
    action: "switch",
    params: { switch: lease.switch, value: "off", leaseId: lease.id },
  };
}

export function leaseOf(draft: Draft, attempt: Attempt): Lease | undefined {
  const isSwitch = draft.rules.actions[attempt.action]?.effect === "switch";
  const name = isSwitch ? textOf(attempt.params["switch"]) : attempt.action;
  const named = attempt.params["leaseId"];
  const leases = draft.world().leases;
  if (typeof named === "string") return leases[named];
  return leases[leaseId(attempt.incident ?? "orphan", name)];
}

/** A renewal that comes after the end was asked for would switch on again what was just switched off. */
export function isStillOn(draft: Draft, attempt: Attempt): boolean {
  const lease = draft.world().leases[textOf(attempt.params["leaseId"])];
  return lease?.state === "active";
}

export function isBeingRenewed(draft: Draft, lease: Lease): boolean {
  return isUnderWay(draft, lease, "renew", "");
}

export function isBeingEnded(draft: Draft, lease: Lease, askedIn: string): boolean {
  return isUnderWay(draft, lease, "undo", askedIn);
}

function isUnderWay(draft: Draft, lease: Lease, slot: Slot, askedIn: string): boolean {
  return Object.values(draft.world().attempts).some(
    (attempt) =>
      attempt.slot === slot &&
      attempt.askedIn === askedIn &&
      attempt.params["leaseId"] === lease.id &&
      (UNSTARTED.includes(attempt.state) || IN_FLIGHT.includes(attempt.state)),
  );
}

/** One app has one switch: while another open incident needs it on, the end of this one does not turn it off. */
export function isHeldByOther(draft: Draft, attempt: Attempt): boolean {
  return isNeededBeside(draft, textOf(attempt.params["switch"]), leaseOf(draft, attempt)?.id);
}

/** Whether an open incident holds this switch by another lease than this one. */
export function isNeededBeside(draft: Draft, name: string, mine: string | undefined): boolean {
  return Object.values(draft.world().leases).some((lease) => {
    const holder = draft.world().incidents[lease.incident];
    return (
      lease.id !== mine &&
      lease.switch === name &&
      (lease.state === "asked" || lease.state === "active") &&
      holder?.closedAt === null &&
      holder.parked === null
    );
  });
}

function nextSeq(draft: Draft, name: string): number {
  return Math.max((draft.world().marks.switchSeq?.[name] ?? 0) + 1, draft.event.at);
}
