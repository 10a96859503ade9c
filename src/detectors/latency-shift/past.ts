import type { Instant } from "../../domain/time.ts";
import { bucketQuantile } from "../../statistics/histogram.ts";
import { medianAndMad } from "../../statistics/median-mad.ts";
import { normalQuantile } from "../../statistics/normal.ts";
import { median, quantile } from "../../statistics/quantile.ts";
import { round } from "../round.ts";
import { above, bucketsOf, type Histogram } from "./reading.ts";

/** One p95 that was judged. */
export interface Point {
  readonly ts: Instant;
  readonly ms: number;
  readonly histogram: Histogram | null;
}

/** What is usual. Logarithms, because latencies scatter by factors and not by milliseconds. */
export interface Past {
  readonly from: Instant | null;
  /** How many points were ever taken in. */
  readonly taken: number;
  readonly logs: readonly number[];
  /** With buckets: how far each point's share of slow requests lay from the usual one, in probits. */
  readonly leaps: readonly number[];
  /** The same two of ten points together: neighbours are alike, so ten scatter more than one / sqrt(10). */
  readonly tenLogs: readonly number[];
  readonly tenLeaps: readonly number[];
  /** Requests over each bound, older ones fading. */
  readonly counted: Histogram | null;
  readonly usual: Usual | null;
}

export interface Usual {
  readonly ms: number;
  readonly samples: number;
  /** Robust standard deviations of one point and of ten together. */
  /** Standard deviation of the logarithm of one request's time, as far as the buckets show it. */
  readonly spread: number;
  readonly one: Scatter;
  readonly ten: Scatter;
}

export interface Scatter {
  readonly log: number;
  readonly leap: number;
}

export const PAST_START: Past = {
  from: null,
  taken: 0,
  logs: [],
  leaps: [],
  tenLogs: [],
  tenLeaps: [],
  counted: null,
  usual: null,
};

/** Takes one point into the past; `recent` are the last ten. Median and scatter follow when a twelfth is new. */
export function admit(past: Past, point: Point, recent: readonly Point[]): Past {
  const taken = past.taken + 1;
  const isTens = recent.length === 10 && taken % TENS_EVERY === 0;
  const logs = push(past.logs, logOf(point.ms), MOST_POINTS);
  const next = {
    ...past,
    from: past.from ?? point.ts,
    taken,
    logs,
    leaps: point.histogram === null ? [] : push(past.leaps, leapOf(past, [point]), MOST_POINTS),
    tenLogs: isTens ? push(past.tenLogs, logOf(middleOf(recent)), MOST_TENS) : past.tenLogs,
    tenLeaps: isTens ? push(past.tenLeaps, leapOf(past, recent), MOST_TENS) : past.tenLeaps,
    counted: point.histogram === null ? past.counted : fade(past.counted, point.histogram),
  };
  const isDue = past.usual === null || taken % Math.max(1, Math.floor(logs.length / 12)) === 0;
  return isDue ? { ...next, usual: usualOf(next) } : next;
}

/** The median of some points in ms; 0 without any. */
export function middleOf(points: readonly Point[]): number {
  return median(points.map(({ ms }) => ms)) ?? 0;
}

/** A bound next to the usual p95: the share of requests that usually exceeds it, and how many did now. */
export interface Tail {
  readonly usual: number;
  readonly count: number;
  readonly total: number;
}

/** The points' tails over the last bound below the usual p95 and over the first one not below; none without buckets. */
export function tailsOf({ counted, usual }: Past, points: readonly Point[]): readonly Tail[] {
  const next = counted?.bounds.findIndex((bound) => bound >= (usual?.ms ?? 0)) ?? -1;
  if (counted === null || next < 0) return [];
  return [next - 1, next]
    .filter((place) => place >= 0)
    .map((place) => {
      const past = above(counted, place);
      const sums = points.flatMap(({ histogram }) =>
        histogram === null ? [] : [above(histogram, place)],
      );
      return {
        usual: (past.count + 0.5) / (past.total + 1),
        count: Math.round(sums.reduce((sum, { count }) => sum + count, 0)),
        total: Math.round(sums.reduce((sum, { total }) => sum + total, 0)),
      };
    });
}

