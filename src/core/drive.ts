import { machineFor } from "../../state-machines/index.ts";
import type { Effect, MachineEvent } from "../../state-machines/vocabulary.ts";
import { type Attempt, isRecheck } from "../domain/attempt.ts";
import { incidentId, timerId, type IncidentId } from "../domain/ids.ts";
import { type Incident, presentOnset } from "../domain/incident.ts";
import type { JsonObject } from "../domain/json.ts";
import { problem } from "../domain/problem.ts";
import type { Slot } from "../domain/runbook.ts";
import { signalKey, signalWords } from "../domain/sample.ts";
import type { Verdict } from "../domain/verdict.ts";
import { bind } from "./bind.ts";
import { close, park, withdraw } from "./close.ts";
import { pathsOf, weigh } from "./confirm.ts";
import { openIncident, symptomsOf } from "./correlate.ts";
import { diagnose } from "./diagnose.ts";
import type { Draft } from "./draft.ts";
import { judge } from "./judge.ts";
import { leasesOf } from "./lease.ts";
import { beginProof } from "./proof.ts";
import { limitsFor } from "./limits.ts";
import { remindLater } from "./remind.ts";
import { beforeOf, reopen, returning } from "./reopen.ts";
import { begin, step, type Step } from "./step.ts";
import { tell } from "./tell.ts";
import { tellStorm } from "./tell-storm.ts";
import { ease, undoAll, withdrawEnds } from "./undo.ts";

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
    attachSymptom(draft, draft.incident(incident.id), symptom.signal);
    deliver(draft, symptom.id, { type: "upstream.opened" });
  }
  run(draft, incident.id, first);
  return draft.incident(incident.id);
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
  bind(draft, draft.incident(id), "evidence");
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
  const now = draft.incident(incident.id);
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
      draft.putIncident({ ...draft.incident(incident.id), cause: diagnosis.cause });
      if (diagnosis.advice === "hand-over" && diagnosis.to !== undefined)
        handOver(draft, draft.incident(incident.id), diagnosis.to);
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
      } else if (bind(draft, draft.incident(id), slot) === null) {
        followUps.push(() => unbound(draft, id, slot));
      } else if (slot === "contain") withdrawEnds(draft, id);
      break;
    }
    case "ease":
      ease(draft, id);
      break;
    case "tell":
      tell(draft, draft.incident(id), effect.params.notice);
      if (effect.params.notice === "escalated") remindLater(draft, draft.incident(id));
      break;
    case "judge":
      judge(draft, id, effect.params.slot, effect.params.as);
      break;
  }
}

/** A slot that nothing fills. */
function unbound(draft: Draft, id: IncidentId, slot: Slot): void {
  draft.because({ code: "not-configured", text: `nothing fills the slot ${slot}` });
  deliver(draft, id, { type: `${slot}.dropped`, code: problem("not-configured").code });
}
