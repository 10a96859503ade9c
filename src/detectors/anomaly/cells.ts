import type { Instant, Millis } from "../../domain/time.ts";
import { median } from "../../statistics/quantile.ts";

/** Samples of one minute, put together by their median: what lasts for a sample only does not count. */
export interface Cells {
  /** Closed cells, the newest last. */
  readonly values: readonly number[];
  readonly open: { readonly at: number; readonly samples: readonly number[] } | null;
}

export const CELLS_START: Cells = { values: [], open: null };

/**
 * Takes one sample in. `closed`: a cell is full, because the next sample, at the usual distance, will belong to another. A cell
 * that was broken off is closed by the first sample of a later one, and then the sample itself waits.
 */
export function put(
  cells: Cells,
  ts: Instant,
  value: number,
  lengthMs: Millis,
  everyMs: Millis | null,
  most: number,
): { readonly cells: Cells; readonly closed: boolean } {
  const at = Math.floor(ts / lengthMs);
  const { open } = cells;
  const isLast = everyMs !== null && Math.floor((ts + everyMs) / lengthMs) > at;
  if (open !== null && open.at !== at) {
    const values = close(cells.values, open.samples, most);
    if (isLast)
      return { cells: { values: close(values, [value], most), open: null }, closed: true };
    return { cells: { values, open: { at, samples: [value] } }, closed: true };
  }
  const samples = [...(open?.samples ?? []), value].slice(-MOST_SAMPLES);
  if (!isLast) return { cells: { ...cells, open: { at, samples } }, closed: false };
  return { cells: { values: close(cells.values, samples, most), open: null }, closed: true };
}

function close(
  values: readonly number[],
  samples: readonly number[],
  most: number,
): readonly number[] {
  const value = median(samples);
  return value === null ? values : [...values, value].slice(-most);
}

const MOST_SAMPLES = 60;
