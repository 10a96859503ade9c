import type { IncidentId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import type { IncidentOrder } from "../domain/order.ts";
import { HOUR_MS, MINUTE_MS, type Millis } from "../domain/time.ts";
import { withdrawContain } from "./contain.ts";
import type { Draft } from "./draft.ts";
import { closeParked } from "./close.ts";
import { deliver } from "./drive.ts";
import { forgetReminder, remindLater } from "./remind.ts";
import { tell } from "./tell.ts";
import { isSeenWell } from "./tell-over.ts";

const SILENCE_MS: Millis = HOUR_MS;
/** Each further reminder takes twice as long, up to the most. */
const REMIND_MS_MAX: Millis = 4 * HOUR_MS;
/** A second `resolve` within this time is meant. */
const ASK_BACK_MS: Millis = 10 * MINUTE_MS;

/** A person's word about an incident. It never starts an act. */
export function onOrder(draft: Draft, order: IncidentOrder): IncidentId | null {
  const incident = draft.world().incidents[order.incident];
  if (incident === undefined || incident.closedAt !== null) return null;
  draft.because({ code: `ordered-${order.order}`, text: `by ${order.by}` });
  switch (order.order) {
    case "ack":
      acknowledge(draft, incident, order.by);
      break;
    case "take":
      acknowledge(draft, { ...incident, taken: { by: order.by, at: draft.event.at } }, order.by);
      // First, or the message that a person has it would still ask them to approve it.
      withdrawContain(draft, incident.id, `${order.by} took the incident over`);
      deliver(draft, incident.id, { type: "person.took" });
      break;
    case "silence":
      draft.putIncident({
        ...incident,
        silencedUntil: draft.event.at + (order.forMs ?? SILENCE_MS),
      });
      break;
    case "resolve":
      resolve(draft, incident, order.by);
      break;
  }
  return incident.id;
}

function acknowledge(draft: Draft, incident: Incident, by: string): void {
  draft.putIncident({ ...incident, acknowledgedBy: by });
  forgetReminder(draft, incident.id);
}

/** While no look says that it is well, the person may not know it: asked back once, obeyed the second time. */
function resolve(draft: Draft, incident: Incident, by: string): void {
  const { at } = draft.event;
  const askedAt = incident.askedBackAt ?? null;
  if (!isSeenWell(draft, incident) && (askedAt === null || at - askedAt > ASK_BACK_MS)) {
    draft.putIncident({ ...incident, askedBackAt: at });
    tell(draft, draft.incident(incident.id), "asked-back");
    return;
  }
  draft.putIncident({ ...incident, acknowledgedBy: by });
  forgetReminder(draft, incident.id);
  if (incident.parked !== null) closeParked(draft, draft.incident(incident.id), "healthy");
  else deliver(draft, incident.id, { type: "person.resolved" });
}

export function onReminder(draft: Draft, id: IncidentId, afterMs: Millis): IncidentId | null {
  const incident = draft.world().incidents[id];
  if (incident === undefined || incident.closedAt !== null) return null;
  tell(draft, incident, "reminder");
  remindLater(draft, draft.incident(incident.id), Math.min(2 * afterMs, REMIND_MS_MAX));
  return id;
}
