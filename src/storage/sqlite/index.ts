import { mkdirSync } from "node:fs";

import { type Problem } from "../../domain/problem.ts";
import type { Records, SampleStore, Store } from "../../ports/store.ts";
import { storeProblem } from "./failure.ts";
import { createHeadsFile } from "./heads-file.ts";
import { openJournal, openJournalForReading, watchFile } from "./journal.ts";
import { takeOwnership } from "./owner.ts";
import { createRecords } from "./records.ts";
import { createSampleRows, pagesOf } from "./sample-rows.ts";
import { openSamplesForReading } from "./samples-file.ts";
import { createSqliteSamples } from "./samples.ts";
import { createSpans } from "./spans.ts";
import { createSqliteStore } from "./store.ts";

/** Where the books are, and how much may be kept of what was seen. */
export interface SqliteOptions {
  /** Made when it is not there. */
  readonly folder: string;
  /** Cap of the samples on the disk; 256 MiB when left out, at least 1 MiB. */
  readonly sampleBytesMax?: number;
  /** Told in one sentence when samples were lost. Never about the journal: that is a result. */
  readonly note?: (text: string) => void;
  /** Told in one sentence when the heads outside the journal do not agree with it, or cannot be written. */
  readonly alarm?: (text: string) => void;
}

/** `owned`: another process guards with these books; `detail` says which one, as far as it is known. */
export type OpenResult =
  | { readonly kind: "open"; readonly store: Store & Records; readonly samples: SampleStore }
  | { readonly kind: "owned"; readonly detail: string }
  | { readonly kind: "failed"; readonly problem: Problem };

/** `absent`: nothing was ever written there. */
export type RecordsResult =
  | { readonly kind: "open"; readonly records: Records; readonly samples: SampleReader }
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly problem: Problem };

/** Empty where there are no samples that can be read. */
export type SampleReader = Pick<SampleStore, "between">;

/**
 * Opens the books of this folder as their only owner. Closing the store closes the samples too and gives up
 * the ownership; so does the end of the process, however it comes. Waits at most a second for an owner.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<OpenResult> {
  const { folder, sampleBytesMax = 256 * MIB, note = () => {}, alarm = () => {} } = options;
  if (sampleBytesMax < MIB) throw new Error("sampleBytesMax must be at least 1 MiB");
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    return { kind: "failed", problem: storeProblem(error, folder) };
  }
  const ownership = takeOwnership(folder);
  if (ownership.kind !== "taken") return ownership;
  const journal = openJournal(folder);
  if (journal.kind !== "open") {
    ownership.release();
    return journal.kind === "failed" ? journal : unreachable();
  }
  const incidents = createSpans(journal.db);
  const samples = createSqliteSamples({ folder, bytesMax: sampleBytesMax, note, incidents });
  const gone = [watchFile(journal.file), watchFile(ownership.file)];
  const written = createHeadsFile(journal.db, folder, alarm);
  written();
  const store = createSqliteStore(journal.db, {
    written,
    obstacle: () => (gone.some((isGone) => isGone()) ? REMOVED : null),
    closed: async () => {
      await samples.close();
      ownership.release();
    },
  });
  return { kind: "open", store, samples };
}

/** Opens the books for reading beside a running owner or after its death. `close` of the records closes all. */
export async function openRecords({ folder }: { readonly folder: string }): Promise<RecordsResult> {
  const journal = openJournalForReading(folder);
  if (journal.kind !== "open") return journal;
  const records = createRecords(journal.db);
  const db = openSamplesForReading(folder);
  const rows = db === null ? null : createSampleRows(db);
  return {
    kind: "open",
    samples: {
      async *between(from, to, signal) {
        for (const page of rows === null ? [] : pagesOf(rows, from, to)) {
          signal.throwIfAborted();
          yield page;
        }
      },
    },
    records: {
      ...records,
      async close() {
        await records.close();
        if (db?.isOpen === true) db.close();
      },
    },
  };
}

const MIB = 1024 * 1024;
const REMOVED = "journal.db or owner.db was removed or replaced while it was in use: start again";

function unreachable(): never {
  throw new Error("an owner's journal cannot be absent");
}
