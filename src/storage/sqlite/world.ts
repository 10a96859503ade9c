import type { DatabaseSync } from "node:sqlite";

import { KEEP_MS } from "../../domain/apply.ts";
import type { World } from "../../domain/world.ts";
import { bodyOf, type Row } from "./rows.ts";

/** Reads the world as folding the journal would give it. One moment, because nothing else runs between. */
export function createLoader(db: DatabaseSync): () => World {
  const last = db.prepare("SELECT max(seq) AS seq FROM journal");
  const incidents = db.prepare(remembered("incidents", "closed_at"));
  const attempts = db.prepare(remembered("attempts", "ended_at"));
  const leases = db.prepare(remembered("leases", "ended_at"));
  const timers = db.prepare("SELECT id, body FROM timers ORDER BY place");
  const marks = db.prepare("SELECT key AS id, body FROM marks");
  return () => ({
    seq: Number(last.get()?.["seq"] ?? 0),
    incidents: byId(incidents.all(KEEP_MS)) as World["incidents"],
    attempts: byId(attempts.all(KEEP_MS)) as World["attempts"],
    leases: byId(leases.all(KEEP_MS)) as World["leases"],
    timers: byId(timers.all()) as World["timers"],
    marks: byId(marks.all()),
  });
}

/**
 * Folding forgets a row at the first entry, from its last writing on, that is more than KEEP_MS after its
 * end. Asked this way, and not by the last entry's time, it is the same when the clock was set back.
 */
function remembered(table: string, ended: string): string {
  return `SELECT id, body FROM ${table} AS row
    WHERE ${ended} IS NULL OR NOT EXISTS (
      SELECT 1 FROM journal INDEXED BY journal_at
      WHERE at > row.${ended} + ? AND journal.seq >= row.seq)
    ORDER BY place`;
}

function byId(rows: readonly Row[]): { readonly [id: string]: unknown } {
  return Object.fromEntries(rows.map((row) => [String(row["id"]), bodyOf(row)]));
}
