import type { Attempt } from "./attempt.ts";
import type { Incident } from "./incident.ts";
import type { Lease } from "./lease.ts";
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

/**
 * The world after one journal entry: `seq` and `at` are the entry's. Pure; the old world stays as it was, and a table that nothing
 * changed is the same object.
 */
export function apply(world: World, seq: number, at: Instant, changes: readonly Change[]): World {
  let { incidents, attempts, leases, timers, marks } = world;
  for (const change of changes) {
    switch (change.table) {
      case "incidents":
        incidents = { ...incidents, [change.row.id]: change.row };
        break;
      case "attempts":
        attempts = { ...attempts, [change.row.id]: change.row };
        break;
      case "leases":
        leases = { ...leases, [change.row.id]: change.row };
        break;
      case "timers":
        timers =
          change.row === null
            ? without(timers, [change.id])
            : { ...timers, [change.id]: change.row };
        break;
      case "marks":
        marks = { ...marks, ...change.row };
        break;
      case "notices":
        break;
    }
  }
  const since = at - KEEP_MS;
  const isOver = ({ closedAt }: Incident): boolean => closedAt !== null && closedAt < since;
  const isEnded = ({ state, until }: Lease): boolean => state === "ended" && until < since;
  return {
    seq,
    incidents: without(incidents, idsOf(incidents, isOver)),
    attempts: without(
      attempts,
      idsOf(attempts, (attempt) => isForgettable(attempt, since)),
    ),
    leases: without(leases, idsOf(leases, isEnded)),
    timers,
    marks,
  };
}

type Table<Row> = { readonly [id: string]: Row };

function idsOf<Row>(table: Table<Row>, is: (row: Row) => boolean): readonly string[] {
  return Object.keys(table).filter((id) => is(table[id] as Row));
}

function without<Row>(table: Table<Row>, ids: readonly string[]): Table<Row> {
  if (!ids.some((id) => Object.hasOwn(table, id))) return table;
  const left = { ...table };
  for (const id of ids) delete left[id];
  return left;
}

/** True for an attempt that ended before `since`: no safeguard looks further back. */
export function isForgettable(attempt: Attempt, since: Instant): boolean {
  return attempt.endedAt !== null && attempt.endedAt < since;
}