/** How far a tail lies over the usual one, in standard deviations of the logarithm of one request's time (probits). */
export function leap({ usual, count, total }: Tail): number {
  return normalQuantile((count + 0.5) / (total + 1)) - normalQuantile(usual);
}

function usualOf({ logs, leaps, tenLogs, tenLeaps, counted }: Omit<Past, "usual">): Usual | null {
  const baseline = medianAndMad(logs);
  if (baseline === null) return null;
  const one = { log: scatterOf(logs, baseline), leap: medianAndMad(leaps)?.sigma ?? 0 };
  return {
    ms: Math.exp(baseline.median),
    samples: logs.length,
    spread: spreadOf(counted),
    one,
    ten: tenOf(one, tenLogs, tenLeaps),
  };
}

/**
 * How far values scatter: by MAD, or by how far neighbours lie apart, if that is more (85 % of the distances of normal ones
 * lie within 1.44 of their deviations). Some latencies have two levels, which MAD does not see; a fault that went unnoticed
 * changes two distances only, however long it lasted.
 */
function scatterOf(logs: readonly number[], baseline = medianAndMad(logs)): number {
  const apart = logs.slice(1).map((log, index) => Math.abs(log - (logs[index] ?? log)));
  const restless = (quantile(apart, 0.85) ?? 0) / (Math.SQRT2 * 1.44);
  return Math.max(baseline?.sigma ?? 0, restless);
}

function spreadOf(counted: Histogram | null): number {
  if (counted === null) return 1;
  const buckets = bucketsOf(counted);
  const p50 = bucketQuantile(buckets, 0.5)?.value ?? 0;
  const p95 = bucketQuantile(buckets, 0.95)?.value ?? 0;
  if (p50 <= 0 || p95 <= p50) return LEAST_SPREAD;
  const spread = Math.log(p95 / p50) / normalQuantile(0.95);
  return Math.min(MOST_SPREAD, Math.max(LEAST_SPREAD, spread));
}

/** Until ten together are known, they scatter as much as one; later at least a little less than half as much. */
function tenOf(one: Scatter, tenLogs: readonly number[], tenLeaps: readonly number[]): Scatter {
  if (tenLogs.length < FEWEST_TENS) return one;
  return {
    log: Math.max(LEAST_OF_ONE * one.log, scatterOf(tenLogs)),
    leap: Math.max(LEAST_OF_ONE * one.leap, medianAndMad(tenLeaps)?.sigma ?? 0),
  };
}

function leapOf(past: Past, points: readonly Point[]): number {
  const leaps = tailsOf(past, points).map(leap);
  return leaps.length === 0 ? 0 : Math.max(...leaps);
}

function logOf(ms: number): number {
  return Math.log(Math.max(ms, LEAST_MS));
}

/** Four digits are more than any of these values is worth, and keep the stored state small. */
function push(ring: readonly number[], value: number, most: number): readonly number[] {
  const kept = ring.slice(Math.max(0, ring.length + 1 - most));
  kept.push(round(value, 4));
  return kept;
}

function fade(old: Histogram | null, fresh: Histogram): Histogram {
  const isSame =
    old !== null &&
    old.bounds.length === fresh.bounds.length &&
    old.bounds.every((bound, index) => bound === fresh.bounds[index]);
  if (!isSame) return fresh;
  return {
    bounds: old.bounds,
    counts: old.counts.map((count, i) => count * (1 - 1 / MOST_POINTS) + (fresh.counts[i] ?? 0)),
  };
}

const MOST_POINTS = 240;
const MOST_TENS = 120;
const TENS_EVERY = 3;
const LEAST_SPREAD = 0.3;
const MOST_SPREAD = 0.6;
const FEWEST_TENS = 20;
/** 1 / sqrt(10) if neighbours were unlike, 1 if they were the same. */
const LEAST_OF_ONE = 0.45;
/** Below a millisecond, factors mean nothing to anybody. */
const LEAST_MS = 1;
