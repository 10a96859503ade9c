import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { Problem } from "../../domain/problem.ts";
import { isBusy, storeProblem } from "./failure.ts";

/** `owned`: another process is the owner; `detail` says which one, as far as it is known. */
export type Ownership =
  | { readonly kind: "taken"; readonly file: string; readonly release: () => void }
  | { readonly kind: "owned"; readonly detail: string }
  | { readonly kind: "failed"; readonly problem: Problem };

/** Long enough for a process that is just ending; it blocks, so it is short. */
const WAIT_MS = 500;

/**
 * Makes this process the only owner of the folder by an exclusive transaction that stays open. The lock is
 * the operating system's: it goes with the process, however that ends. Waits at most half a second.
 */
export function takeOwnership(folder: string): Ownership {
  const file = path.join(folder, "owner.db");
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: WAIT_MS });
    // The write proves that the lock is real: of a file that may not be written, SQLite silently takes a
    // shared lock only. It is never committed, and in memory it leaves nothing to recover.
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1");
    writeHolder(folder);
  } catch (error) {
    if (db?.isOpen === true) db.close();
    if (isBusy(error)) return { kind: "owned", detail: holderOf(folder) };
    return { kind: "failed", problem: storeProblem(error, "owner.db") };
  }
  const held = db;
  return {
    kind: "taken",
    file,
    release: () => {
      if (held.isOpen) held.close();
    },
  };
}

/** For people only, and beside the lock: nothing but SQLite may open the locked file, or the lock is lost. */
function writeHolder(folder: string): void {
  const file = path.join(folder, "owner.json");
  const draft = `${file}.${process.pid}`;
  const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    writeFileSync(draft, `${JSON.stringify(holder)}\n`);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function holderOf(folder: string): string {
  try {
    const { pid, host, since } = JSON.parse(
      readFileSync(path.join(folder, "owner.json"), "utf8"),
    ) as { pid?: unknown; host?: unknown; since?: unknown };
    return `process ${String(pid)} on ${String(host)} since ${String(since)}`;
  } catch {
    return "another process";
  }
}
