import { HOUR_MS, MINUTE_MS, type Instant } from "../../domain/time.ts";
import { quantile } from "../../statistics/quantile.ts";

/** How far this signal strays from its own level without being a breach. */
export interface Usual {
  /** Distances of single cells: the first sixty, then one every five minutes; the last day. */
  readonly distances: readonly number[];
  readonly taken: Instant | null;
  /** How large the level was, on the mean of as long: what is larger than that strays further. */
  readonly size: number;
  /** Robust standard deviation of the distances around zero; `null` before there are a few. */
  readonly sigma: number | null;
  /** The largest lasting distance per day, today the last; eight days. */
  readonly days: readonly { readonly day: number; readonly most: number }[];
  /** The largest lasting distance of this quarter of an hour, and of the one before: too young to be an example. */
  readonly young: { readonly from: Instant; readonly most: number; readonly before: number } | null;
}

export const USUAL_START: Usual = {
  distances: [],
  taken: null,
  size: 0,
  sigma: null,
  days: [],
  young: null,
};

/** Takes one cell in: its own distance from the level, and the distance that lasted over the last cells. */
export function learn(
  usual: Usual,
  ts: Instant,
  seen: { readonly level: number; readonly distance: number; readonly lasting: number },
): Usual {
  const { level, distance, lasting } = seen;
  const grown = { ...usual, ...learnLasting(usual, ts, lasting) };
  const isSoon = usual.taken !== null && ts - usual.taken < APART_MS;
  if (isSoon && usual.distances.length >= MANY) return grown;
  const distances = [...usual.distances, Number(Math.abs(distance).toPrecision(4))].slice(-MOST);
  const sigma = distances.length < FEW ? null : scatterOf(distances);
  const size = usual.size + (Math.abs(level) - usual.size) / distances.length;
  return { ...grown, distances, taken: ts, size, sigma };
}

/** Of a normal law half lie within 0.6745 and nine tenths within 1.645; of rare counts more than half are 0. */
function scatterOf(distances: readonly number[]): number {
  return Math.max(
    (quantile(distances, 0.5) ?? 0) / 0.6745,
    (quantile(distances, 0.9) ?? 0) / 1.645,
  );
}

function learnLasting(usual: Usual, ts: Instant, lasting: number): Pick<Usual, "days" | "young"> {
  const { young, days } = usual;
  if (young === null) return { days, young: { from: ts, most: lasting, before: 0 } };
  if (ts - young.from < YOUNG_MS)
    return { days, young: { ...young, most: Math.max(young.most, lasting) } };
  const day = Math.floor(ts / DAY_MS);
  const today = days.at(-1);
  const most = Math.max(young.before, today?.day === day ? today.most : 0);
  const others = today?.day === day ? days.slice(0, -1) : days;
  return {
    days: [...others, { day, most }].slice(-MOST_DAYS),
    young: { from: ts, most: lasting, before: young.most },
  };
}

/** What was young when something began is part of it, not an example. */
export function forgetYoung(usual: Usual): Usual {
  return { ...usual, young: null };
}

/** The largest lasting distance that is known to be usual. */
export function mostUsual({ days }: Usual): number {
  return Math.max(0, ...days.map(({ most }) => most));
}

const DAY_MS = 24 * HOUR_MS;
const APART_MS = 5 * MINUTE_MS;
const YOUNG_MS = 15 * MINUTE_MS;
const MOST = 288;
const FEW = 8;
const MANY = 60;
const MOST_DAYS = 8;
