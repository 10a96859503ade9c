import { HOUR_MS, type Instant, type Millis } from "../../domain/time.ts";

/** So many events were counted in so long. */
export interface Exposed {
  readonly count: number;
  readonly coveredMs: Millis;
}

interface Most {
  readonly day: number;
  readonly most: number;
}

/** Counts of the window under way, and of whole windows before it. */
export interface Counts {
  /** Sixths of a window, the newest last: those within a window, and two at least. */
  readonly cells: readonly (Exposed & { readonly at: number })[];
  /** The window being filled, which becomes an example when two later ones are full. */
  readonly open: Exposed | null;
  /** The past hour, at least ten windows. */
  readonly windows: readonly Exposed[];
  /** The largest window at each hour of the day, and on which day it was. */
  readonly hours: readonly (Most | null)[];
}

export const COUNTS_START: Counts = {
  cells: [],
  open: null,
  windows: [],
  hours: Array.from({ length: 24 }, () => null),
};

/** Adds one count to the window under way, and forgets what lies before it. */
export function add(counts: Counts, ts: Instant, seen: Exposed, windowMs: Millis): Counts {
  const at = Math.floor((ts * CELLS) / windowMs);
  const last = counts.cells.at(-1);
  const isSame = last?.at === at;
  const cell = { at, ...(isSame ? plus(last, seen) : seen) };
  const before = isSame ? counts.cells.slice(0, -1) : counts.cells;
  const recent = before.filter((one, index) => one.at > at - CELLS || index === before.length - 1);
  return { ...counts, cells: [...recent, cell] };
}

/** The window under way. */
export function windowOf({ cells }: Counts): Exposed {
  return cells.reduce<Exposed>(plus, NOTHING);
}

/** The same without its fullest sixth: what one user does in one moment is no burst. */
export function restOf(counts: Counts): Exposed {
  const fullest = counts.cells.reduce<Exposed>(
    (most, one) => (one.count > most.count ? one : most),
    NOTHING,
  );
  const { count, coveredMs } = windowOf(counts);
  return { count: count - fullest.count, coveredMs: coveredMs - fullest.coveredMs };
}

/** Takes a count that was no burst as an example of what is usual, two windows later. */
export function learn(counts: Counts, ts: Instant, seen: Exposed, windowMs: Millis): Counts {
  const open = plus(counts.open ?? NOTHING, seen);
  if (open.coveredMs < windowMs) return { ...counts, open };
  const most = Math.max(LEAST, Math.floor(HOUR_MS / windowMs)) + YOUNG;
  const windows = [...counts.windows, open].slice(-most);
  const grown = windows.at(-1 - YOUNG);
  const hours = grown === undefined ? counts.hours : learnMost(counts.hours, ts, grown.count);
  return { ...counts, open: null, windows, hours };
}

/** A burst may have begun before it was seen: what is young is no example. */
export function forgetYoung(counts: Counts): Counts {
  return { ...counts, open: null, windows: counts.windows.slice(0, -YOUNG) };
}

/** Windows old enough to be an example. */
export function pastOf({ windows }: Counts): readonly Exposed[] {
  return windows.slice(0, -YOUNG);
}

/** The largest window of the last eight days within three hours of this time of day. */
export function mostAround({ hours }: Counts, ts: Instant): number {
  const around = [-3, -2, -1, 0, 1, 2, 3].map(
    (off) => hours[(HOURS + hourOf(ts) + off) % HOURS] ?? null,
  );
  const known = around.flatMap((one) =>
    one === null || dayOf(ts) - one.day > MOST_DAYS ? [] : [one.most],
  );
  return Math.max(0, ...known);
}

function learnMost(hours: Counts["hours"], ts: Instant, count: number): Counts["hours"] {
  const known = hours[hourOf(ts)] ?? null;
  const day = dayOf(ts);
  const isKnown = known !== null && known.most > count && day - known.day <= MOST_DAYS;
  return isKnown ? hours : hours.with(hourOf(ts), { day, most: count });
}

function hourOf(ts: Instant): number {
  return Math.floor(ts / HOUR_MS) % HOURS;
}

function dayOf(ts: Instant): number {
  return Math.floor(ts / (HOURS * HOUR_MS));
}

function plus(one: Exposed, other: Exposed): Exposed {
  return { count: one.count + other.count, coveredMs: one.coveredMs + other.coveredMs };
}

const NOTHING: Exposed = { count: 0, coveredMs: 0 };
const CELLS = 6;
const LEAST = 10;
const YOUNG = 2;
const MOST_DAYS = 8;
const HOURS = 24;
