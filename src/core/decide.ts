import { IN_FLIGHT, UNSTARTED, type Attempt } from "../domain/attempt.ts";
import type { Event, Pause } from "../domain/event.ts";
import type { Facts } from "../domain/facts.ts";
import { attemptId, type IncidentId } from "../domain/ids.ts";
import { textOf } from "../domain/json.ts";
import type { Lease } from "../domain/lease.ts";
import { problem } from "../domain/problem.ts";
import type { Rules } from "../domain/rules.ts";
import { signalKey } from "../domain/sample.ts";
import type { Decision, World } from "../domain/world.ts";
import { plan } from "./bind.ts";
import { belonging } from "./correlate.ts";
import { createDraft, type Draft } from "./draft.ts";
import { attachSymptom, deliver, hear, open } from "./handle.ts";
import { endLease, move, setLeaseTimer, settleLease, startLease } from "./ledger.ts";
import { mayStart, MOMENT_MS } from "./safeguard.ts";
import { tellBlind, tellPause } from "./tell.ts";

/**
 * What one event means: total, synchronous and deterministic. The same world, event, facts and rules give the
 * same decision, byte for byte. A decision without changes needs no journal entry.
 */
export function decide(world: World, event: Event, facts: Facts, rules: Rules): Decision {
  const draft = createDraft(world, event, facts, rules);
  const incident = dispatch(draft);
  return draft.finish(incident);
}

function dispatch(draft: Draft): IncidentId | null {
  const { event } = draft;
  switch (event.type) {
    case "verdict":
      return onVerdict(draft, event);
    case "timer":
      return onTimer(draft, event);
    case "request":
      return onRequest(draft, event);
    case "outcome":
      return onOutcome(draft, event);
    case "pause":
      return onPause(draft, event.pause);
    case "orphan":
      return onOrphan(draft, event);
    case "stop":
      return onStop(draft);
    case "start":
      // Written down so that the journal shows each life of the daemon; nothing follows from it.
      draft.putMarks({});
      return null;
  }
}

function onVerdict(draft: Draft, event: Event & { type: "verdict" }): IncidentId | null {
  const { verdict } = event;
  const key = signalKey(verdict.signal);
  tellBlind(draft, key, verdict);
  const place = belonging(draft, verdict);
  switch (place.kind) {
    case "incident":
      // Other paths to the same target confirm or contradict; only the opening signal's samples are counted.
      if (place.own) deliver(draft, place.incident.id, { type: `signal.${verdict.state}` });
      return place.incident.id;
    case "symptom":
      if (!place.known) attachSymptom(draft, place.of, key);
      return place.of.id;
    case "open":
      return open(draft, place.incidentKind, verdict).id;
    case "wait":
      draft.because({
        code: "upstream-in-doubt",
        text: `${place.upstream} is failing and not yet judged`,
      });
      return null;
    case "explained":
      draft.because({ code: "declared-cause", text: `explained by ${place.by}` });
      return null;
    case "none":
      return null;
  }
}

function onTimer(draft: Draft, event: Event & { type: "timer" }): IncidentId | null {
  const timer = draft.world().timers[event.timer];
  if (timer === undefined || timer.generation !== event.generation) return null;
  draft.dropTimer(timer.id);
  const { purpose } = timer;
  switch (purpose.of) {
    case "incident":
      deliver(draft, purpose.incident, purpose.event);
      return purpose.incident;
    case "attempt": {
      const attempt = draft.world().attempts[purpose.attempt];
      if (attempt === undefined || !UNSTARTED.includes(attempt.state))
        return attempt?.incident ?? null;
      const expired = move(draft, attempt, "expired", {
        problem: attempt.problem ?? problem("approval-expired", "it was not started in time"),
      });
      hear(draft, expired, "dropped");
      return attempt.incident;
    }
    case "lease":
      return onLeaseTimer(draft, purpose.lease);
  }
}

/**
 * A lease wants attention: past its end the app has fallen back, so it is over in the books too; before it, it is
 * renewed while its incident needs it, one renewal at a time.
 */
