import type { DatabaseSync } from "node:sqlite";

import type { Sample } from "../../domain/sample.ts";
import type { Instant } from "../../domain/time.ts";
import type { SampleStore } from "../../ports/store.ts";
import { isCorrupt, storeProblem } from "./failure.ts";
import { bodyOf } from "./rows.ts";
import { openSamplesFile, removeSamplesFile, type SamplesFile } from "./samples-file.ts";

/** Rows of one transaction; small enough that the write-ahead log stays within its share. */
const BATCH = 200;
/** Most batches dropped for one that is added, so that a lowered cap does not stop everything else. */
const DROPS_MAX = 50;

/**
 * Samples in a file that never takes more than `bytesMax` (with its log): the oldest are dropped in batches.
 * No operating failure rejects, because no decision depends on samples: they are lost, and `note` says so
 * once until it goes well again. `between` includes both ends, in time order.
 */
export function createSqliteSamples(
  folder: string,
  bytesMax: number,
  note: (text: string) => void,
): SampleStore {
  let file: SamplesFile | null = null;
  let closed = false;
  let losing = false;

  const attempt = (work: (open: SamplesFile) => void): void => {
    try {
      file ??= openSamplesFile(folder, bytesMax, note);
      work(file);
      losing = false;
    } catch (error) {
      if (file !== null) rollBack(file.db);
      const { detail } = storeProblem(error, "samples.db");
      if (!losing) note(`samples are lost: ${detail}`);
      losing = true;
      if (isCorrupt(error)) {
        shut();
        removeSamplesFile(folder);
      }
    }
  };
  // The next call opens it again.
  const shut = (): void => {
    if (file?.db.isOpen === true) file.db.close();
    file = null;
  };

  attempt(() => {});
  return {
    async append(samples, signal) {
      signal.throwIfAborted();
      if (closed) return;
      for (let from = 0; from < samples.length; from += BATCH) {
        attempt((open) => {
          makeRoom(open);
          insert(open.db, samples.slice(from, from + BATCH));
        });
      }
    },
    async between(from, to, signal) {
      signal.throwIfAborted();
      let found: readonly Sample[] = [];
      if (!closed) attempt((open) => (found = readSamples(open.db, from, to)));
      return found;
    },
    async close() {
      closed = true;
      shut();
    },
  };
}

/** Samples of `from` to `to`, both included, in time order. SQLite's errors are thrown. */
export function readSamples(db: DatabaseSync, from: Instant, to: Instant): readonly Sample[] {
  const statement = db.prepare(
    "SELECT body FROM samples WHERE ts BETWEEN ? AND ? ORDER BY ts, nth",
  );
  return statement.all(from, to).map(bodyOf) as Sample[];
}

function insert(db: DatabaseSync, samples: readonly Sample[]): void {
  const statement = db.prepare(
    `INSERT INTO samples (ts, nth, body)
     VALUES (?1, (SELECT coalesce(max(nth), 0) + 1 FROM samples WHERE ts = ?1), ?2)`,
  );
  db.exec("BEGIN IMMEDIATE");
  for (const sample of samples) statement.run(sample.ts, JSON.stringify(sample));
  db.exec("COMMIT");
}

/**
 * Drops the oldest rows until a tenth of the pages is free. Free pages are used again, so the file does not
 * grow; one that is over its cap, because the cap was lowered, is given back to the disk bit by bit.
 */
function makeRoom({ db, pagesMax }: SamplesFile): void {
  if (usedPages(db) <= pagesMax * 0.9) return;
  const drop = db.prepare(
    "DELETE FROM samples WHERE (ts, nth) IN (SELECT ts, nth FROM samples ORDER BY ts, nth LIMIT ?)",
  );
  for (let drops = 0; drops < DROPS_MAX && usedPages(db) > pagesMax * 0.9; drops += 1) {
    if (Number(drop.run(BATCH).changes) === 0) break;
  }
  const excess = pragma(db, "page_count") - pagesMax;
  if (excess > 0) db.exec(`PRAGMA incremental_vacuum(${excess})`);
}

function usedPages(db: DatabaseSync): number {
  return pragma(db, "page_count") - pragma(db, "freelist_count");
}

function pragma(db: DatabaseSync, name: "page_count" | "freelist_count"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec("ROLLBACK");
  } catch {
    // The first error is the one to tell.
  }
}
