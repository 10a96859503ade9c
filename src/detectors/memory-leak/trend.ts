import { HOUR_MS, type Instant, type Millis } from "../../domain/time.ts";
import { hamedRao } from "../../statistics/mann-kendall.ts";
import { median } from "../../statistics/quantile.ts";
import { theilSen } from "../../statistics/theil-sen.ts";
import { FLOOR_MS, pointsOf, startOf, type Floor } from "./floors.ts";
import type { MemoryLeakSettings } from "./settings.ts";

/** What one window of the lower envelope says. Memory in its own unit, slopes per hour. */
export interface Trend {
  readonly windowMs: Millis;
  readonly p: number;
  /** How many times the growth exceeds what a random walk with the same steps covers in that time. */
  readonly drift: number;
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
  /** Slope x window. */
  readonly growth: number;
  /** Significant, steady to the end, without large falls. How large it must be is not asked here. */
  readonly isSteady: boolean;
  readonly onset: Instant;
}

/**
 * The trend of the last window of `floors`; `null` while too little of it was seen. `span`: so many floors were calmed
 * together. `isFresh`: the process is young, and a cache that fills more and more slowly is likelier than a leak.
 */
export function trendOf(
  floors: readonly Floor[],
  windowMs: Millis,
  { span, isFresh }: { readonly span: number; readonly isFresh: boolean },
  settings: MemoryLeakSettings,
): Trend | null {
  const points = pointsOf(floors, windowMs, POINTS);
  const seen = points.flatMap((value, index) => (value === null ? [] : [{ index, value }]));
  const values = seen.map(({ value }) => value);
  if (seen.length < FEWEST_POINTS || points[0] === null || points.at(-1) === null) return null;
  const perPoint = windowMs / POINTS / HOUR_MS;
  const hours = seen.map(({ index }) => (index - POINTS + 1) * perPoint);
  const line = theilSen(hours, values, 0.95);
  const test = hamedRao(points, { gaps: "keep", lags: 3, correction: "widen" });
  if (line === null || test === null) return null;
  const growth = (line.slope * windowMs) / HOUR_MS;
  const drift = growth / wandering(points, line.slope * perPoint, stepOf(span, windowMs));
  const isRising =
    test.z > 0 &&
    test.p < settings.alpha &&
    drift >= settings.drift &&
    line.lower > settings.sureSlope * line.slope;
  const isSteady =
    isRising &&
    isUpToTheEnd(points) &&
    (!isFresh || isStraight(hours, values)) &&
    largestFall(values) <= settings.fall * growth;
  const { slope, lower, upper } = line;
  const onset = isSteady ? onsetOf(floors, windowMs, line) : 0;
  return { windowMs, p: test.p, drift, slope, lower, upper, growth, isSteady, onset };
}

/**
 * Two points, because what one look adds by chance the next takes away; as far as the floors were calmed together, because
 * those make steps of this length.
 */
function stepOf(span: number, windowMs: Millis): number {
  return Math.max(2, Math.ceil((span * FLOOR_MS) / (windowMs / POINTS)));
}

/** How far a random walk with the steps of these points goes within the window: one standard deviation. */
function wandering(points: readonly (number | null)[], slope: number, step: number): number {
  let sum = 0;
  let count = 0;
  for (let index = step; index < points.length; index += 1) {
    const [before, after] = [points[index - step] ?? null, points[index] ?? null];
    if (before === null || after === null) continue;
    sum += (after - before - step * slope) ** 2;
    count += step;
  }
  return count === 0 ? Infinity : Math.sqrt((sum / count) * points.length);
}

/** A step and a cache that fills do not go on rising: the last third must rise too, and not much less than the second. */
function isUpToTheEnd(points: readonly (number | null)[]): boolean {
  const third = points.length / 3;
  const [first, second, last] = [0, 1, 2].map((part) => {
    const values = points.slice(part * third, (part + 1) * third).filter((value) => value !== null);
    return values.length === 0 ? Number.NaN : Math.min(...values);
  });
  const early = (second ?? 0) - (first ?? 0);
  const late = (last ?? 0) - (second ?? 0);
  // Written so that a third without values is no.
  return early >= 0.2 * (early + late) && late >= 0.2 * (early + late) && late >= 0.4 * early;
}

/** The second half rises nearly as fast as the first. */
function isStraight(hours: readonly number[], values: readonly number[]): boolean {
  const half = Math.ceil(hours.length / 2);
  const early = theilSen(hours.slice(0, half), values.slice(0, half), 0.95)?.slope ?? 0;
  const late = theilSen(hours.slice(-half), values.slice(-half), 0.95)?.slope ?? 0;
  return late >= 0.8 * early;
}

function largestFall(values: readonly number[]): number {
  let highest = -Infinity;
  let fall = 0;
  for (const value of values) {
    highest = Math.max(highest, value);
    fall = Math.max(fall, highest - value);
  }
  return fall;
}

/** Where the line meets the level of the window before; the beginning of the window if there was none. */
function onsetOf(
  floors: readonly Floor[],
  windowMs: Millis,
  line: { readonly slope: number; readonly intercept: number },
): Instant {
  const last = floors.at(-1);
  const end = last === undefined ? 0 : startOf(last) + FLOOR_MS;
  const start = end - windowMs;
  const before = floors.filter((floor) => startOf(floor) < start);
  const level = median(before.slice(-POINTS).map(({ least }) => least));
  if (level === null) return start;
  const meeting = end + ((level - line.intercept) / line.slope) * HOUR_MS;
  const earliest = before[0];
  const least = earliest === undefined ? start : Math.max(startOf(earliest), start - windowMs);
  return Math.round(Math.min(end, Math.max(least, meeting)));
}

const POINTS = 18;
const FEWEST_POINTS = 14;
