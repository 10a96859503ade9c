import type { DatabaseSync } from "node:sqlite";

import { HOUR_MS, type Instant, type Millis } from "../../domain/time.ts";
import { outside, type Window } from "../windows.ts";

/** Rows of one drop, rounded up to whole moments. */
const DROP_ROWS = 500;
/** Most drops in one call, so that a lowered cap does not stop everything else. */
const DROPS_MAX = 50;
/** What may yet be the beginning of an incident's window goes last of all. */
const RECENT_MS: Millis = 3 * HOUR_MS;

/**
 * Drops rows until a tenth of the pages is free: the oldest first, which are the coarsest, those in windows after those
 * outside, and the last hours last. Free pages are used again, so the file does not grow; one that is over its cap, because the
 * cap was lowered, is given back to the disk bit by bit. SQLite's errors are thrown.
 */
export function createRoom(
  db: DatabaseSync,
  pagesMax: number,
): (newest: Instant, windows: () => readonly Window[]) => void {
  // The drop ends with a whole moment, because a row may say "as the one before".
  const end = db.prepare(
    "SELECT ts FROM samples WHERE ts BETWEEN ?1 AND ?2 ORDER BY ts, nth LIMIT 1 OFFSET ?3",
  );
  const drop = db.prepare("DELETE FROM samples WHERE ts BETWEEN ? AND ?");
  const pages = db.prepare(
    "SELECT page_count - freelist_count AS used, page_count AS count FROM pragma_page_count, pragma_freelist_count",
  );
  const used = (): number => Number(pages.get()?.["used"]);
  const isFull = (): boolean => used() > pagesMax * 0.9;

  const dropFrom = ({ from, to }: Window): boolean => {
    const last = end.get(from, to, DROP_ROWS - 1)?.["ts"] ?? to;
    return Number(drop.run(from, Number(last)).changes) > 0;
  };

  return (newest, windows) => {
    if (!isFull()) return;
    const places = placesToDrop(newest, windows());
    for (let drops = 0; drops < DROPS_MAX && isFull() && places.length > 0;) {
      const [place] = places;
      if (place !== undefined && dropFrom(place)) drops += 1;
      else places.shift();
    }
    const excess = Number(pages.get()?.["count"]) - pagesMax;
    if (excess > 0) db.exec(`PRAGMA incremental_vacuum(${excess})`);
  };
}

function placesToDrop(newest: Instant, windows: readonly Window[]): Window[] {
  const recent = newest - RECENT_MS;
  const old = { from: -Infinity, to: recent - 1 };
  return [...outside(windows, old), old, { from: recent, to: Infinity }];
}
