import type { DatabaseSync, StatementSync } from "node:sqlite";

import { linkOf, NO_HASH } from "../../domain/chain.ts";
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
    const last = statements.last.get();
    assertFollows(Number(last?.["seq"] ?? 0), commits);
    let hash = String(last?.["hash"] ?? NO_HASH);
    for (const { entry, changes } of commits) {
      const columns = journalColumns(entry);
      hash = linkOf(hash, columns);
      // An entry before it in the same call has the same event.
      if (Number(statements.entry.run(...columns, hash).changes) !== 1) return "duplicate";
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
    last: db.prepare("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1"),
    entry: db.prepare(
      `INSERT INTO journal (seq, at, event_id, incident, type, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (event_id) DO NOTHING`,
    ),
    incidents: upsert("incidents", ["kind", "target", "opened_at", "closed_at"]),
    attempts: upsert("attempts", ["incident", "state", "ended_at"]),
    leases: upsert("leases", ["state", "ended_at"]),
    timers: upsert("timers", ["due"]),
    timerGone: db.prepare("DELETE FROM timers WHERE id = ?"),
    mark: db.prepare(
      "INSERT INTO marks (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body",
    ),
    notice: db.prepare(
      "INSERT INTO notices (id, incident, state, tries, body) VALUES (?, ?, 'pending', 0, ?)",
    ),
  };
}

/** What is stored of an entry, in the order of the columns, beside its hash. */
export function journalColumns(entry: Entry): readonly (string | number | null)[] {
  const { seq, at, event, decision } = entry;
  return [seq, at, event.id, decision.incident, event.type, JSON.stringify(entry)];
}

function writeChange(statements: Statements, seq: number, change: Change): void {
  switch (change.table) {
    case "incidents":
    case "attempts":
    case "leases": {
      const { id, ...columns } = rowColumns(change);
      const values: readonly (string | number | null)[] = Object.values(columns);
      statements[change.table].run(id, seq, ...values);
      break;
    }
    case "timers": {
      if (change.row === null) statements.timerGone.run(change.id);
      else statements.timers.run(change.id, seq, change.row.due, JSON.stringify(change.row));
      break;
    }
    case "marks":
      writeMarks(statements.mark, change.row);
      break;
    case "notices": {
      const { id, incident = null, body } = rowColumns(change);
      statements.notice.run(id, incident, body);
      break;
    }
  }
}

/** A change that leaves a row for good. */
export type Kept = Extract<Change, { table: "incidents" | "attempts" | "leases" | "notices" }>;

/** What the tables keep of a row beside the entry that wrote it last, in the order of the statements above. */
export function rowColumns(change: Kept): RowColumns {
  const { row } = change;
  const body = JSON.stringify(row);
  switch (change.table) {
    case "incidents": {
      const { id, kind, target, openedAt, closedAt } = change.row;
      return { id, kind, target, opened_at: openedAt, closed_at: closedAt, body };
    }
    case "attempts": {
      const { id, incident, state, endedAt } = change.row;
      return { id, incident, state, ended_at: endedAt, body };
    }
    case "leases": {
      const { id, state, until } = change.row;
      return { id, state, ended_at: state === "ended" ? until : null, body };
    }
    case "notices":
      return { id: change.row.id, incident: change.row.incident, body };
  }
}

interface RowColumns {
  readonly id: string;
  readonly body: string;
  readonly [column: string]: string | number | null;
}

/** Key by key; `undefined` is no JSON and changes nothing. */
function writeMarks(statement: StatementSync, marks: Marks): void {
  for (const [key, value] of Object.entries(marks)) {
    const body: string | undefined = JSON.stringify(value);
    if (body !== undefined) statement.run(key, body);
  }
}
