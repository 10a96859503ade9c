import { demandCounts } from "./demand.ts";

/**
 * How much burstier failures are than independent requests would be: Pearson's chi-square of windows against their common
 * share, per degree of freedom (McCullagh and Nelder, "Generalized Linear Models", 1989, 4.5), at least 1. Windows without
 * requests are left out. `null` with fewer than two others; 1 when nothing or everything failed. Throws on bad counts.
 */
export function dispersion(
  windows: readonly { readonly failed: number; readonly total: number }[],
): number | null {
  for (const window of windows) demandCounts(window.failed, window.total);
  const used = windows.filter((window) => window.total > 0);
  if (used.length < 2) return null;
  const failed = used.reduce((sum, window) => sum + window.failed, 0);
  const total = used.reduce((sum, window) => sum + window.total, 0);
  if (failed === 0 || failed === total) return 1;
  const share = failed / total;
  const chiSquare = used.reduce((sum, window) => {
    const expected = window.total * share;
    return sum + (window.failed - expected) ** 2 / (expected * (1 - share));
  }, 0);
  return Math.max(1, chiSquare / (used.length - 1));
}
