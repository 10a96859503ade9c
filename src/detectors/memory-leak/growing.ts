import { HOUR_MS, type Millis } from "../../domain/time.ts";
import { calmed, FLOOR_MS, startOf, type Floor } from "./floors.ts";
import type { MemoryLeakState } from "./index.ts";
import type { MemoryLeakSettings } from "./settings.ts";
import { trendOf, type Trend } from "./trend.ts";
import { levelAt, rhythmOf, usualExcess, usualPeak } from "./usual.ts";

/** A steady, large and unusual growth. */
export interface Growing {
  readonly trend: Trend;
  /** At this pace, from the last floor; `null` where no limit is known. */
  readonly hoursLeft: number | null;
}

/** What the windows show: the trend of the shortest, and of those that grow the one that reaches the limit first. */
export function growingOf(
  state: MemoryLeakState,
  settings: MemoryLeakSettings,
): { readonly shortest: Trend | null; readonly growing: Growing | null } {
  const series = seriesOf(state);
  const shortestMs = settings.windowsMs[0] ?? LONG_MS;
  const shortest = trendWithin(state, series, shortestMs, settings);
  const found: Growing[] = [];
  const calmSeries = [series];
  for (const windowMs of settings.windowsMs) {
    const spans = windowMs > LONG_MS ? [1] : settings.spans;
    for (const [index, span] of spans.entries()) {
      const judged = (calmSeries[index] ??= calm(series, span));
      const trend = leakWithin(state, judged, windowMs, settings);
      if (trend === null) continue;
      const { limit } = state;
      const hoursLeft = limit === null ? null : Math.max(0, limit - series.now) / trend.slope;
      found.push({ trend, hoursLeft });
      break;
    }
  }
  const growing = found.toSorted((a, b) => (a.hoursLeft ?? 0) - (b.hoursLeft ?? 0))[0] ?? null;
  return { shortest: growing?.trend ?? shortest, growing };
}

/** The floors, and how far they lie above the rhythm of the days before, as far as that is known. */
interface Series {
  /** So many floors were calmed together. */
  readonly span: number;
  readonly floors: readonly Floor[];
  readonly above: readonly Floor[];
  readonly now: number;
  /** `null` where the rhythm is not known at this time of day. */
  readonly aboveNow: number | null;
  readonly day: number;
}

function seriesOf({ envelope, usual }: MemoryLeakState): Series {
  const { floors } = envelope;
  const last = floors.at(-1) ?? NOWHERE;
  const day = Math.floor(startOf(last) / DAY_MS);
  const rhythm = rhythmOf(usual, day);
  const above: Floor[] = [];
  for (const { at, least } of floors) {
    const level = levelAt(rhythm, at);
    if (level !== null) above.push({ at, least: least - level });
  }
  const level = levelAt(rhythm, last.at);
  return {
    span: 1,
    floors,
    above,
    now: last.least,
    aboveNow: level === null ? null : last.least - level,
    day,
  };
}

/** Without the teeth of collections that take up to so many floors. */
function calm(series: Series, span: number): Series {
  if (span === 1) return series;
  const floors = calmed(series.floors, span);
  const above = calmed(series.above, span);
  const now = floors.at(-1)?.least ?? series.now;
  const aboveNow = series.aboveNow === null ? null : (above.at(-1)?.least ?? null);
  return { ...series, span, floors, above, now, aboveNow };
}

/** What is cheap to ask is asked first, because this is asked every ten minutes. */
function leakWithin(
  state: MemoryLeakState,
  series: Series,
  windowMs: Millis,
  settings: MemoryLeakSettings,
): Trend | null {
  const limit = state.limit ?? series.now;
  const least =
    limit *
    settings.swing *
    rhythmShare(windowMs) *
    (isKnown(series, windowMs) ? settings.knownSwing : 1);
  if (riseWithin(series, windowMs) < least / 2) return null;
  if (!isUnusual(state, series, windowMs, least, settings)) return null;
  const trend = trendWithin(state, series, windowMs, settings);
  return trend?.isSteady === true && trend.growth >= least ? trend : null;
}

/** How much of its swing a daily rhythm rises in such a window at most. */
function rhythmShare(windowMs: Millis): number {
  return Math.sin((Math.PI / 2) * Math.min(1, windowMs / (DAY_MS / 2)));
}

function isUnusual(
  { limit, usual }: MemoryLeakState,
  { floors, above, now, aboveNow, day }: Series,
  windowMs: Millis,
  least: number,
  settings: MemoryLeakSettings,
): boolean {
  // It has fallen by itself from this height before. Near the limit a fall is a kill, and no example.
  const peak = usualPeak(usual, startOf(floors.at(-1) ?? NOWHERE));
  if (peak !== null && now <= peak * 1.02 && (limit === null || peak < 0.85 * limit)) return false;
  if (aboveNow === null || windowMs >= DAY_MS)
    return now > highBefore(floors, windowMs) && (aboveNow ?? Infinity) > least / 2;
  const rise = now - (floors.at(-windowMs / FLOOR_MS)?.least ?? now);
  return (
    rise > least / 4 &&
    aboveNow > least / 2 &&
    aboveNow > usualExcess(usual, day) * settings.beyondUsual &&
    aboveNow > highBefore(above, windowMs)
  );
}

/** The rhythm of the day is taken off where it is known; a whole day has none. */
function trendWithin(
  state: MemoryLeakState,
  series: Series,
  windowMs: Millis,
  settings: MemoryLeakSettings,
): Trend | null {
  const end = startOf(series.floors.at(-1) ?? NOWHERE);
  const isFresh = end - windowMs - (state.since ?? 0) < settings.freshMs;
  return trendOf(judgedOf(series, windowMs), windowMs, { span: series.span, isFresh }, settings);
}

function judgedOf(series: Series, windowMs: Millis): readonly Floor[] {
  return isKnown(series, windowMs) ? series.above : series.floors;
}

/** Is the rhythm of the days before known all through the window? */
function isKnown({ floors, above, aboveNow }: Series, windowMs: Millis): boolean {
  const start = above.at(-windowMs / FLOOR_MS)?.at ?? -Infinity;
  const isCovered = (floors.at(-1)?.at ?? 0) - start < windowMs / FLOOR_MS + SPARE;
  return aboveNow !== null && windowMs < DAY_MS && isCovered;
}

/** From the lowest of the window's first third to the highest of its last: no line through it grows much more. */
function riseWithin(series: Series, windowMs: Millis): number {
  const count = windowMs / FLOOR_MS;
  const judged = judgedOf(series, windowMs);
  const low = judged.slice(-count, Math.ceil((-count * 2) / 3)).map(({ least }) => least);
  const high = judged.slice(-count / 3).map(({ least }) => least);
  return Math.max(...high) - Math.min(...low);
}

/** How high it was before the window began. */
function highBefore(floors: readonly Floor[], windowMs: Millis): number {
  const start = (floors.at(-1)?.at ?? 0) - windowMs / FLOOR_MS;
  let high = -Infinity;
  for (const { at, least } of floors) if (at <= start) high = Math.max(high, least);
  return high;
}

const DAY_MS = 24 * HOUR_MS;
/** Points of longer windows are long enough by themselves. */
const LONG_MS = 6 * HOUR_MS;
const SPARE = 6;
const NOWHERE: Floor = { at: 0, least: 0 };
