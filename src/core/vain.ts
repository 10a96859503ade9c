import type { Judgement } from "../../state-machines/vocabulary.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { VAIN_INCIDENTS_MAX } from "../domain/rules.ts";
import type { VainAct } from "../domain/world.ts";
import type { Draft } from "./draft.ts";

/**
 * Writes down what an act was good for, by kind of incident, target and action: attempts are forgotten after a day, and what helps
 * against a kind of failure is learnt over weeks. What helped once is trusted again; of what nobody can say, nothing is learnt.
 */
export function rememberEffect(draft: Draft, attempt: Attempt, as: Judgement): void {
  const incident = draft.world().incidents[attempt.incident ?? ""];
  if (incident === undefined || as === "unknown") return;
  const { [keyOf(incident, attempt)]: known = [], ...others } = draft.world().marks.vain ?? {};
  if (as === "effective") {
    if (known.length > 0) draft.putMarks({ vain: others });
    return;
  }
  const rest = known.filter((one) => one.incident !== incident.id);
  const now: VainAct = { incident: incident.id, at: draft.event.at };
  const kept = [...rest, now].slice(-VAIN_INCIDENTS_MAX);
  draft.putMarks({ vain: { ...others, [keyOf(incident, attempt)]: kept } });
}

/** On which other incidents of this kind and target, lately and one after the other, this action did not help. Oldest first. */
export function vainBefore(
  draft: Draft,
  incident: Incident,
  attempt: Pick<Attempt, "action">,
): readonly VainAct[] {
  const since = draft.event.at - draft.rules.ceilings.vain.withinMs;
  return (draft.world().marks.vain?.[keyOf(incident, attempt)] ?? []).filter(
    (one) => one.incident !== incident.id && one.at > since,
  );
}

function keyOf({ kind, target }: Incident, { action }: Pick<Attempt, "action">): string {
  return `${kind}|${target}|${action}`;
}
