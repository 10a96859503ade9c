import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

import { linkOf, NO_HASH, type StoredValue } from "../../domain/chain.ts";

/** Columns of the journal that the hash stands for, in its order, as bytes where they are text. */
export const CHAINED = `seq, at, CAST(event_id AS BLOB) AS event_id, CAST(incident AS BLOB) AS incident,
  CAST(type AS BLOB) AS type, CAST(body AS BLOB) AS body`;

/** The values of a row that was read with `CHAINED`. */
export function chainedOf(row: Readonly<Record<string, SQLOutputValue>>): readonly StoredValue[] {
  return ["seq", "at", "event_id", "incident", "type", "body"].map((column) => row[column] ?? null);
}

/** Chains what was written before there was a chain, and leaves a checkpoint that says so. Inside the migration's transaction. */
export function chainOldEntries(db: DatabaseSync): void {
  const next = db.prepare(`SELECT ${CHAINED} FROM journal WHERE seq > ? ORDER BY seq LIMIT 1`);
  next.setReadBigInts(true);
  const set = db.prepare("UPDATE journal SET hash = ? WHERE seq = ?");
  let hash = NO_HASH;
  let seq = 0;
  for (let row = next.get(seq); row !== undefined; row = next.get(seq)) {
    hash = linkOf(hash, chainedOf(row));
    seq = Number(row["seq"]);
    set.run(hash, seq);
  }
  db.prepare(
    "INSERT INTO checkpoints SELECT seq, at, hash, 'migrated' FROM journal ORDER BY seq DESC LIMIT 1",
  ).run();
}
