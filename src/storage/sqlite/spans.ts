import type { DatabaseSync } from "node:sqlite";

import type { Span } from "../windows.ts";

/** When each incident of the journal opened and closed, in the order of opening. SQLite's errors are thrown. */
export function createSpans(journal: DatabaseSync): () => readonly Span[] {
  const select = journal.prepare(
    "SELECT opened_at, closed_at FROM incidents ORDER BY opened_at, place",
  );
  return () =>
    select.all().map(({ opened_at, closed_at }) => ({
      openedAt: Number(opened_at),
      closedAt: closed_at === null ? null : Number(closed_at),
    }));
}
