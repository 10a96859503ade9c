import type { Instant, Millis } from "../../domain/time.ts";
import { dispersion } from "../../statistics/dispersion.ts";
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
  return [...windows.slice(0, -1), sum];
}

export function sumOf(windows: readonly Counts[]): Counts {
  let failed = 0;
  let total = 0;
  for (const window of windows) {
    failed += window.failed;
    total += window.total;
  }
  return { failed, total };
}

export function shareOf({ failed, total }: Counts): number {
  return total === 0 ? 0 : failed / total;
}

/**
 * How much burstier than chance the windows are, at least 1. Bursts are longer than a window, so longer ones are looked at
 * too; and because a dispersion learnt from few windows may be small by luck, it is taken one deviation larger.
 */
export function burstiness(windows: readonly Window[]): number {
  const single = dispersion(windows) ?? 1;
  const doubt = 1 + Math.sqrt(2 / Math.max(1, windows.length - 1));
  const longer = [3, 6].map((length) => {
    const groups = Array.from({ length: Math.floor(windows.length / length) }, (_, index) =>
      sumOf(windows.slice(index * length, (index + 1) * length)),
    );
    return groups.length < FEWEST_GROUPS ? 1 : (dispersion(groups) ?? 1);
  });
  return Math.max(single * doubt, ...longer);
}

const FEWEST_GROUPS = 6;
