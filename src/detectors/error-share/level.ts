import { median } from "../../statistics/quantile.ts";
import type { Counts } from "../../statistics/sequential.ts";
import { burstiness, sumOf } from "../burstiness.ts";

/** What usually fails, and how much burstier than independent requests failures come, 1 or more. */
export interface Level {
  readonly share: number;
  readonly dispersion: number;
}

/**
 * Share and dispersion of blocks, unmoved by faults that went unnoticed in a quarter of them: the median of the blocks' shares,
 * and the mean of the lower three quarters of their squared Pearson residuals. Bursts are longer than a block, so groups of
 * three and six are looked at too. Where failures are too rare for a median, all counts together.
 */
export function levelOf(blocks: readonly Counts[]): Level {
  const all = sumOf(blocks);
  const pooled = all.total === 0 ? 0 : all.failed / all.total;
  const groups = grouped(blocks, lengthFor(blocks, pooled));
  const share = groups.length < FEWEST ? pooled : middleShare(groups);
  if (groups.length < FEWEST || share <= 0)
    return { share: pooled, dispersion: burstiness(blocks) };
  const doubt = 1 + Math.sqrt(2 / (groups.length - 1));
  const longer = [3, 6].map((length) => scatter(grouped(groups, length), share));
  return { share, dispersion: Math.max(1, doubt * scatter(groups, share), ...longer) };
}

/** So many blocks together that in each group some failures are to be expected. */
function lengthFor(blocks: readonly Counts[], share: number): number {
  const usual = (sumOf(blocks).total * share) / blocks.length;
  return usual <= 0 ? Infinity : Math.max(1, Math.ceil(EXPECTED / usual));
}

function grouped(blocks: readonly Counts[], length: number): readonly Counts[] {
  if (length === 1) return blocks;
  if (length > blocks.length) return [];
  return Array.from({ length: Math.floor(blocks.length / length) }, (_, index) =>
    sumOf(blocks.slice(index * length, (index + 1) * length)),
  );
}

function middleShare(groups: readonly Counts[]): number {
  const shares = groups.flatMap(({ failed, total }) => (total === 0 ? [] : [failed / total]));
  return median(shares) ?? 0;
}

function scatter(groups: readonly Counts[], share: number): number {
  if (groups.length < FEWEST) return 1;
  const squares = groups
    .flatMap(({ failed, total }) => {
      const expected = total * share;
      return total === 0 ? [] : [(failed - expected) ** 2 / (expected * (1 - share))];
    })
    .sort((a, b) => a - b)
    .slice(0, Math.ceil(KEPT * groups.length));
  const mean = squares.reduce((sum, square) => sum + square, 0) / Math.max(1, squares.length);
  // No share is as constant as independent requests would have it.
  const usual = (sumOf(groups).total * share) / groups.length;
  return Math.max(mean / MEAN_OF_KEPT, 1 + WANDER ** 2 * usual);
}

const FEWEST = 6;
const EXPECTED = 4;
const KEPT = 0.75;
/** Of chi-square with one degree of freedom: the mean of its lower three quarters. */
const MEAN_OF_KEPT = 0.3684;
/** The least a share wanders, as a share of itself. */
const WANDER = 0.3;
