import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

import { problem, type Problem } from "../../domain/problem.ts";
import { storeProblem } from "./failure.ts";
import { migrate, type Migration, readMigrations, versionOf } from "./migrations.ts";

/** An open journal file at the version of this program. */
export type JournalOpening =
  | { readonly kind: "open"; readonly db: DatabaseSync; readonly file: string }
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly problem: Problem };

const NAME = "journal.db";
/** How long a write waits for a stranger's lock (a person with the sqlite3 shell); it blocks, so it is short. */
const WAIT_MS = 250;
const WAL_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Opens the journal for its owner: checked for damage, every commit on the disk before it is acknowledged,
 * taken to the newest version. The folder must exist.
 */
export function openJournal(folder: string): JournalOpening {
  const file = path.join(folder, NAME);
  return opening(file, () => new DatabaseSync(file, { timeout: WAIT_MS }), prepareForOwner);
}

/** Opens the journal for reading only, beside a running owner or after its death. Needs no lock. */
export function openJournalForReading(folder: string): JournalOpening {
  const file = path.join(folder, NAME);
  if (!existsSync(file)) return { kind: "absent" };
  return opening(
    file,
    () => new DatabaseSync(file, { readOnly: true, timeout: WAIT_MS }),
    refuseOtherVersion,
  );
}

/** True when the file at this path is no longer the one that was opened: writes would go nowhere. */
export function watchFile(file: string): () => boolean {
  const { ino, dev } = statSync(file);
  return () => {
    const now = statSync(file, { throwIfNoEntry: false });
    return now === undefined || now.ino !== ino || now.dev !== dev;
  };
}

function opening(
  file: string,
  open: () => DatabaseSync,
  prepare: (db: DatabaseSync, migrations: readonly Migration[]) => Problem | "absent" | null,
): JournalOpening {
  const migrations = readMigrations();
  let db: DatabaseSync | undefined;
  try {
    db = open();
    const refusal = prepare(db, migrations);
    if (refusal === null) return { kind: "open", db, file };
    db.close();
    return refusal === "absent" ? { kind: "absent" } : { kind: "failed", problem: refusal };
  } catch (error) {
    if (db?.isOpen === true) db.close();
    return { kind: "failed", problem: storeProblem(error, NAME) };
  }
}

function prepareForOwner(db: DatabaseSync, migrations: readonly Migration[]): Problem | null {
  const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
  if (mode !== "wal") return problem("store-failed", `${NAME}: no write-ahead log on this disk`);
  db.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_BYTES_MAX}`);
  const check = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (check !== "ok") return problem("store-failed", `${NAME} is damaged: ${String(check)}`);
  const version = versionOf(db);
  if (version > migrations.length) return newer(version, migrations.length);
  migrate(db, migrations);
  return null;
}

function refuseOtherVersion(
  db: DatabaseSync,
  migrations: readonly Migration[],
): Problem | "absent" | null {
  const version = versionOf(db);
  // The owner made the file and has not yet written its tables.
  if (version === 0) return "absent";
  if (version > migrations.length) return newer(version, migrations.length);
  if (version === migrations.length) return null;
  const detail = `${NAME} is of version ${version}, this program reads ${migrations.length}: start the daemon once`;
  return problem("store-failed", detail);
}

function newer(version: number, known: number): Problem {
  const detail = `${NAME} was written by a newer Signalman (version ${version}, this one knows ${known})`;
  return problem("store-failed", detail);
}
