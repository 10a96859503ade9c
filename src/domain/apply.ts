import type { Attempt } from "./attempt.ts";
import { HOUR_MS, type Instant, type Millis } from "./time.ts";
import type { Change, World } from "./world.ts";

/** How long ended incidents and attempts stay in the world: the longest look-back of any safeguard. */
export const KEEP_MS: Millis = 24 * HOUR_MS;

export const EMPTY_WORLD: World = {
  seq: 0,
  incidents: {},
  attempts: {},
  leases: {},
  timers: {},
  marks: {},
};

/** The world after one journal entry: `seq` and `at` are the entry's. Pure; the old world stays as it was. */
export function apply(world: World, seq: number, at: Instant, changes: readonly Change[]): World {
  const incidents = { ...world.incidents };
  const attempts = { ...world.attempts };
  const leases = { ...world.leases };
  const timers = { ...world.timers };
  let marks = world.marks;
  for (const change of changes) {
    switch (change.table) {
      case "incidents":
        incidents[change.row.id] = change.row;
        break;
      case "attempts":
        attempts[change.row.id] = change.row;
        break;
      case "leases":
        leases[change.row.id] = change.row;
        break;
      case "timers":
        if (change.row === null) delete timers[change.id];
        else timers[change.id] = change.row;
        break;
      case "marks":
        marks = { ...marks, ...change.row };
        break;
      case "notices":
        break;
    }
  }
  const since = at - KEEP_MS;
  for (const [id, incident] of Object.entries(incidents)) {
    if (incident.closedAt !== null && incident.closedAt < since) delete incidents[id];
  }
  for (const [id, attempt] of Object.entries(attempts)) {
    if (isForgettable(attempt, since)) delete attempts[id];
  }
  for (const [id, lease] of Object.entries(leases)) {
    if (lease.state === "ended" && lease.until < since) delete leases[id];
  }
  return { seq, incidents, attempts, leases, timers, marks };
}

/** True for an attempt that ended before `since`: no safeguard looks further back. */
export function isForgettable(attempt: Attempt, since: Instant): boolean {
  return attempt.endedAt !== null && attempt.endedAt < since;
}
