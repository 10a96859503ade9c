import { IN_FLIGHT, type AttemptState, isRecheck } from "../domain/attempt.ts";
import { type Incident, presentOnset, presentOpening } from "../domain/incident.ts";
import { signalKey } from "../domain/sample.ts";
import { MINUTE_MS, type Instant } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { World } from "../domain/world.ts";
import type { Draft } from "./draft.ts";
import { explainsDependant, explainsOnItself, neededBy } from "./explains.ts";

/** Where a verdict belongs. */
export type Belonging =
  | { readonly kind: "incident"; readonly incident: Incident; readonly own: boolean }
  | { readonly kind: "symptom"; readonly of: Incident; readonly known: boolean }
  | { readonly kind: "open"; readonly incidentKind: string }
  | { readonly kind: "wait"; readonly upstream: string }
  | { readonly kind: "explained"; readonly by: string }
  | { readonly kind: "none" };

/** A symptom younger than its upstream by less than this still belongs to it. */
export const REPARENT_MS = MINUTE_MS;

/** The incident this verdict belongs to, the one it opens, or the reason why it opens none. */
export function belonging(draft: Draft, verdict: Verdict): Belonging {
  const key = signalKey(verdict.signal);
  const kind = draft.facts.signals[key]?.opens ?? "unclassified";
  const { target } = verdict.signal;
  const mine = incidentOf(draft.world(), key) ?? openIncident(draft.world(), kind, target);
  if (mine !== undefined) return { kind: "incident", incident: mine, own: mine.signal === key };
  if (verdict.state !== "breached") return { kind: "none" };

  const whole = explaining(draft, kind, target);
  if (whole !== undefined)
    return { kind: "symptom", of: whole, known: whole.symptoms.includes(key) };
  const cause = declaredCause(draft, kind, target);
  if (cause !== null) return { kind: "explained", by: cause };
  for (const upstream of upstreamsOf(draft, target)) {
    if (
      isFailing(draft, upstream, kind) ||
      isNotYetSeen(draft, upstream) ||
      isNotSeenSince(draft, upstream, verdict.onset ?? verdict.at, kind)
    )
      return { kind: "wait", upstream };
  }
  return { kind: "open", incidentKind: kind };
}

/** The open incident of something the target needs, or of the target itself, of which this kind is only a symptom. */
function explaining(draft: Draft, kind: string, target: string): Incident | undefined {
  const open = Object.values(draft.world().incidents).filter(({ closedAt }) => closedAt === null);
  const above = upstreamsOf(draft, target);
  return (
    open.find((one) => above.includes(one.target) && explainsDependant(one.kind, kind)) ??
    open.find((one) => one.target === target && explainsOnItself(one.kind, kind))
  );
}

/** Another signal that would open this very incident and is still breached; the incident is not over before all of them are well. */
export function otherBreach(draft: Draft, incident: Incident): string | null {
  const found = Object.entries(draft.facts.signals).find(
    ([key, signal]) =>
      key !== incident.signal &&
      signal.target === incident.target &&
      signal.opens === incident.kind &&
      signal.state === "breached",
  );
  return found?.[0] ?? null;
}

/** Open incidents that turn out to be symptoms of this new one. */
export function symptomsOf(draft: Draft, of: Incident): readonly Incident[] {
  return Object.values(draft.world().incidents).filter(
    (one) =>
      one.closedAt === null &&
      one.id !== of.id &&
      // A rate that is counted once a minute dates its onset too early, so its opening counts.
      presentOnset(of) <= Math.max(presentOnset(one), presentOpening(one)) + REPARENT_MS &&
      (one.target === of.target
        ? explainsOnItself(of.kind, one.kind)
        : explainsDependant(of.kind, one.kind) &&
          upstreamsOf(draft, one.target).includes(of.target)),
  );
}

function upstreamsOf({ rules }: Draft, target: string): readonly string[] {
  return neededBy(target, (of) => rules.targets[of]?.needs ?? []);
}

export function openIncident(world: World, kind: string, target: string): Incident | undefined {
  return Object.values(world.incidents).find(
    (incident) =>
      incident.closedAt === null && incident.kind === kind && incident.target === target,
  );
}

/** The open incident that counts this very signal's samples. */
function incidentOf(world: World, key: string): Incident | undefined {
  return Object.values(world.incidents).find(
    (incident) => incident.closedAt === null && incident.signal === key,
  );
}

/** A rollback and a redeploy look like a release: so long nothing that is told of "the release" is about somebody else's. */
export const OWN_RELEASE_MS = 30 * MINUTE_MS;

/**
 * An act of ours under way on the target or on something it needs, or just done, explains a gap; the verdict then neither
 * opens nor verifies. (Refusals by a switch are told apart by the probe itself, by their header.)
 */
function declaredCause(draft: Draft, kind: string, target: string): string | null {
  const { at } = draft.event;
  // Rates and trends still look back at its gap. Whether something answers is judged look by look.
  const { aftermathMs } = draft.rules.ceilings;
  const scope = [target, ...upstreamsOf(draft, target)];
  const attempt = Object.values(draft.world().attempts).find((candidate) => {
    if (!scope.includes(candidate.target) || isRecheck(candidate)) return false;
    const traits = draft.rules.actions[candidate.action];
    if (traits?.effect !== "destructive") return false;
    if (IN_FLIGHT.includes(candidate.state)) return true;
    if (candidate.startedAt === null || !HAPPENED.includes(candidate.state)) return false;
    if (kind.endsWith("-down")) return false;
    const isOwnRelease = kind === "rollout-regression" && traits.releases === true;
    return at - candidate.startedAt <= (isOwnRelease ? OWN_RELEASE_MS : aftermathMs);
  });
  return attempt === undefined ? null : `${attempt.action} of ${attempt.target} (${attempt.id})`;
}

const HAPPENED: readonly AttemptState[] = ["seen", "effective", "ineffective", "unknown"];

/** P3: soon after a start an upstream may simply not have been looked at, so it may still explain everything. */
function isNotYetSeen(draft: Draft, target: string): boolean {
  const { at } = draft.event;
  const { watchingSince, signals } = draft.facts;
  const detectMs = draft.rules.targets[target]?.detectMsMax ?? 0;
  if (at - watchingSince > detectMs) return false;
  return !Object.values(signals).some((signal) => signal.target === target);
}

/** Nobody has looked at the upstream since this began, so it may be the cause: its next look is waited for, not longer. */
function isNotSeenSince(draft: Draft, target: string, onset: Instant, kind: string): boolean {
  const detectMs = draft.rules.targets[target]?.detectMsMax ?? 0;
  const looks = Object.entries(draft.facts.signals).filter(
    ([key, signal]) =>
      key.endsWith("|up") && signal.target === target && explainsDependant(signal.opens, kind),
  );
  return (
    looks.length > 0 &&
    looks.every(([, { at }]) => at < onset) &&
    draft.event.at - onset <= detectMs
  );
}

/** Failing but not yet judged, or already judged: its own incident opens with its own next verdict. */
function isFailing(draft: Draft, target: string, kind: string): boolean {
  const detectMs = draft.rules.targets[target]?.detectMsMax ?? 0;
  return Object.values(draft.facts.signals).some(
    (signal) =>
      signal.target === target &&
      explainsDependant(signal.opens, kind) &&
      (signal.failing || signal.state === "breached") &&
      // Held for the upstream's worst-case detection time, not for ever.
      draft.event.at - (signal.onset ?? signal.at) <= detectMs,
  );
}
