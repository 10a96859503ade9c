import type { DatabaseSync } from "node:sqlite";

import { type Problem, problem } from "../../domain/problem.ts";
import type { CommitResult, Records, Store } from "../../ports/store.ts";
import { storeProblem } from "./failure.ts";
import { versionOf } from "./migrations.ts";
import { createRecords } from "./records.ts";
import { deliveryOf } from "./rows.ts";
import { createLoader } from "./world.ts";
import { createWriter, type Written } from "./writing.ts";

/** What surrounds an open journal. */
export interface Surroundings {
  /** Why nothing may be written at the moment although the file is open, or `null`. */
  readonly obstacle: () => string | null;
  /** Called after each commit that is on the disk; must not throw. */
  readonly written: () => void;
  /** Called once, after the journal is closed. */
  readonly closed: () => Promise<void>;
}

/**
 * The books over an open journal of the newest version. Calls do not interleave: SQLite is synchronous, the
 * port is not. Reads reject when the file cannot be read; writes say `failed`, and may succeed next time.
 */
export function createSqliteStore(db: DatabaseSync, around: Surroundings): Store & Records {
  const load = createLoader(db);
  const write = createWriter(db);
  const undelivered = db.prepare(
    "SELECT * FROM notices WHERE state IN ('pending', 'sending') ORDER BY ord LIMIT ?",
  );
  const mark = db.prepare("UPDATE notices SET state = ?, tries = ? WHERE id = ?");
  const transact = (work: () => Written): CommitResult => transaction(db, around, work);

  return {
    ...createRecords(db),
    async load(signal) {
      signal.throwIfAborted();
      return load();
    },
    async commit(commits, signal) {
      signal.throwIfAborted();
      const result = transact(() => (commits.length === 0 ? rewriteVersion(db) : write(commits)));
      if (result.kind === "written") around.written();
      return result;
    },
    async undelivered(limit, signal) {
      signal.throwIfAborted();
      return undelivered.all(limit).map(deliveryOf);
    },
    async mark(notice, state, tries, signal) {
      signal.throwIfAborted();
      return transact(() => {
        if (Number(mark.run(state, tries, notice).changes) === 1) return "written";
        throw new Error(`no notice ${notice} to mark`);
      });
    },
    async close() {
      if (!db.isOpen) return;
      db.close();
      await around.closed();
    },
  };
}

/** Whether writing is possible shows in a write, down to the disk: the version is written once more. */
function rewriteVersion(db: DatabaseSync): Written {
  db.exec(`PRAGMA user_version = ${versionOf(db)}`);
  return "written";
}

function transaction(db: DatabaseSync, around: Surroundings, work: () => Written): CommitResult {
  if (!db.isOpen) return failed(problem("store-failed", "the store is closed"));
  try {
    const obstacle = around.obstacle();
    if (obstacle !== null) return failed(problem("store-failed", obstacle));
    // Left over when the roll back of a failure failed itself.
    if (db.isTransaction) db.exec("ROLLBACK");
    db.exec("BEGIN IMMEDIATE");
    const kind = work();
    db.exec(kind === "written" ? "COMMIT" : "ROLLBACK");
    return { kind };
  } catch (error) {
    rollBack(db);
    return failed(storeProblem(error, "journal.db"));
  }
}

/** SQLite has often done it already; where it cannot, the next call tries again before it begins. */
function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec("ROLLBACK");
  } catch {
    // The first error is the one to tell.
  }
}

function failed(problem: Problem): CommitResult {
  return { kind: "failed", problem };
}
