import { type Attempt, UNSTARTED } from "../domain/attempt.ts";
import { attemptId } from "../domain/ids.ts";
import { textOf } from "../domain/json.ts";
import type { Lease } from "../domain/lease.ts";

import { plan } from "./bind.ts";
import { isFollowed } from "./contain.ts";
import type { Draft } from "./draft.ts";
import { leasesOf } from "./lease.ts";

// A switch that no other way reaches is turned on by a variable of the platform, when a person approves it.

/**
 * Asks for it after a switch that was not taken, or of which nobody can say that it was. False: there is no such way, or it is
 * asked for or in force already. No state of the machine asks for it, because a person may take longer than the state lasts.
 */
export function askLastResort(draft: Draft, failed: Attempt): boolean {
  const { incident: id } = failed;
  const name = textOf(failed.params["switch"]);
  const variable = draft.rules.switches[name]?.variable;
  const incident = id === null ? undefined : draft.world().incidents[id];
  const isWanted =
    failed.slot === "contain" &&
    failed.action === "switch" &&
    draft.rules.actions[ACTION] !== undefined;
  if (!isWanted || variable === undefined || incident === undefined) return false;
  if (!isFollowed(failed, incident)) return false;
  if (isWaiting(draft, incident.id) || isInForce(draft, incident.id)) return false;
  const number = incident.attempts + 1;
  draft.putIncident({ ...incident, attempts: number });
  const { target, ...flag } = variable;
  plan(draft, {
    id: attemptId(incident.id, number),
    incident: incident.id,
    target,
    slot: "contain",
    action: ACTION,
    params: { switch: name, value: "on", ...flag },
    askedIn: "",
  });
  draft.because({
    code: "last-resort",
    text: `no other way took ${name} (${failed.problem?.code ?? failed.state}): by a variable, if a person approves`,
    attempt: failed.id,
  });
  return true;
}

function isWaiting(draft: Draft, incident: string): boolean {
  return Object.values(draft.world().attempts).some(
    (attempt) =>
      attempt.incident === incident &&
      attempt.action === ACTION &&
      attempt.slot === "contain" &&
      UNSTARTED.includes(attempt.state),
  );
}

function isInForce(draft: Draft, incident: string): boolean {
  return leasesOf(draft, incident).some(({ held }) => held?.action === ACTION);
}

/** Whether it limits users, in whichever way it was turned on; not what helps them, like replicas. */
export function isSwitch({ held }: Lease): boolean {
  return held === undefined || held.action === ACTION;
}

const ACTION = "variable";
