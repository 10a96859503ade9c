import { UNSTARTED } from "../domain/attempt.ts";
import type { Event } from "../domain/event.ts";
import type { Pause } from "../domain/pause.ts";
import type { Facts } from "../domain/facts.ts";
import type { IncidentId } from "../domain/ids.ts";
import { problem } from "../domain/problem.ts";
import type { Rules } from "../domain/rules.ts";
import { signalKey, signalWords } from "../domain/sample.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Decision, World } from "../domain/world.ts";
import { isAnswer } from "../domain/order.ts";
import { onAnswer, onApprovalLapsed } from "./approval.ts";
import { onOutcome, onRequest } from "./attempt-events.ts";
import { tellBlind } from "./blind.ts";
import { noteBooks } from "./books.ts";
import { belonging, otherBreach } from "./correlate.ts";
import { type Draft, createDraft } from "./draft.ts";
import { closeParked } from "./close.ts";
import { attachSymptom, deliver, hear, open, openingBy } from "./drive.ts";
import { onCall, onHint } from "./hints.ts";
import { onLeaseTimer, onOrphan, onStop } from "./lease-events.ts";
import { move } from "./ledger.ts";
import { onOrder, onReminder } from "./orders.ts";
import { countLook, proven } from "./proof.ts";
import { tellPause } from "./tell-paused.ts";
import { warn } from "./warn.ts";

/**
 * What one event means: total, synchronous and deterministic. The same world, event, facts and rules give the
 * same decision, byte for byte. A decision without changes needs no journal entry.
 */
export function decide(world: World, event: Event, facts: Facts, rules: Rules): Decision {
  const draft = createDraft(world, event, facts, rules);
  const incident = dispatch(draft);
  return draft.finish(incident);
}

/**
 * True for a verdict on which nothing can follow, so that it need not become an event: it breaks nothing, its signal is not
 * being told as blind, and no incident of its target is open. Most verdicts are of this kind.
 */
export function meansNothing(world: World, verdict: Verdict): boolean {
  if (verdict.state === "breached" || verdict.state === "missing") return false;
  const { blind, warned } = world.marks;
  if (blind !== undefined && Object.hasOwn(blind, signalKey(verdict.signal))) return false;
  if (warned !== undefined && Object.hasOwn(warned, signalKey(verdict.signal))) return false;
  for (const id in world.incidents) {
    const incident = world.incidents[id];
    if (incident?.closedAt === null && incident.target === verdict.signal.target) return false;
  }
  return true;
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
    case "order":
      return isAnswer(event.order) ? onAnswer(draft, event.order) : onOrder(draft, event.order);
    case "orphan":
      return onOrphan(draft, event);
    case "hint":
      return onHint(draft, event);
    case "call":
      return onCall(draft, event);
    case "stop":
      return onStop(draft);
    case "start":
      draft.putMarks({});
      noteBooks(draft, event.doubt);
      giveTimeToLook(draft);
      return null;
  }
}

/** What came due while nobody looked is decided on fresh looks: no data is neither health nor failure. */
function giveTimeToLook(draft: Draft): void {
  const { at } = draft.event;
  for (const timer of Object.values(draft.world().timers)) {
    if (timer.purpose.of !== "incident") continue;
    const target = draft.world().incidents[timer.purpose.incident]?.target ?? "";
    const due = at + (draft.rules.targets[target]?.detectMsMax ?? 0);
    if (timer.due < due) draft.putTimer({ ...timer, due });
  }
}

function onVerdict(draft: Draft, event: Event & { type: "verdict" }): IncidentId | null {
  const { verdict } = event;
  const key = signalKey(verdict.signal);
  if (verdict.warns === true) {
    warn(draft, key, verdict);
    return null;
  }
  tellBlind(draft, key, verdict);
  const counted = countLook(draft, verdict);
  for (const { id, isRefuted } of counted)
    if (isRefuted) deliver(draft, id, { type: "signal.breached" });
  const place = belonging(draft, verdict);
  switch (place.kind) {
    case "incident":
      // Other paths to the same target confirm or contradict; only the opening signal's samples are counted.
      if (!place.own) return place.incident.id;
      hearSignal(draft, place.incident.id, verdict);
      return place.incident.id;
    case "symptom":
      if (!place.known) attachSymptom(draft, place.of, key);
      return place.of.id;
    case "open":
      return open(draft, openingBy(place.incidentKind, verdict)).id;
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
      return counted[0]?.id ?? null;
  }
}

/** The opening signal's word counts; but its health is no health while another signal of the same incident is breached. */
function hearSignal(draft: Draft, id: IncidentId, verdict: Verdict): void {
  const incident = draft.world().incidents[id];
  if (incident === undefined) return;
  const { state, needsRequests } = verdict;
  const mayBeWell = state === "healthy" || needsRequests !== undefined;
  const other = mayBeWell ? otherBreach(draft, incident) : null;
  if (other !== null)
    draft.because({ code: "also-breached", text: `${signalWords(other)} is still breached` });
  if (incident.parked !== null)
    return closeParked(draft, incident, other === null ? state : "inconclusive");
  const heard = other === null ? proven(draft, incident, verdict) : "inconclusive";
  deliver(draft, incident.id, { type: `signal.${heard}` });
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
        problem:
          attempt.state === "awaiting-approval"
            ? problem("approval-expired")
            : (attempt.problem ?? problem("approval-expired", "it was not started in time")),
      });
      hear(draft, expired, "dropped");
      return attempt.incident;
    }
    case "approval":
      return onApprovalLapsed(draft, purpose.attempt);
    case "lease":
      return onLeaseTimer(draft, purpose.lease);
    case "reminder":
      return onReminder(draft, purpose.incident, purpose.afterMs);
  }
}

function onPause(draft: Draft, pause: Pause | null): IncidentId | null {
  const before = draft.world().marks.pause ?? null;
  if (JSON.stringify(before) === JSON.stringify(pause)) return null;
  draft.putMarks({ pause });
  // Another pause may cover less: what the old one held is asked about again.
  if (before !== null && pause !== null) {
    for (const attempt of Object.values(draft.world().attempts)) {
      if (attempt.state === "held" && attempt.problem?.code === "paused")
        move(draft, attempt, "held", { problem: null, heldUntil: null });
    }
  }
  tellPause(draft, before, pause);
  return null;
}
