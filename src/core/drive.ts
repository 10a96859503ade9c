import { machineFor } from "../../state-machines/index.ts";
import type { Effect, Judgement, MachineEvent } from "../../state-machines/vocabulary.ts";
import { UNSTARTED, type Attempt } from "../domain/attempt.ts";
import { attemptId, incidentId, timerId, type IncidentId } from "../domain/ids.ts";
import { type Incident, presentOnset } from "../domain/incident.ts";
import type { Lease } from "../domain/lease.ts";
import type { JsonObject } from "../domain/json.ts";
import type { NoticeKind } from "../domain/notice.ts";
import { problem } from "../domain/problem.ts";
import type { Slot } from "../domain/runbook.ts";
import { signalKey, signalWords } from "../domain/sample.ts";
import type { Verdict } from "../domain/verdict.ts";
import { bind, plan, topOf } from "./bind.ts";
import { pathsOf, weigh } from "./confirm.ts";
import { openIncident, symptomsOf } from "./correlate.ts";
import { isWanted } from "./contain.ts";
import { diagnose } from "./diagnose.ts";
import type { Draft } from "./draft.ts";
import { askAgainLater, endLease, endOf, isBeingEnded, isRecheck, leasesOf } from "./lease.ts";
import { beginProof } from "./proof.ts";
import { isSwitch } from "./last-resort.ts";
import { limitsFor } from "./limits.ts";
import { move } from "./ledger.ts";
import { lookBack } from "./look-back.ts";
import { remindLater } from "./remind.ts";
import { beforeOf, reopen, returning } from "./reopen.ts";
import { begin, step, type Step } from "./step.ts";
import { tell } from "./tell.ts";
import { tellStorm } from "./tell-storm.ts";
import { rememberEffect } from "./vain.ts";

/** What an incident begins with. */
export interface Opening extends Pick<Incident, "kind" | "target" | "signal" | "onset" | "cause"> {
  readonly symptoms?: readonly string[];
  /** Why it is opened, in one sentence. */
  readonly text: string;
}

/** An opening on a breached signal. */
export function openingBy(kind: string, verdict: Verdict): Opening {
  return {
    kind,
    target: verdict.signal.target,
    signal: signalKey(verdict.signal),
    onset: verdict.onset ?? verdict.at,
    cause: verdict.evidence.problem?.code ?? null,
    text: openingText(verdict),
  };
}

/** Opens an incident and takes over what turns out to be its symptom. */
export function open(draft: Draft, opening: Opening): Incident {
  const { incident, first } = create(draft, opening);
  for (const symptom of symptomsOf(draft, incident)) {
    attachSymptom(draft, current(draft, incident.id), symptom.signal);
    deliver(draft, symptom.id, { type: "upstream.opened" });
  }
  run(draft, incident.id, first);
  return current(draft, incident.id);
}

/** What looked like one kind of incident is really another: that one is opened, unless it is open already, and takes the signal over. */
function handOver(draft: Draft, from: Incident, kind: string): void {
  const known = openIncident(draft.world(), kind, from.target);
  if (known !== undefined) {
    attachSymptom(draft, known, from.signal);
    return;
  }
  const { target, signal, cause } = from;
  const onset = presentOnset(from);
  const text = `handed over by ${from.kind} (${from.id}): ${cause ?? "no cause named"}`;
  const { incident, first } = create(draft, { kind, target, signal, onset, cause, text });
  run(draft, incident.id, first);
}

/** An incident in the first state of its machine, new or come back; nothing has followed from that yet. */
function create(
  draft: Draft,
  opening: Opening,
): { readonly incident: Incident; readonly first: Step } {
  const { kind, target, signal, onset, cause, symptoms = [] } = opening;
  const machine = machineFor(kind);
  const limits = limitsFor(draft.rules, machine, target);
  const known = returning(draft, kind, target);
  if (known !== undefined) {
    const first = begin(machine, limits, beforeOf(draft, known));
    return { incident: reopen(draft, known, opening, first), first };
  }
  const openings = draft.world().marks.openings ?? {};
  const number = (openings[`${kind}|${target}`] ?? 0) + 1;
  draft.putMarks({ openings: { ...openings, [`${kind}|${target}`]: number } });
  const first = begin(machine, limits);
  const incident: Incident = {
    id: incidentId(kind, target, number),
    kind,
    target,
    signal,
    snapshot: first.snapshot,
    state: first.state,
    openedAt: draft.event.at,
    onset,
    closedAt: null,
    ending: null,
    cause,
    attempts: 0,
    notices: 0,
    symptoms,
    parked: null,
  };
  draft.putIncident(incident);
  draft.because({ code: "opened", text: opening.text });
  tellStorm(draft);
  return { incident, first };
}

