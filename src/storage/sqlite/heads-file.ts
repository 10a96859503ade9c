import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";

import { NO_HASH, type Head } from "../../domain/chain.ts";
import { headOf } from "./rows.ts";

/** In the data folder, beside the journal. */
export const HEADS_FILE = "heads.txt";
/** Longer than any line. */
const TAIL_BYTES = 1_024;
const PAGE = 1_000;

/**
 * Keeps every head of the chain outside the journal too: a line for each entry, only ever appended, so that a tail that is gone or a
 * chain that was written anew shows. A line is written after its entry is on the disk, so the file is never ahead of the journal; what
 * a crash or a full disk left out is made up for the next time. Trouble never stops a commit: it is told to `note`, once.
 */
export function createHeadsFile(
  db: DatabaseSync,
  folder: string,
  note: (text: string) => void,
): () => void {
  const file = path.join(folder, HEADS_FILE);
  const later = db.prepare("SELECT seq, at, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?");
  const at = db.prepare("SELECT hash FROM journal WHERE seq = ?");
  const last = db.prepare("SELECT max(seq) AS seq FROM journal");
  const migrated = db.prepare("SELECT max(seq) AS seq FROM checkpoints WHERE cause = 'migrated'");
  /** The last entry that is in the file; `null` when that must be read first. */
  let written: number | null = null;
  let isTold = false;

  const begin = (): number => {
    const head = lastLine(file);
    const newest = Number(last.get()?.["seq"] ?? 0);
    if (head === null) {
      // Just now chained by a migration: there was none. Otherwise somebody took it away.
      if (newest > Number(migrated.get()?.["seq"] ?? 0))
        note(`${HEADS_FILE} was not there: written anew from the journal`);
      return 0;
    }
    if (head.seq === 0 || at.get(head.seq)?.["hash"] === head.hash) return head.seq;
    note(
      `${HEADS_FILE} ends with entry ${head.seq}, which is not in the journal so: one of them was changed. Where: signalman verify`,
    );
    return Math.max(0, newest - 1);
  };

  return () => {
    try {
      written ??= begin();
      for (;;) {
        const heads: readonly Head[] = later.all(written, PAGE).flatMap((row) => headOf(row) ?? []);
        if (heads.length === 0) break;
        appendFileSync(file, heads.map(lineOf).join(""));
        written = heads.at(-1)?.seq ?? written;
      }
      isTold = false;
    } catch (error) {
      // It may have been written by half.
      written = null;
      if (!isTold) note(`${HEADS_FILE} cannot be written: ${String(error)}`);
      isTold = true;
    }
  };
}

function lineOf({ seq, at, hash }: Head): string {
  return `${seq}:${hash} ${at}\n`;
}

/** `null` for a line that is none. */
export function readHeadLine(line: string): Head | null {
  const [, seq, hash, at] = /^(\d{1,15}):([0-9a-f]{64}) (\d{1,15}(?:\.\d+)?)$/.exec(line) ?? [];
  return seq === undefined || hash === undefined
    ? null
    : { seq: Number(seq), hash, at: Number(at) };
}

/** The last whole line; what a crash left of another one behind it is cut off. `null`: no file. A line that is none has number 0. */
function lastLine(file: string): Head | null {
  const handle = openForRepair(file);
  if (handle === null) return null;
  try {
    const { size } = fstatSync(handle);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(handle, tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf("\n") + 1;
    if (end < tail.length) ftruncateSync(handle, size - tail.length + end);
    const line = tail.toString("latin1", 0, end).trimEnd().split("\n").at(-1) ?? "";
    if (line === "") return { seq: 0, at: 0, hash: NO_HASH };
    return readHeadLine(line) ?? { seq: -1, at: 0, hash: "" };
  } finally {
    closeSync(handle);
  }
}

function openForRepair(file: string): number | null {
  try {
    return openSync(file, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
