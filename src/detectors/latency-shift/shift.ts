import type { Millis } from "../../domain/time.ts";
import { binomialAtLeast } from "../../statistics/binomial.ts";
import { leap, middleOf, tailsOf, type Past, type Point } from "./past.ts";
import type { LatencyShiftSettings, Margin } from "./settings.ts";

/** What the last points say against the past. */
export interface Shift {
  /** The rule by which a breach opens, if one does. */
  readonly rule: "lasting" | "median of 10" | "at once" | null;
  /** The last point is over the fast threshold. */
  readonly isOver: boolean;
  readonly thresholdMs: number;
  /** How many of the last points are over it, and how many must be. */
  readonly fastOver: number;
  readonly needed: number;
  readonly slowOver: number;
  /** Place in `recent` where the breach seems to begin. */
  readonly onset: number;
}

/** Judges the last points (oldest first, `everyMs` apart) against the past. `null` while the past has no median. */
export function weigh(
  past: Past,
  recent: readonly Point[],
  everyMs: Millis,
  { fast, slow, atOnce, atOnceMs, lastsMs }: LatencyShiftSettings,
): Shift | null {
  const last = recent.at(-1);
  if (past.usual === null || last === undefined) return null;
  const fastMs = thresholdOf(past, last, fast);
  const slowMs = thresholdOf(past, last, slow);
  const needed = neededFor(lastsMs, everyMs);
  const isOver = isBeyond(past, last, fastMs, fast);
  const fastOver = recent
    .slice(-1 - needed)
    .filter((point) => isBeyond(past, point, fastMs, fast)).length;
  const slowOver = recent.filter((point) => point.ms > slowMs).length;
  const isAtOnce =
    isOver && everyMs >= atOnceMs && isBeyond(past, last, thresholdOf(past, last, atOnce), atOnce);
  const isSlow =
    recent.length === 10 && slowOver >= 5 && middleOf(recent) > slowMs && isUp(past, recent, slow);
  const isLasting = isOver && fastOver >= needed;
  return {
    rule: isAtOnce ? "at once" : isLasting ? "lasting" : isSlow ? "median of 10" : null,
    isOver,
    thresholdMs: isSlow && !isOver ? slowMs : fastMs,
    fastOver,
    needed,
    slowOver,
    onset: slowOver === 0 ? recent.length - 1 : firstOver(recent, slowMs),
  };
}

/** How many points last so long; two at least. */
export function neededFor(lastsMs: Millis, everyMs: Millis): number {
  return Math.max(2, Math.ceil(lastsMs / everyMs));
}

/** Whether a breach seems to be over: the median of the last three points (or one slow one) is near the usual one again. */
export function isCalm(
  past: Past,
  recent: readonly Point[],
  shift: Shift,
  everyMs: Millis,
  { fast, calm, atOnceMs }: LatencyShiftSettings,
): boolean {
  const last = recent.at(-1);
  if (last === undefined || shift.isOver) return false;
  const some = recent.slice(everyMs >= atOnceMs ? -1 : -3);
  // Always well below what opens, so that nothing flaps between the two.
  const most = CALM_AT_MOST * thresholdOf(past, last, fast);
  if (middleOf(some) > Math.min(most, thresholdOf(past, last, calm))) return false;
  const least = Math.max(calm.leap, calm.leapSigmas * (past.usual?.ten.leap ?? 0));
  return tailsOf(past, some).every((tail) => tail.total === 0 || leap(tail) <= least);
}

function thresholdOf({ usual }: Past, point: Point, margin: Margin): number {
  if (usual === null) return Infinity;
  // With buckets, the scatter of a p95 is mostly that of its interpolation; there the scatter of the counts decides (isUp).
  const weight = point.histogram === null || margin.chance === 1 ? 1 : BUCKET_WEIGHT;
  // A scatter learnt from few samples may be small by luck.
  const scatter = weight * margin.sigmas * usual[margin.of].log * (1 + 8 / usual.samples);
  const factor = Math.max(1 + margin.rise, Math.min(margin.most, Math.exp(scatter)));
  return Math.max(usual.ms * factor, usual.ms + margin.floorMs);
}

function isBeyond(past: Past, point: Point, ms: number, margin: Margin): boolean {
  return point.ms > ms && isUp(past, [point], margin);
}

/**
 * With buckets: whether the share of requests over a bound next to the usual p95 is up by far, and no chance. A p95
 * interpolated between coarse bounds jumps from one to the next by a single request or a slight drift; a share does not.
 */
function isUp(past: Past, points: readonly Point[], margin: Margin): boolean {
  if (points.every(({ histogram }) => histogram === null)) return true;
  const { usual } = past;
  if (usual === null) return false;
  const tails = tailsOf(past, points);
  // A rise of all times by a factor moves the share by log(factor) / spread; a fifth less for what buckets blur.
  const moved = (0.8 * Math.log(1 + margin.rise)) / usual.spread;
  const least = Math.max(margin.leap, margin.leapSigmas * usual[margin.of].leap, moved);
  return tails.some((tail) => {
    if (leap(tail) < least) return false;
    const count = Math.min(tail.count, tail.total);
    return binomialAtLeast(count, tail.total, tail.usual) * tails.length <= margin.chance;
  });
}

/** The first point over the threshold after which most are over it. */
function firstOver(recent: readonly Point[], ms: number): number {
  const place = recent.findIndex(
    (point, index) =>
      point.ms > ms &&
      recent.slice(index).filter((later) => later.ms > ms).length >= (recent.length - index) * 0.6,
  );
  return place < 0 ? recent.length - 1 : place;
}

const CALM_AT_MOST = 0.85;
const BUCKET_WEIGHT = 0.4;
