import type { DatabaseSync } from "node:sqlite";

import { firstDifference } from "../../domain/json.ts";
import type { Change, Entry, World } from "../../domain/world.ts";
import type { Finding, TableCheck } from "../../ports/audit.ts";
import { bodyOf, type Row } from "./rows.ts";
import { createLoader } from "./world.ts";
import { type Kept, rowColumns } from "./writing.ts";

const TABLES = ["incidents", "attempts", "leases"] as const;

/**
 * Compares the tables beside the journal with it, row by row and without holding them: a row must be what the entry it names wrote, no
 * later entry may have written it, and there is none that no entry wrote.
 */
export function createTableCheck(db: DatabaseSync): TableCheck {
  const find = {
    incidents: db.prepare("SELECT * FROM incidents WHERE id = ?"),
    attempts: db.prepare("SELECT * FROM attempts WHERE id = ?"),
    leases: db.prepare("SELECT * FROM leases WHERE id = ?"),
    notices: db.prepare("SELECT * FROM notices WHERE id = ?"),
  };
  const between = db.prepare("SELECT id FROM notices WHERE ord > ? AND ord < ? ORDER BY ord");
  const timerSeqs = new Map<string, number>();
  let order = 0;

  const strangers = (until: number): readonly Finding[] =>
    between.all(order, until).map((row) => flaw(null, `notices ${String(row["id"])}`, NOBODY));

  const notice = (entry: Entry, change: Kept, row: Row): readonly Finding[] => {
    const place = Number(row["ord"]);
    const findings = place > order ? strangers(place) : [];
    if (place < order)
      return [flaw(entry, `notices ${change.row.id}.ord`, "stands before a notice made earlier")];
    order = place;
    return [...findings, ...differences(entry, change, row)];
  };

  const kept = (entry: Entry, change: Kept): readonly Finding[] => {
    const place = `${change.table} ${change.row.id}`;
    const row = find[change.table].get(change.row.id);
    if (row === undefined) return [flaw(entry, place, `is missing; entry #${entry.seq} wrote it`)];
    if (change.table === "notices") return notice(entry, change, row);
    const seq = Number(row["seq"]);
    if (seq > entry.seq) return [];
    if (seq === entry.seq) return differences(entry, change, row);
    return [flaw(entry, place, `is as entry #${seq} wrote it; entry #${entry.seq} wrote it later`)];
  };

  return {
    // What is no entry has been told already.
    see: (entry) => {
      if (!Array.isArray((entry as Partial<Entry>).decision?.changes)) return [];
      return lastOfEach(entry.decision.changes).flatMap((change) => {
        if (change.table === "marks") return [];
        if (change.table !== "timers") return kept(entry, change);
        timerSeqs.set(change.id, entry.seq);
        if (change.row === null) timerSeqs.delete(change.id);
        return [];
      });
    },
    end: (world) => [
      ...strangers(Number.MAX_SAFE_INTEGER),
      ...TABLES.flatMap((table) => unwritten(db, table)),
      ...timers(db, timerSeqs),
      ...worldDifferences(worldOrNull(db), world),
    ],
  };
}

const NOBODY = "was written by no entry of the journal";

function flaw(entry: Entry | null, where: string, text: string): Finding {
  return { seq: entry?.seq ?? null, at: entry?.at ?? null, where, text };
}

/** What an entry says last of a row; before that it may have said something else of it. */
function lastOfEach(changes: readonly Change[]): readonly Change[] {
  const idOf = (change: Change): string =>
    change.table === "marks" ? "" : change.table === "timers" ? change.id : change.row.id;
  const byPlace = new Map(changes.map((change) => [`${change.table} ${idOf(change)}`, change]));
  return [...byPlace.values()];
}

function differences(entry: Entry, change: Kept, row: Row): readonly Finding[] {
  const { body, ...columns } = rowColumns(change);
  const place = `${change.table} ${change.row.id}`;
  const wrong = Object.entries(columns)
    .filter(([column, value]) => row[column] !== value)
    .map(([column, value]) => {
      const text = `${String(row[column])}, the journal says ${String(value)}`;
      return flaw(entry, `${place}.${column}`, text);
    });
  if (row["body"] === body) return wrong;
  const found = differenceOf(row, body);
  return [...wrong, flaw(entry, `${place}.body${found.path}`, found.text)];
}

function differenceOf(row: Row, body: string): { readonly path: string; readonly text: string } {
  try {
    const found = firstDifference(bodyOf(row), JSON.parse(body));
    if (found === null) return { path: "", text: "is written otherwise, with the same meaning" };
    return { path: `.${found.path}`, text: `${found.one}, the journal says ${found.other}` };
  } catch {
    return { path: "", text: "is no JSON" };
  }
}

/** Rows of which the entry they name says nothing. */
function unwritten(db: DatabaseSync, table: (typeof TABLES)[number]): readonly Finding[] {
  const entry = db.prepare("SELECT body FROM journal WHERE seq = ?");
  const findings: Finding[] = [];
  for (const { id, seq } of db.prepare(`SELECT id, seq FROM ${table}`).iterate()) {
    const row = entry.get(Number(seq));
    const changes = row === undefined ? [] : (bodyOf(row) as Entry).decision.changes;
    const isWritten = changes.some((change) => change.table === table && change.row.id === id);
    if (isWritten) continue;
    findings.push(flaw(null, `${table} ${String(id)}`, `entry #${String(seq)} did not write it`));
  }
  return findings;
}

function timers(db: DatabaseSync, seqs: ReadonlyMap<string, number>): readonly Finding[] {
  const rows = db.prepare("SELECT id, seq, due, body FROM timers").all();
  return rows.flatMap((row) => {
    const id = String(row["id"]);
    const wrong: Finding[] = [];
    if (seqs.get(id) !== row["seq"])
      wrong.push(flaw(null, `timers ${id}.seq`, `entry #${String(row["seq"])} did not write it`));
    const told = bodyOrNull(row) as { readonly due?: unknown } | null;
    if (told?.due !== row["due"])
      wrong.push(
        flaw(null, `timers ${id}`, `is due at ${String(row["due"])}, its body says otherwise`),
      );
    return wrong;
  });
}

function bodyOrNull(row: Row): unknown {
  try {
    return bodyOf(row);
  } catch {
    return null;
  }
}

/** `null` when a body cannot be read: the daemon could not start with it either. */
function worldOrNull(db: DatabaseSync): World | null {
  try {
    return createLoader(db)();
  } catch {
    return null;
  }
}

/** Timers and marks, and the order of all rows: it is part of what is decided on. Other rows were compared one by one. */
function worldDifferences(stored: World | null, folded: World): readonly Finding[] {
  if (stored === null) return [flaw(null, "the tables", "hold a body that is no JSON")];
  const parts = ["timers", "marks"] as const;
  const rows = parts.flatMap((part) => {
    const found = firstDifference(stored[part], JSON.parse(JSON.stringify(folded[part])));
    if (found === null) return [];
    return [flaw(null, `${part} ${found.path}`, `${found.one}, the journal says ${found.other}`)];
  });
  const orders = [...TABLES, "timers" as const]
    .filter(
      (table) => Object.keys(stored[table]).join("\n") !== Object.keys(folded[table]).join("\n"),
    )
    .map((table) =>
      flaw(null, table, "its rows are others, or in another order, than the journal leads to"),
    );
  return [...rows, ...orders];
}
