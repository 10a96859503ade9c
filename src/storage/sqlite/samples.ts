import type { DatabaseSync } from "node:sqlite";

import type { Sample } from "../../domain/sample.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { SampleStore } from "../../ports/store.ts";
import { windowOf, type Span, type Window } from "../windows.ts";
import { AGES, createAgeing, STRETCH_MS, type Age } from "./ageing.ts";
import { isCorrupt, storeProblem } from "./failure.ts";
import { createRoom } from "./room.ts";
import { createSampleRows, createSampleWriter, pagesOf, type SampleRows } from "./sample-rows.ts";
import { openSamplesFile, removeSamplesFile } from "./samples-file.ts";

/** Rows of one transaction; small enough that the write-ahead log stays within its share. */
const BATCH = 200;

export interface SamplesOptions {
  readonly folder: string;
  /** Of the file with its log. */
  readonly bytesMax: number;
  readonly note: (text: string) => void;
  /** Incidents in the order of their opening; the samples around them are kept as they are for as long as there is room. */
  readonly incidents?: () => readonly Span[];
  readonly ages?: readonly Age[];
  /** So much time is thinned in one transaction; a multiple of every width. */
  readonly stretchMs?: Millis;
}

/**
 * Samples in a file that never takes more than `bytesMax`: old ones are thinned, the oldest dropped. No operating failure
 * rejects, because no decision depends on samples: they are lost, and `note` says so once until it goes well again.
 */
export function createSqliteSamples(options: SamplesOptions): SampleStore {
  const { folder, note } = options;
  let file: OpenSamples | null = null;
  let closed = false;
  let losing = false;

  const attempt = (work: (open: OpenSamples) => void): void => {
    try {
      file ??= open(options);
      work(file);
      losing = false;
    } catch (error) {
      file?.rollBack();
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
    file?.close();
    file = null;
  };

  attempt(() => {});
  return {
    async append(samples, signal) {
      signal.throwIfAborted();
      if (closed) return;
      for (let from = 0; from < samples.length; from += BATCH)
        attempt((open) => open.append(samples.slice(from, from + BATCH)));
    },
    async *between(from, to, signal) {
      let pages: Generator<readonly Sample[]> | null = null;
      for (;;) {
        signal.throwIfAborted();
        let page: readonly Sample[] | undefined;
        if (!closed) {
          attempt((open) => {
            pages ??= pagesOf(open.rows, from, to);
            const next = pages.next();
            page = next.done === true ? undefined : next.value;
          });
        }
        if (page === undefined) return;
        yield page;
      }
    },
    async close() {
      closed = true;
      shut();
    },
  };
}

interface OpenSamples {
  readonly rows: SampleRows;
  append(samples: readonly Sample[]): void;
  rollBack(): void;
  close(): void;
}

function open(options: SamplesOptions): OpenSamples {
  const { folder, bytesMax, note, incidents, ages = AGES, stretchMs = STRETCH_MS } = options;
  const { db, pagesMax } = openSamplesFile(folder, bytesMax, note);
  const rows = createSampleRows(db);
  const writer = createSampleWriter(db);
  const age = createAgeing({ db, rows, writer, ages, stretchMs });
  const makeRoom = createRoom(db, pagesMax);
  const windows = (): readonly Window[] => (incidents?.() ?? []).map(windowOf);
  let newest = newestOf(db);
  return {
    rows,
    append: (samples) => {
      newest = samples.reduce((latest, { ts }) => Math.max(latest, ts), newest);
      makeRoom(newest, windows);
      db.exec("BEGIN IMMEDIATE");
      writer.insert(samples);
      db.exec("COMMIT");
      age(newest, windows);
    },
    rollBack: () => {
      writer.forget();
      rollBack(db);
    },
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

function newestOf(db: DatabaseSync): Instant {
  return Number(db.prepare("SELECT max(ts) AS ts FROM samples").get()?.["ts"] ?? -Infinity);
}

function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec("ROLLBACK");
  } catch {
    // The first error is the one to tell.
  }
}
