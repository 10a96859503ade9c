import { dispersion } from "../statistics/dispersion.ts";
import type { Counts } from "../statistics/sequential.ts";

/**
 * How much burstier than chance the windows are, at least 1. Bursts are longer than a window, so longer ones are looked at
 * too; and because a dispersion learnt from few windows may be small by luck, it is taken one deviation larger.
 */
export function burstiness(windows: readonly Counts[]): number {
  const single = dispersion(windows.map(whole)) ?? 1;
  const doubt = 1 + Math.sqrt(2 / Math.max(1, windows.length - 1));
  const longer = [3, 6].map((length) => {
    const groups = Array.from({ length: Math.floor(windows.length / length) }, (_, index) =>
      sumOf(windows.slice(index * length, (index + 1) * length)),
    );
    return groups.length < FEWEST_GROUPS ? 1 : (dispersion(groups.map(whole)) ?? 1);
  });
  return Math.max(single * doubt, ...longer);
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

/** Counts concluded from ratios are not whole. */
function whole({ failed, total }: Counts): Counts {
  return { failed: Math.round(failed), total: Math.round(total) };
}

const FEWEST_GROUPS = 6;
