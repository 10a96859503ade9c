import { HOUR_MS, type Instant } from "../../domain/time.ts";
import { FLOOR_MS, type Floor } from "./floors.ts";

/** What this memory does without being a leak: kept over restarts, because it belongs to the app and not to a process. */
export interface Usual {
  /** The last eight days, today the last. */
  readonly days: readonly Day[];
  /** The heights at which memory fell by itself. */
  readonly peaks: readonly { readonly ts: Instant; readonly height: number }[];
}

interface Day {
  readonly day: number;
  /** The highest floor of each hour of the day; `null` where nothing was seen. */
  readonly highs: readonly (number | null)[];
  /** How far above the rhythm of the days before it was; 0 when that was not known. */
  readonly excess: number;
}

/** The rhythm of a day: the highest floor of each hour on any of the days before. */
export type Rhythm = readonly (number | null)[];

export const USUAL_START: Usual = { days: [], peaks: [] };

/** Takes floors that were no leak as an example of what is usual. */
export function learn(usual: Usual, floors: readonly Floor[]): Usual {
  return floors.reduce(learnOne, usual);
}

function learnOne(usual: Usual, floor: Floor): Usual {
  const day = Math.floor((floor.at * FLOOR_MS) / DAY_MS);
  const hour = Math.floor(((floor.at * FLOOR_MS) % DAY_MS) / HOUR_MS);
  const usually = levelAt(rhythmOf(usual, day), floor.at);
  const excess = usually === null ? 0 : floor.least - usually;
  const known = usual.days.find((one) => one.day === day) ?? { day, highs: NO_HIGHS, excess: 0 };
  const highs = known.highs.with(hour, Math.max(known.highs[hour] ?? floor.least, floor.least));
  const learnt = { day, highs, excess: Math.max(known.excess, excess) };
  const others = usual.days.filter((one) => one.day !== day);
  const days = [...others, learnt].sort((a, b) => a.day - b.day).slice(-MOST_DAYS);
  return { ...usual, days };
}

/** The rhythm as the days before this one know it. */
export function rhythmOf({ days }: Usual, day: number): Rhythm {
  return NO_HIGHS.map((_, hour) => {
    const highs = days.flatMap((one) => {
      const high = one.day < day && one.day >= day - MOST_DAYS ? one.highs[hour] : null;
      return high === null || high === undefined ? [] : [high];
    });
    return highs.length === 0 ? null : Math.max(...highs);
  });
}

/** The rhythm at the time of one floor, on the line between the middles of two hours; `null` where it is not known. */
export function levelAt(rhythm: Rhythm, at: number): number | null {
  const hours = (((at + 0.5) * FLOOR_MS) % DAY_MS) / HOUR_MS - 0.5;
  const before = rhythm[(Math.floor(hours) + 24) % 24] ?? null;
  const after = rhythm[(Math.floor(hours) + 1) % 24] ?? null;
  return before === null || after === null
    ? null
    : before + (after - before) * (hours - Math.floor(hours));
}

/** How far above the rhythm memory was on any day before this one. */
export function usualExcess({ days }: Usual, day: number): number {
  return Math.max(0, ...days.flatMap((one) => (one.day < day ? [one.excess] : [])));
}

/** A leak that a restart ended is no example: its day is forgotten, and the day before, on which it may have begun. */
export function forgetLeak(usual: Usual, ts: Instant): Usual {
  const today = Math.floor(ts / DAY_MS);
  return { ...usual, days: usual.days.filter(({ day }) => day < today - 1) };
}

/** Notes that memory fell from this height without a restart that we know of. */
export function notePeak(usual: Usual, ts: Instant, height: number): Usual {
  return { ...usual, peaks: [...usual.peaks, { ts, height }].slice(-MOST_PEAKS) };
}

/** Up to which height memory rises and falls by itself: known after two falls within three days, `null` before. */
export function usualPeak(usual: Usual, ts: Instant): number | null {
  const recent = usual.peaks.filter((peak) => ts - peak.ts <= 72 * HOUR_MS);
  return recent.length < 2 ? null : Math.max(...recent.map(({ height }) => height));
}

const DAY_MS = 24 * HOUR_MS;
const MOST_DAYS = 9;
const MOST_PEAKS = 8;
const NO_HIGHS: readonly (number | null)[] = Array.from({ length: 24 }, () => null);