/** What the first state of its machine asks for. Evidence is collected first, because it fades. */
function run(draft: Draft, id: IncidentId, first: Step): void {
  bind(draft, current(draft, id), "evidence");
  follow(draft, id, first);
}

function openingText({ evidence }: Verdict): string {
  if (evidence.numbers === undefined) {
    return `${evidence.failures} looks in a row failed (${evidence.problem?.detail ?? "no reason given"})`;
  }
  const numbers = Object.entries(evidence.numbers).map(
    ([name, value]) => `${name} ${value ?? "unknown"}`,
  );
  return `${evidence.detector}: ${numbers.join(", ")}`;
}

export function attachSymptom(draft: Draft, incident: Incident, signal: string): void {
  const now = current(draft, incident.id);
  if (now.symptoms.includes(signal)) return;
  draft.putIncident({ ...now, symptoms: [...now.symptoms, signal] });
  draft.because({
    code: "symptom",
    text: `${signalWords(signal)} is explained by ${incident.kind} of ${incident.target}`,
  });
}

/** Tells the machine what became of an attempt that filled one of its slots. */
export function hear(
  draft: Draft,
  attempt: Attempt,
  what: "started" | "seen" | "failed" | "unknown" | "withheld" | "dropped",
): void {
  if (attempt.incident === null || attempt.slot === "renew" || attempt.slot === "evidence") return;
  // It takes nothing back, and no state asked for it.
  if (isRecheck(attempt)) return;
  const incident = draft.world().incidents[attempt.incident];
  if (incident === undefined || incident.closedAt !== null) return;
  if (what === "started") return deliver(draft, incident.id, { type: `${attempt.slot}.started` });
  if (what !== "seen") {
    return deliver(draft, incident.id, {
      type: `${attempt.slot}.${what}`,
      code: attempt.problem?.code ?? what,
    });
  }
  // One of several switches is off: the others are still waited for.
  if (attempt.slot === "undo" && leasesOf(draft, incident.id).length > 0) return;
  deliver(draft, incident.id, seenEvent(draft, incident, attempt));
}

function seenEvent(draft: Draft, incident: Incident, attempt: Attempt): MachineEvent {
  switch (attempt.slot) {
    case "confirm": {
      const answer = weigh(pathsOf(attempt.evidence));
      draft.because({
        code: `confirm-${answer}`,
        text: `independent paths say ${answer}`,
        attempt: attempt.id,
      });
      return { type: "confirm.seen", answer };
    }
    case "inspect": {
      const found = diagnose(draft, incident, attempt.evidence);
      // After a start the platform may answer before the first look of our own: that is no reason to give up.
      const isBlind = draft.facts.signals[incident.signal] === undefined;
      const diagnosis =
        isBlind && found.cause === "unclear" ? { ...found, advice: "wait" as const } : found;
      draft.because({
        code: `inspect-${diagnosis.advice}`,
        text: `cause: ${diagnosis.cause}`,
        attempt: attempt.id,
      });
      draft.putIncident({ ...current(draft, incident.id), cause: diagnosis.cause });
      if (diagnosis.advice === "hand-over" && diagnosis.to !== undefined)
        handOver(draft, current(draft, incident.id), diagnosis.to);
      return { type: "inspect.seen", advice: diagnosis.advice, cause: diagnosis.cause };
    }
    default:
      return { type: `${attempt.slot}.seen` };
  }
}

/**
 * Gives a machine one event. A machine that cannot go on (an unknown state after an upgrade, a programmer
 * error) parks its incident with a person; the others go on.
 */
