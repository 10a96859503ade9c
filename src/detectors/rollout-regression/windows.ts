import type { Instant, Millis } from "../../domain/time.ts";
import type { Counts } from "../../statistics/sequential.ts";

/** Bad ones among all of a short time. */
export interface Window extends Counts {
  readonly start: Instant;
}

/** Adds counts to the last window, or to a new one when that is full; keeps the last `most`. */
export function addTo(
  windows: readonly Window[],
  ts: Instant,
  counts: Counts,
  sizeMs: Millis,
  most: number,
): readonly Window[] {
  const last = windows.at(-1);
  if (last === undefined || ts >= last.start + sizeMs)
    return [...windows, { start: ts, ...counts }].slice(-most);
  const sum = {
    start: last.start,
    failed: last.failed + counts.failed,
    total: last.total + counts.total,
  };
  return windows.with(windows.length - 1, sum);
}

export function shareOf({ failed, total }: Counts): number {
  return total === 0 ? 0 : failed / total;
}
