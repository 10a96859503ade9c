import type { IncidentId } from "../domain/ids.ts";
import type { Incident, Proof } from "../domain/incident.ts";
import { signalKey, signalWords } from "../domain/sample.ts";
import type { Verdict, VerdictState } from "../domain/verdict.ts";
import { topOf } from "./bind.ts";
import type { Draft } from "./draft.ts";
import { limitsFor } from "./limits.ts";

// What has to be seen before an act is called effective, beside the incident's own signal. A runbook names it, as data.

/** An act was seen to have happened: from now on looks are fresh. Nothing otherwise. */
export function beginProof(
  { event: { at } }: Draft,
  incident: Incident,
  nextState: string,
): Pick<Incident, "proof"> {
  const isNew = isVerifying(nextState) && !isVerifying(incident.state);
  return isNew ? { proof: { since: at, looks: {} } } : {};
}

/**
 * Counts one look of a target's signals for the incidents whose acts it may prove, and gives them. `isRefuted`: what has to be well
 * is breached while the act is verified.
 */
export function countLook(
  draft: Draft,
  verdict: Verdict,
): readonly { readonly id: IncidentId; readonly isRefuted: boolean }[] {
  const key = signalKey(verdict.signal);
  // A refusal by a switch of ours is neither health nor failure.
  if (verdict.evidence.problem?.code === "refused-by-switch") return [];
  const counted: { readonly id: IncidentId; readonly isRefuted: boolean }[] = [];
  for (const incident of Object.values(draft.world().incidents)) {
    const { proof, target, closedAt, parked } = incident;
    if (proof === undefined || closedAt !== null || parked !== null) continue;
    if (target !== verdict.signal.target || key === incident.signal) continue;
    const wanted = wantedOf(draft, incident).find(({ keys }) => keys.includes(key));
    const needs = askingOf(draft, incident).includes(key) ? (proof.needs ?? LOOKS_MAX) : 0;
    const most = Math.max(needs, wanted?.looks ?? 0);
    const before = proof.looks[key] ?? 0;
    const isGood = verdict.state === "healthy" && !verdict.failing;
    const now = isGood ? Math.max(before, Math.min(before + 1, most)) : 0;
    // What stood for the traffic stands for it no longer when one of them was not answered well.
    const { ownLooks, ...rest } = proof;
    const still = ownLooks === undefined || now === 0 ? {} : { ownLooks };
    if (now !== before)
      draft.putIncident({
        ...incident,
        proof: { ...rest, ...still, looks: { ...proof.looks, [key]: now } },
      });
    const isBad = wanted !== undefined && verdict.state === "breached";
    const isRefuted = isBad && isVerifying(incident.state);
    if (isRefuted)
      draft.because({ code: "proof-breached", text: `${signalWords(key)} has to be well too` });
    if (isRefuted || now !== before) counted.push({ id: incident.id, isRefuted });
  }
  return counted;
}

/**
 * What an incident hears of its own signal. Health counts only while everything else that its runbook wants is well; and where too
 * few requests came to judge a rate, looks of our own that were all answered well are the traffic.
 */
export function proven(draft: Draft, incident: Incident, verdict: Verdict): VerdictState {
  const { proof } = incident;
  if (proof === undefined) return verdict.state;
  if (verdict.state === "breached") {
    if (isLookingBack(draft, incident, proof)) {
      draft.because({
        code: "looks-back",
        text: `${signalWords(incident.signal)} still tells of the time before the act`,
      });
      return "inconclusive";
    }
    const isCounted = Object.values(proof.looks).some((looks) => looks > 0);
    if (isCounted || proof.ownLooks !== undefined)
      draft.putIncident({ ...incident, proof: uncounted(proof) });
    return "breached";
  }
  const needs = needsOf(draft, incident, verdict);
  const heard = needs === null ? proof : { ...proof, needs };
  // By day nobody has to count on: the journal is spared a line for each look.
  if (heard.needs !== proof.needs) draft.putIncident({ ...incident, proof: heard });
  const looks = needs === null || needs === 0 ? null : trafficOfOwn(draft, incident, needs);
  if (verdict.state !== "healthy" && looks === null) return verdict.state;
  const missing = missingOf(draft, incident);
  if (missing !== null) {
    draft.because({ code: "not-proven", text: missing });
    return "inconclusive";
  }
  const { ownLooks: _, ...rest } = heard;
  draft.putIncident({ ...incident, proof: looks === null ? rest : { ...rest, ownLooks: looks } });
  if (looks !== null)
    draft.because({
      code: "own-looks",
      text: `too few requests to judge ${signalWords(incident.signal)}: ${looks} looks of mine in a row were answered well and count as the traffic`,
    });
  return "healthy";
}

