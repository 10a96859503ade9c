import { timerId, type IncidentId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import { MINUTE_MS, type Millis } from "../domain/time.ts";
import type { Draft } from "./draft.ts";

/** When a person is reminded first. */
const REMIND_MS: Millis = 30 * MINUTE_MS;

/** A person was called: they are reminded until somebody says that they know. */
export function remindLater(draft: Draft, incident: Incident, afterMs: Millis = REMIND_MS): void {
  if (incident.acknowledgedBy !== undefined) return;
  draft.putTimer({
    id: timerId(incident.id, REMINDER),
    due: draft.event.at + afterMs,
    generation: draft.nextGeneration(),
    purpose: { of: "reminder", incident: incident.id, afterMs },
  });
}

export function forgetReminder(draft: Draft, id: IncidentId): void {
  draft.dropTimer(timerId(id, REMINDER));
}

const REMINDER = "reminder";
