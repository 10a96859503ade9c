import type { Instant, Millis } from "../../domain/time.ts";
import type { Reading, Sums } from "./reading.ts";

/** The readings of one process, as far as its identity tells. */
export interface Track {
  readonly last: Reading;
  readonly at: Instant;
  /** Readings in a row that never fell. */
  readonly steady: number;
  /** So many are needed before a difference is believed; twice as many before further readings tell nothing new. */
  readonly needed: number;
}

/** What was counted between two readings of one process. */
export interface Delta {
  readonly sums: Sums;
  readonly buckets: ReadonlyMap<number, number> | null;
  readonly ms: Millis;
}

export interface Step {
  readonly track: Track;
  /** `null`: nothing to compare with, or not yet to be believed. */
  readonly delta: Delta | null;
  /** It fell before it was believed: more than one process hides behind one identity. */
  readonly isMixed: boolean;
}

/**
 * Takes one more reading. Two workers that share an identity alternate, and a difference between them is no count: so a
 * process is believed only when its counts did not fall ten times in a row, its first difference must hold for ten more, and
 * after a fall within that time it takes so many that chance cannot give them. What was counted before a gap, or by a process
 * that is gone, is never counted later.
 */
export function follow(
  track: Track | undefined,
  reading: Reading,
  at: Instant,
  gapMs: Millis,
): Step {
  if (track === undefined)
    return { track: { last: reading, at, steady: 1, needed: NEEDED }, delta: null, isMixed: false };
  const isBelieved = track.steady >= track.needed;
  if (isFallen(track.last, reading)) {
    const needed = isUnproven(track) || track.needed > NEEDED ? NEEDED_AFTER_DOUBT : NEEDED;
    return {
      track: { last: reading, at, steady: 1, needed },
      delta: null,
      isMixed: needed === NEEDED_AFTER_DOUBT,
    };
  }
  const next = { last: reading, at, steady: track.steady + 1, needed: track.needed };
  const isClose = at - track.at <= gapMs;
  return {
    track: next,
    delta: isBelieved && isClose ? deltaOf(track, next) : null,
    isMixed: !isBelieved && track.needed === NEEDED_AFTER_DOUBT,
  };
}

/** True while more readings at once would tell sooner. */
export function isUnproven({ steady, needed }: Track): boolean {
  return steady < 2 * needed;
}

/** Of pairs of processes that answer by chance, one in a thousand does not fall in so many readings, one in a million in twice as many. */
export const NEEDED = 10;
const NEEDED_AFTER_DOUBT = 256;

/** Whether the counts of requests cannot be of the same process, later. */
export function hasFallen(before: Reading, after: Reading): boolean {
  for (const [series, count] of before.rising)
    if (count > (after.rising.get(series) ?? -Infinity)) return true;
  return false;
}

function isFallen(before: Reading, after: Reading): boolean {
  const { cpuSeconds } = after.sums;
  if (cpuSeconds !== undefined && cpuSeconds < (before.sums.cpuSeconds ?? 0)) return true;
  return hasFallen(before, after);
}

function deltaOf(before: Track, after: Track): Delta {
  const risen = (name: keyof Sums): Sums => {
    const [was, is] = [before.last.sums[name], after.last.sums[name]];
    return was === undefined || is === undefined ? {} : { [name]: Math.max(0, is - was) };
  };
  return {
    sums: {
      ...risen("requests"),
      ...risen("failed"),
      ...risen("auth_failures"),
      ...risen("refused"),
      ...risen("cpuSeconds"),
    },
    buckets: bucketsBetween(before.last.buckets, after.last.buckets),
    ms: after.at - before.at,
  };
}

/** `null` when one is no histogram, or has other bounds. Buckets of one page can be read at slightly different moments. */
function bucketsBetween(
  before: Reading["buckets"],
  after: Reading["buckets"],
): ReadonlyMap<number, number> | null {
  if (before === null || after === null) return null;
  if (before.size === 0) return after;
  if (before.size !== after.size) return null;
  const deltas: [number, number][] = [];
  for (const [bound, count] of after) {
    const was = before.get(bound);
    if (was === undefined) return null;
    deltas.push([bound, Math.max(0, count - was)]);
  }
  return new Map(deltas);
}