/** It fails again: what was seen well before that counts no more. */
export function uncounted({ since }: Proof): Proof {
  return { since, looks: {} };
}

/**
 * Rates and trends look back, so that what they say right after an act is no fresh sample of it: it neither proves nor refutes. By
 * half of the time there is they must have come to speak of the present.
 */
function isLookingBack({ event, rules }: Draft, incident: Incident, { since }: Proof): boolean {
  if (!isVerifying(incident.state) || incident.signal.endsWith("|up")) return false;
  const { verifyMs = 0 } = limitsFor(rules, incident.snapshot.machine, incident.target);
  return event.at - since <= Math.min(rules.ceilings.aftermathMs, verifyMs / 2);
}

/** How many requests a rate lacks before it would be called well: 0 when it is; null where something else is in the way. */
function needsOf(
  { rules }: Draft,
  { snapshot, target }: Incident,
  { state, needsRequests }: Verdict,
): number | null {
  if (state === "healthy") return 0;
  const { samplesMin = 1 } = limitsFor(rules, snapshot.machine, target);
  return needsRequests === undefined ? null : Math.max(needsRequests, samplesMin);
}

/** How many looks of our own stand for the requests that did not come; null while they are too few, or one was not answered well. */
function trafficOfOwn(draft: Draft, incident: Incident, needs: number): number | null {
  const counts = answering(draft, askingOf(draft, incident)).map(
    (key) => incident.proof?.looks[key] ?? 0,
  );
  const sum = counts.reduce((all, one) => all + one, 0);
  return !counts.includes(0) && sum >= needs ? sum : null;
}

/** The first thing that is not yet seen to be well often enough, in words. */
function missingOf(draft: Draft, incident: Incident): string | null {
  for (const { name, keys, looks } of wantedOf(draft, incident)) {
    const heard = answering(draft, keys);
    if (heard.length === 0)
      return `${name} of ${incident.target} has to be well, and a switch refuses every look`;
    const least = heard.find((key) => (incident.proof?.looks[key] ?? 0) < looks);
    if (least !== undefined)
      return `${signalWords(least)} was seen well ${incident.proof?.looks[least] ?? 0} of ${looks} times in a row`;
  }
  return null;
}

interface Wanted {
  readonly name: string;
  readonly keys: readonly string[];
  readonly looks: number;
}

/** What the runbook wants beside the incident's own signal, as far as somebody watches it on this target. */
function wantedOf({ rules }: Draft, { snapshot, target, signal }: Incident): readonly Wanted[] {
  const verify = rules.runbooks[snapshot.machine]?.verify ?? {};
  return Object.entries(verify).flatMap(([name, looks]) => {
    const keys = (rules.targets[target]?.watched?.[name] ?? []).filter((key) => key !== signal);
    return keys.length === 0 ? [] : [{ name, keys, looks }];
  });
}

/** Looks that are requests stand for those of users only where it is requests that are judged. */
function askingOf({ rules }: Draft, { signal, target }: Incident): readonly string[] {
  return signal.endsWith("|up") ? [] : (rules.targets[target]?.asking ?? []);
}

/** Without those that a switch of ours refuses at the moment. */
function answering({ facts }: Draft, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => facts.signals[key]?.problem !== "refused-by-switch");
}

function isVerifying(state: string): boolean {
  return topOf(state) === "verifying";
}

/** More are never asked for: three for each failure among a hundred. */
const LOOKS_MAX = 300;
