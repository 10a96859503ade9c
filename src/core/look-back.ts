import { attemptId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import { plan } from "./bind.ts";
import type { Draft } from "./draft.ts";

/**
 * Where mode shadow kept an act from being done, the platform is read once more when the incident is over: what people, or the
 * platform by itself, did instead is known from nothing else. Nobody waits for this look.
 */
export function lookBack(draft: Draft, incident: Incident): void {
  if (draft.rules.actions[LOOK] === undefined) return;
  const attempts = Object.values(draft.world().attempts);
  if (!attempts.some((one) => one.incident === incident.id && one.state === "shadowed")) return;
  const number = incident.attempts + 1;
  draft.putIncident({ ...incident, attempts: number });
  plan(draft, {
    id: attemptId(incident.id, number),
    incident: incident.id,
    target: incident.target,
    slot: "evidence",
    action: LOOK,
    params: {},
    askedIn: "",
  });
}

const LOOK = "inspect";
