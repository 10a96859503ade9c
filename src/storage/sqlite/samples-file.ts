import { rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

import { isCorrupt } from "./failure.ts";

const NAME = "samples.db";
const VERSION = 2;
const PAGE_BYTES = 4096;
const WAL_BYTES_MAX = 4 * 1024 * 1024;

/** An open file of samples, and how many pages its main part may have. */
export interface SamplesFile {
  readonly db: DatabaseSync;
  readonly pagesMax: number;
}

/** How the cap is shared: a quarter, at most 4 MiB, is left to the write-ahead log beside the file. */
export function shareCap(bytesMax: number): {
  readonly pagesMax: number;
  readonly walBytes: number;
} {
  const walBytes = Math.min(bytesMax / 4, WAL_BYTES_MAX);
  return { pagesMax: Math.floor((bytesMax - walBytes) / PAGE_BYTES), walBytes };
}

/**
 * Opens `samples.db`, or begins a new one when the file cannot be read or is of another version; `note` says
 * so. SQLite's other errors are thrown.
 */
export function openSamplesFile(
  folder: string,
  bytesMax: number,
  note: (text: string) => void,
): SamplesFile {
  try {
    const file = open(folder, bytesMax);
    if (file !== null) return file;
    note(`${NAME} is of another version: begun anew, older samples are lost`);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    note(`${NAME} cannot be read: begun anew, older samples are lost`);
  }
  removeSamplesFile(folder);
  const file = open(folder, bytesMax);
  if (file === null) throw new Error(`${NAME} cannot be begun anew`);
  return file;
}

/** Removes the file and its log; it must not be open here. */
export function removeSamplesFile(folder: string): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(path.join(folder, NAME + end), { force: true });
}

/** Opens the samples beside a running owner; `null` where there are none that can be read. */
export function openSamplesForReading(folder: string): DatabaseSync | null {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path.join(folder, NAME), { readOnly: true, timeout: 250 });
    if (versionOf(db) === VERSION) return db;
    db.close();
  } catch {
    if (db?.isOpen === true) db.close();
  }
  return null;
}

function open(folder: string, bytesMax: number): SamplesFile | null {
  const { pagesMax, walBytes } = shareCap(bytesMax);
  const db = new DatabaseSync(path.join(folder, NAME), { timeout: 250 });
  try {
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`);
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = ${Math.ceil(walBytes / 2 / PAGE_BYTES)};
      PRAGMA journal_size_limit = ${walBytes}`);
    if (versionOf(db) === 0) db.exec(SCHEMA);
    if (versionOf(db) === VERSION) return { db, pagesMax };
    db.close();
    return null;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Samples are clustered by time, so that looking, thinning and dropping the oldest need no second index. `note` holds what is no
 * number (a text, a problem, a process's start) as JSON, or 0 for "as in the row before". `low` and `high` are set where a row
 * stands for many. `aged` says up to when samples were thinned to this width.
 */
const SCHEMA = `BEGIN IMMEDIATE;
  CREATE TABLE series (id INTEGER PRIMARY KEY, target TEXT NOT NULL, probe TEXT NOT NULL, name TEXT NOT NULL,
    le TEXT NOT NULL, UNIQUE (target, probe, name, le));
  CREATE TABLE samples (ts INTEGER NOT NULL, nth INTEGER NOT NULL, series INTEGER NOT NULL, value REAL,
    low REAL, high REAL, note, PRIMARY KEY (ts, nth)) WITHOUT ROWID;
  CREATE TABLE aged (width INTEGER PRIMARY KEY, until INTEGER NOT NULL);
  PRAGMA user_version = ${VERSION};
  COMMIT`;

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
