import { createReadStream, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

import { problem, type Problem } from "../../domain/problem.ts";
import type { Entry } from "../../domain/world.ts";
import type { Audit, Checkpoint, HeadLine, StoredRow } from "../../ports/audit.ts";
import { createTableCheck } from "./audit-tables.ts";
import { CHAINED, chainedOf } from "./chaining.ts";
import { HEADS_FILE, readHeadLine } from "./heads-file.ts";
import { openJournalForReading } from "./journal.ts";
import { headOf } from "./rows.ts";

/** `absent`: nothing was ever written there. */
export type AuditResult =
  | { readonly kind: "open"; readonly audit: Audit }
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly problem: Problem };

/** Opens the books in `folder` as they lie there. One moment of the journal is held until `close`. */
export function openAudit({ folder }: { readonly folder: string }): AuditResult {
  const file = path.join(folder, HEADS_FILE);
  // Before the journal's moment: a line follows its entry, so what was in the file by now must be in the journal then.
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? null;
  const journal = openJournalForReading(folder);
  if (journal.kind !== "open") return journal;
  const { db } = journal;
  try {
    db.exec("BEGIN");
    return { kind: "open", audit: auditOf(db, file, size) };
  } catch (error) {
    db.close();
    return { kind: "failed", problem: problem("store-failed", `journal.db: ${String(error)}`) };
  }
}

function auditOf(db: DatabaseSync, file: string, size: number | null): Audit {
  const at = db.prepare("SELECT seq, at, hash FROM journal WHERE seq = ?");
  const checkpoints = db.prepare("SELECT seq, at, hash, cause FROM checkpoints ORDER BY seq");
  // The read that takes the moment.
  checkpoints.all();
  return {
    rows: (signal) => rowsOf(db, signal),
    at: (seq) => headOf(at.get(seq)),
    checkpoints: () =>
      checkpoints.all().flatMap((row): readonly Checkpoint[] => {
        const head = headOf(row);
        return head === null ? [] : [{ ...head, cause: String(row["cause"]) }];
      }),
    lines: (signal) => (size === null ? null : linesOf(file, size, signal)),
    tables: () => createTableCheck(db),
    close: () => db.close(),
  };
}

/** An entry may be large; a page of them must not be. */
const PAGE = 100;

function* rowsOf(db: DatabaseSync, signal: AbortSignal): Generator<readonly StoredRow[]> {
  const page = db.prepare(
    `SELECT ${CHAINED}, hash, ${TYPES.map(([column]) => `typeof(${column}) AS ${column}_type`).join(", ")}
     FROM journal WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
  );
  page.setReadBigInts(true);
  let after = -(2n ** 63n) + 1n;
  for (;;) {
    signal.throwIfAborted();
    const rows = page.all(after);
    if (rows.length === 0) return;
    yield rows.map(storedRow);
    after = BigInt(String(rows.at(-1)?.["seq"]));
  }
}

const TYPES: readonly (readonly [column: string, types: readonly string[]])[] = [
  ["at", ["integer", "real"]],
  ["event_id", ["text"]],
  ["incident", ["text", "null"]],
  ["type", ["text"]],
  ["body", ["text"]],
  ["hash", ["text"]],
];

function storedRow(row: Readonly<Record<string, SQLOutputValue>>): StoredRow {
  const names = ["seq", "at", "event_id", "incident", "type", "body"];
  const values = chainedOf(row);
  return {
    seq: Number(row["seq"]),
    at: Number(row["at"]),
    columns: Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])),
    odd: TYPES.filter(([column, types]) => !types.includes(String(row[`${column}_type`]))).map(
      ([column]) => column,
    ),
    hash: String(row["hash"]),
    entry: entryOf(row["body"]),
  };
}

/** Whether it is an entry is decided by what is done with it. */
function entryOf(body: SQLOutputValue | undefined): Entry | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(body as Uint8Array).toString());
    return typeof value === "object" ? (value as Entry | null) : null;
  } catch {
    return null;
  }
}

async function* linesOf(file: string, size: number, signal: AbortSignal): AsyncGenerator<HeadLine> {
  if (size === 0) return;
  const input = createReadStream(file, { end: size - 1, encoding: "latin1", signal });
  let number = 0;
  for await (const line of createInterface({ input })) {
    number += 1;
    yield { number, head: readHeadLine(line) };
  }
}
