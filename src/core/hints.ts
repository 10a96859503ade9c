import type { Event } from "../domain/event.ts";
import { isGrave, outsideOf, type Said } from "../domain/hint.ts";
import type { IncidentId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import { openIncident } from "./correlate.ts";
import type { Draft } from "./draft.ts";
import { closeParked } from "./close.ts";
import { deliver, open } from "./drive.ts";

/** So many alerts of one source are told apart; more of them are written down and not waited for. */
const ALERTS_MAX = 20;

/**
 * A word from outside. Of a target that is guarded it is written into the open incident it concerns, so that `why` can
 * show it, and never opens, closes or moves one: the looks it hurried do that. What fits no target cannot be looked at
 * at all: grave alerts of one source become one incident for a person, which nothing is done about.
 */
export function onHint(draft: Draft, event: Event & { type: "hint" }): IncidentId | null {
  const { target, said, source } = event;
  if (target === null) return onOutside(draft, source, said);
  const incident = concerned(draft, target);
  if (incident === undefined) return null;
  // The row as it is: the entry belongs to the incident and changes nothing.
  draft.putIncident(incident);
  return incident.id;
}

/** The open incident of the target, or the one that explains its symptoms. */
function concerned(draft: Draft, target: string): Incident | undefined {
  const open = Object.values(draft.world().incidents).filter(({ closedAt }) => closedAt === null);
  return (
    open.find((incident) => incident.target === target) ??
    open.find(({ symptoms }) => symptoms.some((symptom) => symptom.startsWith(`${target}|`)))
  );
}

function onOutside(draft: Draft, source: string, said: readonly Said[]): IncidentId | null {
  const target = outsideOf(source);
  const known = openIncident(draft.world(), "unclassified", target);
  const firing = alertsOf(target, said.filter(isGrave));
  if (known === undefined) {
    const [first] = said.filter(isGrave);
    if (first === undefined) return null;
    const { id } = open(draft, {
      kind: "unclassified",
      target,
      signal: `${target}||hint`,
      onset: first.at,
      cause: null,
      symptoms: firing.slice(0, ALERTS_MAX),
      text: `${source} says "${first.about}" (${first.severity}) of something that is not guarded here`,
    });
    deliver(draft, id, { type: "hint.firing" });
    return id;
  }
  return goOn(
    draft,
    known,
    firing,
    alertsOf(
      target,
      said.filter(({ state }) => state === "resolved"),
    ),
  );
}

function goOn(
  draft: Draft,
  incident: Incident,
  firing: readonly string[],
  resolved: readonly string[],
): IncidentId | null {
  const before = incident.symptoms;
  const left = before.filter((alert) => !resolved.includes(alert));
  const fresh = firing.filter((alert) => !left.includes(alert));
  const symptoms = [...left, ...fresh].slice(0, ALERTS_MAX);
  if (firing.length === 0 && left.length === before.length) return null;
  const now = { ...incident, symptoms };
  draft.putIncident(now);
  if (symptoms.length === 0) callOver(draft, now);
  else if (symptoms.some((alert) => !before.some((one) => nameOf(one) === nameOf(alert))))
    deliver(draft, now.id, { type: "hint.firing" });
  else if (firing.length > 0) deliver(draft, now.id, { type: "hint.again" });
  return now.id;
}

/** The end, also where its machine cannot go on. */
function callOver(draft: Draft, incident: Incident): void {
  deliver(draft, incident.id, { type: "hint.resolved" });
  const after = draft.world().incidents[incident.id];
  if (after !== undefined && after.closedAt === null) closeParked(draft, after, "healthy");
}

/** As keys of signals, like every other symptom. */
function alertsOf(target: string, said: readonly Said[]): readonly string[] {
  return [
    ...new Set(said.map(({ about, alert }) => [target, plain(about), plain(alert)].join("|"))),
  ];
}

function plain(text: string): string {
  return text.replaceAll("|", "/");
}

/** Another instance with the same trouble is no news for a person. */
function nameOf(key: string): string {
  return key.split("|")[1] ?? key;
}

/** Something called in: the moment is kept, so that it survives a restart. */
export function onCall(draft: Draft, event: Event & { type: "call" }): null {
  const key = `${event.target}|${event.probe}`;
  const { calls = {} } = draft.world().marks;
  draft.putMarks({ calls: { ...calls, [key]: { at: event.at, failed: event.failed } } });
  return null;
}
