import type { Instant, Millis } from "../../domain/time.ts";
import { binomialAtLeast } from "../../statistics/binomial.ts";

/** Requests of a short time: later than `from`, up to `ts`. */
export interface Cell {
  readonly from: Instant;
  readonly ts: Instant;
  readonly failed: number;
  readonly requests: number;
}

/** The stretch up to now in which the most requests failed over the threshold. */
export interface Suspicion {
  readonly cells: readonly Cell[];
  readonly failed: number;
  readonly requests: number;
  readonly share: number;
  readonly lengthMs: Millis;
}

/**
 * The stretch that ends now and has the largest excess of failed requests over threshold x requests (Page's CUSUM, looked at
 * backwards): its first cell is the estimated onset. `null` when no stretch lies over the threshold.
 */
export function suspect(cells: readonly Cell[], threshold: number): Suspicion | null {
  let excess = 0;
  let most = 0;
  let begin = -1;
  for (let index = cells.length - 1; index >= 0; index -= 1) {
    const cell = cells[index];
    if (cell === undefined) break;
    excess += cell.failed - threshold * cell.requests;
    if (excess > most) [most, begin] = [excess, index];
  }
  return begin < 0 ? null : stretch(cells.slice(begin));
}

/** These cells put together. */
export function stretch(cells: readonly Cell[]): Suspicion {
  let failed = 0;
  let requests = 0;
  for (const cell of cells) {
    failed += cell.failed;
    requests += cell.requests;
  }
  const first = cells[0];
  const last = cells.at(-1);
  return {
    cells,
    failed,
    requests,
    share: requests === 0 ? 0 : failed / requests,
    lengthMs: first === undefined || last === undefined ? 0 : last.ts - first.from,
  };
}

/** The shortest stretch that ends now and lasts at least so long, or all there is. */
export function lastOf(cells: readonly Cell[], lengthMs: Millis): Suspicion {
  const end = cells.at(-1)?.ts ?? 0;
  const begin = cells.findLastIndex((cell) => end - cell.from >= lengthMs);
  return stretch(cells.slice(Math.max(0, begin)));
}

/** True when a stretch lies over the threshold by more than one single request. */
export function isOver({ failed, share }: Suspicion, threshold: number): boolean {
  return share > threshold && (failed >= 2 || share >= 0.5);
}

/** True when each third of the stretch lies over the threshold: it lasts, and is not one blip and its echo. */
export function isLasting({ cells }: Suspicion, threshold: number): boolean {
  const parts = Math.min(3, cells.length);
  return Array.from({ length: parts }, (_, part) =>
    stretch(
      cells.slice((part * cells.length) / parts, Math.ceil(((part + 1) * cells.length) / parts)),
    ),
  ).every(({ share }) => share > threshold);
}

/** The stretch without the cell in which most requests failed; of four and more cells, without the two such. */
export function withoutWorst({ cells }: Suspicion): Suspicion {
  const failed = cells.map((cell) => cell.failed).sort((a, b) => b - a);
  let [worst, second] = [failed[0], cells.length < 4 ? undefined : failed[1]];
  const rest = cells.filter((cell) => {
    if (cell.failed === worst) worst = undefined;
    else if (cell.failed === second) second = undefined;
    else return true;
    return false;
  });
  return stretch(rest);
}

/** How probable at least so many failed requests are with this share, when they come in clumps of `dispersion`. */
export function chanceOf(suspicion: Suspicion, share: number, dispersion: number): number {
  const failed = Math.floor(suspicion.failed / dispersion);
  const requests = Math.max(failed, Math.round(suspicion.requests / dispersion));
  return binomialAtLeast(failed, requests, Math.min(1, share));
}