export function deliver(draft: Draft, id: IncidentId, event: MachineEvent | JsonObject): void {
  const incident = draft.world().incidents[id];
  if (incident === undefined || incident.closedAt !== null || incident.parked !== null) return;
  let next: Step;
  try {
    next = step(incident.snapshot, event);
  } catch (error) {
    park(draft, incident, error);
    return;
  }
  // While a person has it, hours of "still down" would fill the journal; elsewhere each sample is evidence.
  if (!next.handled || isSame(next, incident)) {
    draft.because({
      code: "ignored",
      text: `${nameOf(event)} means nothing in ${incident.state}`,
    });
    return;
  }
  const { snapshot, state } = next;
  draft.putIncident({ ...incident, ...beginProof(draft, incident, state), snapshot, state });
  if (next.state !== incident.state) {
    draft.because({ code: "state", text: `${incident.state} → ${next.state}` });
  }
  follow(draft, id, next);
}

function isSame(next: Step, incident: Incident): boolean {
  return (
    next.isWithPerson &&
    next.effects.length === 0 &&
    next.timersSet.length === 0 &&
    next.timersCleared.length === 0 &&
    next.snapshot === incident.snapshot
  );
}

function nameOf(event: MachineEvent | JsonObject): string {
  return typeof event.type === "string" ? event.type : "an event without a name";
}

/** Carries a step's consequences into the draft: timers, effects in order, withdrawals, the end. */
function follow(draft: Draft, id: IncidentId, next: Step): void {
  for (const name of next.timersCleared) draft.dropTimer(timerId(id, name));
  for (const { name, delayMs, event } of next.timersSet) {
    const timer = timerId(id, name);
    draft.putTimer({
      id: timer,
      due: draft.event.at + delayMs,
      // A re-entered state uses the id again: the generation tells an old due time from the new one.
      generation: draft.nextGeneration(),
      purpose: { of: "incident", incident: id, event },
    });
  }
  withdraw(draft, id);
  const followUps: (() => void)[] = [];
  for (const effect of next.effects) carry(draft, id, effect, followUps);
  if (next.ending !== null) close(draft, id, next.ending);
  // After the effects, because what follows belongs to the next state and may move the machine again.
  for (const followUp of followUps) followUp();
}

function carry(draft: Draft, id: IncidentId, effect: Effect, followUps: (() => void)[]): void {
  switch (effect.type) {
    case "ask": {
      const { slot } = effect.params;
      if (slot === "undo") {
        if (!undoAll(draft, id)) followUps.push(() => deliver(draft, id, { type: "undo.seen" }));
      } else if (bind(draft, current(draft, id), slot) === null) {
        followUps.push(() => unbound(draft, id, slot));
      } else if (slot === "contain") withdrawEnds(draft, id);
      break;
    }
    case "ease":
      ease(draft, id);
      break;
    case "tell":
      tell(draft, current(draft, id), effect.params.notice);
      if (effect.params.notice === "escalated") remindLater(draft, current(draft, id));
      break;
    case "judge":
      judge(draft, id, effect.params.slot, effect.params.as);
      break;
  }
}

/** Asks for the end of everything that is or may be on because of this incident. False when there is nothing. */
function undoAll(draft: Draft, id: IncidentId): boolean {
  const leases = leasesOf(draft, id);
  const { state } = current(draft, id);
  const askedIn = topOf(state);
  // One of several may have failed; what is already asked for in this state is not asked for twice.
  for (const lease of leases)
    if (!isBeingEnded(draft, lease, askedIn)) undo(draft, id, lease, askedIn);
  return leases.length > 0;
}

/** Asks for the end of the switches, for which no machine waits: they end by themselves where that fails. */
function ease(draft: Draft, id: IncidentId): void {
  for (const lease of leasesOf(draft, id))
    if (isSwitch(lease) && !isBeingEnded(draft, lease, "")) undo(draft, id, lease, "");
}

