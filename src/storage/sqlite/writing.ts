import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Change, Entry, Marks } from "../../domain/world.ts";
import type { Commit } from "../../ports/store.ts";
import { assertFollows } from "../order.ts";

/**
 * Writes commits inside the caller's transaction and says whether it may be committed. `duplicate`: the
 * caller must roll back. Throws SQLite's errors, and on programmer errors (a gap, a notice made twice).
 */
export function createWriter(db: DatabaseSync): (commits: readonly Commit[]) => Written {
  const statements = prepare(db);
  return (commits) => {
    // Before the order is looked at: a repeated commit carries the number of its first writing.
    for (const { entry } of commits) {
      if (statements.seen.get(entry.event.id) !== undefined) return "duplicate";
    }
    assertFollows(Number(statements.last.get()?.["seq"] ?? 0), commits);
    for (const { entry, changes } of commits) {
      if (!writeEntry(statements, entry)) return "duplicate";
      for (const change of changes) writeChange(statements, entry.seq, change);
    }
    return "written";
  };
}

export type Written = "written" | "duplicate";
type Statements = ReturnType<typeof prepare>;

function prepare(db: DatabaseSync) {
  const upsert = (table: string, columns: readonly string[]): StatementSync => {
    const all = ["id", "seq", ...columns, "body"];
    return db.prepare(
      `INSERT INTO ${table} (${all.join(", ")}) VALUES (${all.map(() => "?").join(", ")})
       ON CONFLICT (id) DO UPDATE SET
       ${all
         .slice(1)
         .map((column) => `${column} = excluded.${column}`)
         .join(", ")}`,
    );
  };
  return {
    seen: db.prepare("SELECT 1 FROM journal WHERE event_id = ?"),
    last: db.prepare("SELECT max(seq) AS seq FROM journal"),
    entry: db.prepare(
      `INSERT INTO journal (seq, at, event_id, incident, type, body) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (event_id) DO NOTHING`,
    ),
    incident: upsert("incidents", ["kind", "target", "opened_at", "closed_at"]),
    attempt: upsert("attempts", ["incident", "state", "ended_at"]),
    lease: upsert("leases", ["state", "ended_at"]),
    timer: upsert("timers", ["due"]),
    timerGone: db.prepare("DELETE FROM timers WHERE id = ?"),
    mark: db.prepare(
      "INSERT INTO marks (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body",
    ),
    notice: db.prepare(
      "INSERT INTO notices (id, incident, state, tries, body) VALUES (?, ?, 'pending', 0, ?)",
    ),
  };
}

/** False when an entry before it in the same call has the same event. */
function writeEntry(statements: Statements, entry: Entry): boolean {
  const { changes } = statements.entry.run(
    entry.seq,
    entry.at,
    entry.event.id,
    entry.decision.incident,
    entry.event.type,
    JSON.stringify(entry),
  );
  return Number(changes) === 1;
}

function writeChange(statements: Statements, seq: number, change: Change): void {
  switch (change.table) {
    case "incidents": {
      const { id, kind, target, openedAt, closedAt } = change.row;
      statements.incident.run(
        id,
        seq,
        kind,
        target,
        openedAt,
        closedAt,
        JSON.stringify(change.row),
      );
      break;
    }
    case "attempts": {
      const { id, incident, state, endedAt } = change.row;
      statements.attempt.run(id, seq, incident, state, endedAt, JSON.stringify(change.row));
      break;
    }
    case "leases": {
      const { id, state, until } = change.row;
      const endedAt = state === "ended" ? until : null;
      statements.lease.run(id, seq, state, endedAt, JSON.stringify(change.row));
      break;
    }
    case "timers": {
      if (change.row === null) statements.timerGone.run(change.id);
      else statements.timer.run(change.id, seq, change.row.due, JSON.stringify(change.row));
      break;
    }
    case "marks":
      writeMarks(statements.mark, change.row);
      break;
    case "notices": {
      const { id, incident } = change.row;
      statements.notice.run(id, incident, JSON.stringify(change.row));
      break;
    }
  }
}

/** Key by key; `undefined` is no JSON and changes nothing. */
function writeMarks(statement: StatementSync, marks: Marks): void {
  for (const [key, value] of Object.entries(marks)) {
    const body: string | undefined = JSON.stringify(value);
    if (body !== undefined) statement.run(key, body);
  }
}
