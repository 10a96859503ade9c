import { MACHINES } from "../../state-machines/index.ts";
import type { Before } from "../../state-machines/vocabulary.ts";
import { UNSTARTED } from "../domain/attempt.ts";
import type { Incident, MachineSnapshot } from "../domain/incident.ts";
import { problem } from "../domain/problem.ts";
import { spell } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import type { Opening } from "./drive.ts";
import { leasesOf } from "./lease.ts";
import { move } from "./ledger.ts";
import { uncounted } from "./proof.ts";

/**
 * The incident that an opening of this kind and target goes on with: one that was over so short a time ago that it is the same
 * failure. One that turned out to be a symptom (`attached`) was never over by itself: what it fails of now is asked anew.
 */
export function returning(draft: Draft, kind: string, target: string): Incident | undefined {
  const { event, rules } = draft;
  return Object.values(draft.world().incidents).findLast(
    (one) =>
      one.kind === kind &&
      one.target === target &&
      one.closedAt !== null &&
      one.ending !== "attached" &&
      event.at - one.closedAt < rules.reopenMs,
  );
}

/**
 * What its machine begins with when it begins once more: how often it asked and acted counts on. A context that another version of
 * the machine left means nothing to this one; what the ledger knows (budgets, what was futile) holds all the same.
 */
export function beforeOf(draft: Draft, { id, snapshot, ending }: Incident): Before {
  const { machine, version, context } = snapshot;
  const isKnown = MACHINES[machine]?.version === version;
  const count = (name: string): number => {
    const value = isKnown ? context[name] : undefined;
    return typeof value === "number" ? value : 0;
  };
  return {
    asks: count("asks"),
    acts: count("acts"),
    returned: ending === "resolved",
    contained: leasesOf(draft, id).length > 0,
  };
}

/** The same incident, open again. Who knew of it before need not know that it is back. */
export function reopen(
  draft: Draft,
  known: Incident,
  opening: Opening,
  first: { readonly snapshot: MachineSnapshot; readonly state: string },
): Incident {
  const { acknowledgedBy: _, askedBackAt: __, ...kept } = known;
  const { at } = draft.event;
  const wellSince = known.closedAt ?? at;
  const times = (known.returned?.times ?? 0) + 1;
  const incident: Incident = {
    ...kept,
    signal: opening.signal,
    snapshot: first.snapshot,
    state: first.state,
    closedAt: null,
    ending: null,
    cause: opening.cause,
    symptoms: opening.symptoms ?? known.symptoms,
    parked: null,
    ...(known.proof === undefined ? {} : { proof: uncounted(known.proof) }),
    returned: { times, at, onset: opening.onset, wellSince, notices: known.notices },
  };
  draft.putIncident(incident);
  draft.because({
    code: "reopened",
    text: `back ${spell(at - wellSince)} after its end: ${opening.text}`,
  });
  withdrawEnds(draft, incident);
  return incident;
}

/** An end that was asked for while no machine was there would come between: it may be needed now, and the machine asks itself. */
function withdrawEnds(draft: Draft, { id }: Incident): void {
  for (const attempt of Object.values(draft.world().attempts)) {
    if (attempt.incident !== id || !UNSTARTED.includes(attempt.state)) continue;
    move(draft, attempt, "withdrawn", { problem: problem("state-left", "the incident is back") });
  }
}
