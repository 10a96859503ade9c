import { type Attempt, UNSTARTED } from "../domain/attempt.ts";
import type { IncidentId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import { problem } from "../domain/problem.ts";
import { topOf } from "./bind.ts";
import type { Draft } from "./draft.ts";
import { move } from "./ledger.ts";
import { tell } from "./tell.ts";

// What contains waits in no state: a person takes longer to say yes than an incident may stand still.

/**
 * Whether an open incident wants it as before: in the state that asked. What no state asked for stays; so does what contains once a
 * person was asked about it, until it is well or being taken back.
 */
export function isWanted(attempt: Attempt, { state, closedAt }: Incident): boolean {
  const top = topOf(state);
  if (isBeside(attempt)) return closedAt === null && !CALM.includes(top);
  return attempt.askedIn === "" || (attempt.askedIn === top && closedAt === null);
}

/** Whether anything more is asked for when what contains has failed: not once it is taken back, nor after a person took it over. */
export function isFollowed({ startedAt }: Attempt, incident: Incident): boolean {
  const { state, closedAt, parked, taken } = incident;
  if (closedAt !== null || parked !== null || CALM.includes(topOf(state))) return false;
  return taken === undefined || (startedAt ?? 0) > taken.at;
}

const CALM: readonly string[] = ["undoing", "sustaining", "soaking", "settling", "keeping"];

function isBeside({ slot, askedIn, askedAt }: Attempt): boolean {
  return slot === "contain" && (askedIn === "" || askedAt !== undefined);
}

/** Where people were told of the incident already, the machine says nothing more of what contains: they hear of this by itself. */
export function tellBeside(draft: Draft, attempt: Attempt): void {
  const incident = draft.world().incidents[attempt.incident ?? ""];
  if (!isBeside(attempt) || incident?.snapshot.context["announced"] !== true) return;
  tell(draft, incident, "withheld", attempt);
}

/** Who takes an incident over does all that is still to be done. */
export function withdrawContain(draft: Draft, id: IncidentId, why: string): void {
  for (const attempt of Object.values(draft.world().attempts)) {
    const { incident, slot, state } = attempt;
    if (incident === id && slot === "contain" && UNSTARTED.includes(state))
      move(draft, attempt, "withdrawn", { problem: problem("state-left", why) });
  }
}
