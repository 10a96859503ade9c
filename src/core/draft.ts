import type { Attempt } from "../domain/attempt.ts";
import type { Event } from "../domain/event.ts";
import type { Facts } from "../domain/facts.ts";
import type { IncidentId, TimerId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import type { Lease } from "../domain/lease.ts";
import type { Notice } from "../domain/notice.ts";
import type { Rules } from "../domain/rules.ts";
import type { Change, Decision, Marks, Reason, Timer, World } from "../domain/world.ts";
import { apply } from "../domain/apply.ts";

/**
 * A decision while it is being made: reads see what was already decided, and what is put stays in order. It
 * lives for one call of `decide` and never leaves it.
 */
export interface Draft {
  readonly event: Event;
  readonly facts: Facts;
  readonly rules: Rules;
  world(): World;
  /** An incident as it is now; throws where there is none. */
  incident(id: IncidentId): Incident;
  putIncident(row: Incident): void;
  putAttempt(row: Attempt): void;
  putLease(row: Lease): void;
  putTimer(row: Timer): void;
  dropTimer(id: TimerId): void;
  /** A number no timer has had before: a fired timer of an older generation means nothing. */
  nextGeneration(): number;
  putMarks(row: Marks): void;
  addNotice(row: Notice): void;
  because(reason: Reason): void;
  finish(incident: IncidentId | null): Decision;
}

export function createDraft(before: World, event: Event, facts: Facts, rules: Rules): Draft {
  const changes: Change[] = [];
  const reasons: Reason[] = [];
  let world = before;
  let generations = 0;
  const put = (change: Change): void => {
    changes.push(change);
    world = apply(world, before.seq, event.at, [change]);
  };
  return {
    event,
    facts,
    rules,
    world: () => world,
    incident: (id) => {
      const incident = world.incidents[id];
      if (incident === undefined) throw new Error(`no incident ${id}`);
      return incident;
    },
    putIncident: (row) => put({ table: "incidents", row }),
    putAttempt: (row) => put({ table: "attempts", row }),
    putLease: (row) => put({ table: "leases", row }),
    putTimer: (row) => put({ table: "timers", id: row.id, row }),
    dropTimer: (id) => {
      if (world.timers[id] !== undefined) put({ table: "timers", id, row: null });
    },
    nextGeneration: () => (before.seq + 1) * 1_000 + ++generations,
    putMarks: (row) => put({ table: "marks", row }),
    addNotice: (row) => put({ table: "notices", row }),
    because: (reason) => void reasons.push(reason),
    finish: (incident) => ({ incident, changes: lastWord(changes), reasons }),
  };
}

/** Of several changes to one row only the last one is kept, in its place in the order. */
function lastWord(changes: readonly Change[]): readonly Change[] {
  const seen = new Set<string>();
  const kept: Change[] = [];
  for (const change of changes.toReversed()) {
    const key = keyOf(change);
    if (key !== null && seen.has(key)) continue;
    if (key !== null) seen.add(key);
    kept.push(change);
  }
  return kept.toReversed();
}

function keyOf(change: Change): string | null {
  switch (change.table) {
    case "incidents":
    case "attempts":
    case "leases":
    case "notices":
      return `${change.table}/${change.row.id}`;
    case "timers":
      return `timers/${change.id}`;
    case "marks":
      // Marks merge key by key, so none of them may be skipped.
      return null;
  }
}
