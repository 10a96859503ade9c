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
  const { recent } = cells;
  const last = recent.at(-1);
  const isClose = last !== undefined && cell.ts - last.from <= CELL_MS;
  const added = isClose ? together(last, cell) : cell;
  const others = isClose ? recent.length - 1 : recent.length;
  const kept = firstKept(recent, others, cell.ts - settings.windowMs);
  const gone = kept === 0 ? undefined : recent[kept - 1];
  const next = recent.slice(kept, others);
  next.push(added);
  // What falls out is never the cell that is added.
  const learnt = gone !== undefined && isQuiet ? learnUntil(cells, gone.ts) : cells;
  return { past: learnt.past, recent: next, learntUntil: learnt.learntUntil };
}

/** Place of the first of so many that is in the window, or one of the last few with the one to come. */
function firstKept(recent: readonly Cell[], others: number, since: Instant): number {
  let kept = 0;
  while (kept <= others - FEWEST_CELLS && (recent[kept]?.ts ?? since) <= since) kept += 1;
  return kept;
}

/** Learns the cells up to this moment that are not learnt yet as usual. */
export function learnUntil(cells: Cells, until: Instant): Cells {
  const after = cells.learntUntil ?? -Infinity;
  // They are in order of time, and nearly all of them are learnt already.
  const first = cells.recent.findLastIndex(({ ts }) => ts <= after) + 1;
  let { past, learntUntil } = cells;
  for (let index = first; index < cells.recent.length; index += 1) {
    const cell = cells.recent[index];
    if (cell === undefined || cell.ts > until) break;
    past = learn(past, cell);
    learntUntil = cell.ts;
  }
  return past === cells.past ? cells : { past, recent: cells.recent, learntUntil };
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
