import type { Instant, Millis } from "../domain/time.ts";
import { median } from "../statistics/quantile.ts";

/** How often we are told something, learnt from the moments themselves. */
export interface Pace {
  /** The last few distances between looks. */
  readonly gaps: readonly Millis[];
  readonly looked: Instant | null;
  /** The last look that said something; the first look until then. */
  readonly said: Instant | null;
}

export const PACE_START: Pace = { gaps: [], looked: null, said: null };

/** The usual distance of two looks in ms; `null` until two distances are known. */
export function usual(pace: Pace): Millis | null {
  return pace.gaps.length < FEWEST ? null : median(pace.gaps);
}

/** True when nothing was said for more than three usual distances. */
export function isOverdue(pace: Pace, ts: Instant): boolean {
  const distance = usual(pace);
  return distance !== null && pace.said !== null && ts - pace.said > PATIENCE * distance;
}

/** Takes note of one look, later than the one before, that said something or not. */
export function look(pace: Pace, ts: Instant, said: boolean): Pace {
  const gaps = pace.looked === null ? pace.gaps : [...pace.gaps, ts - pace.looked].slice(-MOST);
  return { gaps, looked: ts, said: said || pace.said === null ? ts : pace.said };
}

const FEWEST = 2;
const MOST = 9;
const PATIENCE = 3;
