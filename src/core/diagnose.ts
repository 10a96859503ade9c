import { MACHINES } from "../../state-machines/index.ts";
import { diagnose as byRules } from "../../state-machines/response/diagnosis.ts";
import type { Diagnosis, PastAct } from "../../state-machines/vocabulary.ts";
import type { Attempt, AttemptState } from "../domain/attempt.ts";
import type { Inspection } from "../domain/evidence.ts";
import { type Incident, presentOnset } from "../domain/incident.ts";
import type { JsonObject } from "../domain/json.ts";
import { ACT_SLOTS } from "../domain/runbook.ts";
import { isWithin } from "../domain/time.ts";
import { OWN_RELEASE_MS } from "./correlate.ts";
import type { Draft } from "./draft.ts";

/** Names the cause of an incident by the rules of its kind, and what they advise. */
export function diagnose(draft: Draft, incident: Incident, evidence: JsonObject): Diagnosis {
  const seen = inspectionOf(evidence);
  if (seen === null) return { cause: "unclear", advice: "leave" };
  const signals = Object.values(draft.facts.signals).filter(
    ({ target }) => target === incident.target,
  );
  return byRules(MACHINES[incident.snapshot.machine]?.rules ?? [], {
    now: draft.event.at,
    onset: presentOnset(incident),
    seen: withoutOwnRelease(draft, incident.target, seen),
    problem: draft.facts.signals[incident.signal]?.problem ?? null,
    signals,
    isQuiet: isQuiet(draft, incident.target),
    acts: actsOf(draft, incident),
  });
}

/** What we rolled back or deployed anew ourselves is no release of somebody else, whatever it looks like; what comes later is. */
function withoutOwnRelease(draft: Draft, target: string, seen: Inspection): Inspection {
  const { release, ...rest } = seen;
  if (release === undefined) return seen;
  const isOwn = Object.values(draft.world().attempts).some(
    ({ action, target: of, startedAt }) =>
      draft.rules.actions[action]?.releases === true &&
      of === target &&
      startedAt !== null &&
      release.at >= startedAt &&
      release.at - startedAt <= OWN_RELEASE_MS,
  );
  return isOwn ? rest : seen;
}

/** The inspection as the look wrote it into its evidence. */
export function inspectionOf(evidence: JsonObject): Inspection | null {
  const inspection = evidence["inspection"];
  return inspection === undefined || inspection === null
    ? null
    : (inspection as unknown as Inspection);
}

/** States in which an act surely happened. */
const HAPPENED: readonly AttemptState[] = ["seen", "effective", "ineffective", "unknown"];

function actsOf(draft: Draft, incident: Incident): readonly PastAct[] {
  const isAct = (attempt: Attempt): boolean =>
    ACT_SLOTS.includes(attempt.slot) &&
    attempt.target === incident.target &&
    attempt.startedAt !== null &&
    HAPPENED.includes(attempt.state) &&
    draft.world().incidents[attempt.incident ?? ""]?.kind === incident.kind;
  return Object.values(draft.world().attempts)
    .filter(isAct)
    .toSorted((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0))
    .map(({ action, startedAt, state, incident: of }) => ({
      action,
      at: startedAt ?? 0,
      here: of === incident.id,
      helped: state === "effective" ? true : state === "ineffective" ? false : null,
    }));
}

/** Whether the time of day is one in which the operator allows what disturbs users. */
function isQuiet(draft: Draft, target: string): boolean {
  const quiet = draft.rules.targets[target]?.quiet;
  return quiet !== undefined && isWithin(quiet, draft.event.at);
}