/** It is contained again: an end that has not started would come too late, and end what was only just begun. */
function withdrawEnds(draft: Draft, id: IncidentId): void {
  for (const attempt of Object.values(draft.world().attempts)) {
    const { slot, action, askedIn, state } = attempt;
    const isEnd = slot === "undo" && action === "switch" && askedIn === "";
    if (attempt.incident === id && isEnd && UNSTARTED.includes(state))
      move(draft, attempt, "withdrawn", {
        problem: problem("state-left", "it is contained again"),
      });
  }
}

function undo(draft: Draft, id: IncidentId, lease: Lease, askedIn: string): void {
  const incident = current(draft, id);
  const number = incident.attempts + 1;
  draft.putIncident({ ...incident, attempts: number });
  plan(draft, {
    id: attemptId(id, number),
    incident: id,
    target: incident.target,
    slot: "undo",
    ...endOf(lease),
    askedIn,
  });
  // No machine waits for it, and it does not end by itself.
  if (askedIn === "" && lease.held !== undefined) askAgainLater(draft, lease);
}

/** A slot that nothing fills. */
function unbound(draft: Draft, id: IncidentId, slot: Slot): void {
  draft.because({ code: "not-configured", text: `nothing fills the slot ${slot}` });
  deliver(draft, id, { type: `${slot}.dropped`, code: problem("not-configured").code });
}

function judge(draft: Draft, id: IncidentId, slot: Slot, as: Judgement): void {
  const attempt = Object.values(draft.world().attempts)
    .filter(
      (candidate) =>
        candidate.incident === id && candidate.slot === slot && candidate.state === "seen",
    )
    .at(-1);
  if (attempt === undefined) return;
  const { ownLooks } = current(draft, id).proof ?? {};
  move(draft, attempt, as, {
    ...(as === "unknown"
      ? { problem: problem("stale-input", "no fresh look said whether it helped") }
      : {}),
    ...(as === "effective" && ownLooks !== undefined
      ? { evidence: { ...attempt.evidence, ownLooks } }
      : {}),
  });
  rememberEffect(draft, attempt, as);
  draft.because({
    code: as,
    text: `${attempt.action} of ${attempt.target} was ${as}`,
    attempt: attempt.id,
  });
}

/** Unstarted attempts die when the incident no longer wants them. */
function withdraw(draft: Draft, id: IncidentId): void {
  const incident = current(draft, id);
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

function close(draft: Draft, id: IncidentId, ending: Incident["ending"]): void {
  const incident = current(draft, id);
  draft.putIncident({ ...incident, closedAt: draft.event.at, ending });
  dropTimers(draft, id);
  withdrawAll(draft, id, "the incident is over");
  for (const lease of Object.values(draft.world().leases)) {
    // A lease that never came to be: nobody heard of it. What has no end of its own stays in the books until it is taken back.
    if (lease.incident === id && lease.state === "asked" && lease.held === undefined)
      endLease(draft, lease);
  }
  draft.because({ code: "closed", text: String(ending) });
  lookBack(draft, current(draft, id));
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

function park(draft: Draft, incident: Incident, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  draft.putIncident({ ...incident, parked: text });
  draft.because({ code: "machine-failed", text });
  dropTimers(draft, incident.id);
  withdrawAll(draft, incident.id, "its machine stopped");
  // Nobody will ask for the end of what it switched on, so it is asked for now.
  for (const lease of leasesOf(draft, incident.id)) undo(draft, incident.id, lease, "");
  tell(draft, current(draft, incident.id), "escalated" satisfies NoticeKind);
}

/** A parked incident has no machine any more: its detector's word that all is well ends it, so that it hides nothing. */
export function closeParked(draft: Draft, incident: Incident, state: Verdict["state"]): void {
  if (state !== "healthy") return;
  // The end that was asked for when it was parked may have failed, and nothing else would ask again.
  for (const lease of leasesOf(draft, incident.id))
    if (lease.held !== undefined && !isBeingEnded(draft, lease, ""))
      undo(draft, incident.id, lease, "");
  tell(draft, current(draft, incident.id), "resolved" satisfies NoticeKind);
  close(draft, incident.id, "resolved");
}

/** The incident as the draft has it now. */
function current(draft: Draft, id: IncidentId): Incident {
  const incident = draft.world().incidents[id];
  if (incident === undefined) throw new Error(`no incident ${id}`);
  return incident;
}
