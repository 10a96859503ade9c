import type { Instant } from "../../domain/time.ts";
import { learn, PAST_START, scaledPast, type Past } from "./past.ts";
import type { ErrorShareSettings } from "./settings.ts";
import type { Cell } from "./suspicion.ts";

/** The last looks and what was learnt from those before them. */
export interface Cells {
  readonly past: Past;
  /** The last ten minutes, oldest first; none from before a gap or a reset. */
  readonly recent: readonly Cell[];
  /** Cells up to here are learnt, or never will be. */
  readonly learntUntil: Instant | null;
}

export const CELLS_START: Cells = { past: PAST_START, recent: [], learntUntil: null };

/** Adds a cell to the last ones; looks that follow closely share one. What falls out unlearnt is learnt, if all is quiet. */
export function addCell(
  cells: Cells,
  cell: Cell,
  isQuiet: boolean,
  settings: ErrorShareSettings,
): Cells {
  const last = cells.recent.at(-1);
  const isClose = last !== undefined && cell.ts - last.from <= CELL_MS;
  const recent = isClose
    ? [...cells.recent.slice(0, -1), together(last, cell)]
    : [...cells.recent, cell];
  const kept = recent.findIndex(
    ({ ts }, index) => index >= recent.length - FEWEST_CELLS || ts > cell.ts - settings.windowMs,
  );
  const gone = recent[kept - 1];
  if (gone === undefined) return { ...cells, recent };
  const learnt = isQuiet ? learnUntil({ ...cells, recent }, gone.ts) : cells;
  return { ...learnt, recent: recent.slice(kept) };
}

/** Learns the cells up to this moment that are not learnt yet as usual. */
export function learnUntil(cells: Cells, until: Instant): Cells {
  const after = cells.learntUntil ?? -Infinity;
  const fresh = cells.recent.filter(({ ts }) => ts > after && ts <= until);
  if (fresh.length === 0) return cells;
  return {
    ...cells,
    past: fresh.reduce(learn, cells.past),
    learntUntil: fresh.at(-1)?.ts ?? until,
  };
}

/** The same as if so many times as many requests had been told of. */
export function scaledCells({ past, recent, learntUntil }: Cells, factor: number): Cells {
  return {
    past: scaledPast(past, factor),
    recent: recent.map((cell) => scaledCell(cell, factor)),
    learntUntil,
  };
}

export function scaledCell(cell: Cell, factor: number): Cell {
  return { ...cell, failed: cell.failed * factor, requests: cell.requests * factor };
}

/** Two cells that follow each other as one. */
export function together(one: Cell, next: Cell): Cell {
  return {
    from: one.from,
    ts: next.ts,
    failed: one.failed + next.failed,
    requests: one.requests + next.requests,
  };
}

const CELL_MS = 5_000;
const FEWEST_CELLS = 6;