function onLeaseTimer(draft: Draft, id: string): IncidentId | null {
  const lease = draft.world().leases[id];
  if (lease === undefined || lease.state === "ended") return null;
  const { at } = draft.event;
  if (at >= lease.until) {
    endLease(draft, lease);
    draft.because({
      code: "lease-over",
      text: `${lease.switch} was not renewed and has ended by itself`,
    });
    return lease.incident;
  }
  const incident = draft.world().incidents[lease.incident];
  const renewMs = draft.rules.switches[lease.switch]?.renewMs ?? lease.until - at;
  setLeaseTimer(draft, lease, Math.min(at + renewMs, lease.until));
  if (lease.state !== "active" || incident === undefined || incident.closedAt !== null)
    return lease.incident;
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

function isBeingRenewed(draft: Draft, lease: Lease): boolean {
  return Object.values(draft.world().attempts).some(
    (attempt) =>
      attempt.slot === "renew" &&
      attempt.params["leaseId"] === lease.id &&
      (UNSTARTED.includes(attempt.state) || IN_FLIGHT.includes(attempt.state)),
  );
}

function onRequest(draft: Draft, event: Event & { type: "request" }): IncidentId | null {
  const attempt = draft.world().attempts[event.attempt];
  if (attempt === undefined) return null;
  const traits = draft.rules.actions[attempt.action];
  if (traits === undefined) throw new Error(`no action "${attempt.action}"`);
  const isAnotherTry = attempt.state === "started" && traits.repeat === "idempotent";
  if (!UNSTARTED.includes(attempt.state) && !isAnotherTry) return attempt.incident;
  if (attempt.slot === "renew" && !isStillOn(draft, attempt)) {
    move(draft, attempt, "withdrawn", {
      problem: problem("state-left", "the switch is no longer wanted"),
    });
    return attempt.incident;
  }
  const permission = mayStart(draft, attempt);
  switch (permission.kind) {
    case "start":
      start(draft, attempt, event);
      break;
    case "shadow":
      hear(draft, move(draft, attempt, "shadowed", { problem: problem("mode-shadow") }), "dropped");
      break;
    case "approval": {
      if (attempt.state === "awaiting-approval") break;
      const waiting = move(draft, attempt, "awaiting-approval", {
        problem: approvalProblem(draft),
      });
      hear(draft, waiting, "withheld");
      break;
    }
    case "hold":
      hold(draft, attempt, permission);
      break;
  }
  return attempt.incident;
}

/** A renewal that comes after the end was asked for would switch on again what was just switched off. */
function isStillOn(draft: Draft, attempt: Attempt): boolean {
  const lease = draft.world().leases[textOf(attempt.params["leaseId"])];
  return lease?.state === "active";
}

function approvalProblem(draft: Draft): ReturnType<typeof problem> {
  return draft.facts.platform?.status === "unknown"
    ? problem("platform-unknown", draft.facts.platform.statusDetail)
    : problem("mode-suggest");
}

function start(draft: Draft, attempt: Attempt, event: Event & { type: "request" }): void {
  const traits = draft.rules.actions[attempt.action];
  if (traits === undefined) throw new Error(`no action "${attempt.action}"`);
  const lease = traits.effect === "switch" ? startLease(draft, attempt) : {};
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
  if (attempt.state === "started") return;
  const { event } = draft;
  const isLasting = !permission.momentary || event.at - attempt.plannedAt > MOMENT_MS;
  const isSame = attempt.state === "held" && attempt.problem?.code === permission.problem?.code;
  // A momentary hold becomes lasting once; after that, and while nothing changes, there is nothing to write.
  const wasTold = isSame && attempt.heldUntil !== null;
  if (isSame && (wasTold || !isLasting)) return;
  const held = move(draft, attempt, "held", {
    problem: permission.problem,
    heldUntil: isLasting ? (permission.problem?.retryAt ?? event.at) : null,
  });
  draft.because({
    code: permission.problem?.code ?? "held",
    text: permission.problem?.detail ?? "",
    attempt: attempt.id,
  });
  if (isLasting) hear(draft, held, "withheld");
}

function onOutcome(draft: Draft, event: Event & { type: "outcome" }): IncidentId | null {
  const attempt = draft.world().attempts[event.attempt];
  if (attempt === undefined) return null;
  // An answer that comes after evidence has already spoken changes nothing.
  if (attempt.state !== "started" && attempt.state !== "accepted") return attempt.incident;
  if (attempt.state === event.state) return attempt.incident;
  const moved = move(draft, attempt, event.state, {
    evidence: { ...attempt.evidence, ...event.evidence },
    problem: event.problem,
  });
  if (draft.rules.actions[attempt.action]?.effect === "switch")
    settleLease(draft, moved, event.problem);
  if (event.state === "seen") hear(draft, moved, "seen");
  else if (event.state === "unknown") hear(draft, moved, "unknown");
  else if (event.state !== "accepted") hear(draft, moved, "failed");
  return attempt.incident;
}

function onPause(draft: Draft, pause: Pause | null): IncidentId | null {
  const before = draft.world().marks.pause ?? null;
  if (JSON.stringify(before) === JSON.stringify(pause)) return null;
  draft.putMarks({ pause });
  tellPause(draft, pause);
  return null;
}

/** The daemon goes: what is on is switched off, because nobody will renew it. The incidents stay as they are. */
function onStop(draft: Draft): IncidentId | null {
  for (const lease of Object.values(draft.world().leases)) {
    if (lease.state === "ended") continue;
    const incident = draft.world().incidents[lease.incident];
    const number = incident === undefined ? draft.event.at : incident.attempts + 1;
    if (incident !== undefined) draft.putIncident({ ...incident, attempts: number });
    plan(draft, {
      id: attemptId(incident?.id ?? "orphan", number),
      incident: incident?.id ?? null,
      target: incident?.target ?? lease.scope[0] ?? "",
      slot: "undo",
      action: "switch",
      params: { switch: lease.switch, value: "off", leaseId: lease.id },
      askedIn: "",
    });
  }
  return null;
}

/** A switch of ours is on at the app and no open incident holds it: it is switched off. */
function onOrphan(draft: Draft, event: Event & { type: "orphan" }): IncidentId | null {
  const known = draft.world().leases[event.lease];
  const holder = known === undefined ? undefined : draft.world().incidents[known.incident];
  if (known !== undefined && known.state !== "ended" && holder?.closedAt === null) return null;
  const number = event.at;
  const target = draft.rules.switches[event.switch]?.targets[0] ?? "";
  draft.putMarks({
    switchSeq: {
      ...draft.world().marks.switchSeq,
      [event.switch]: Math.max(event.seq, draft.world().marks.switchSeq?.[event.switch] ?? 0),
    },
  });
  draft.putLease({
    id: event.lease,
    switch: event.switch,
    incident: known?.incident ?? ("orphan" as IncidentId),
    state: "ending",
    message: known?.message ?? "",
    until: event.until,
    seq: event.seq,
    scope: draft.rules.switches[event.switch]?.targets ?? [],
  });
  plan(draft, {
    id: attemptId("orphan", number),
    incident: null,
    target,
    slot: "undo",
    action: "switch",
    params: { switch: event.switch, value: "off", leaseId: event.lease },
    askedIn: "",
  });
  return null;
}
