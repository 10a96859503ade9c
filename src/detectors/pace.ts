import type { Instant, Millis } from "../domain/time.ts";
import { median } from "../statistics/quantile.ts";

/** How often we are told something, learnt from the moments themselves. */
export interface Pace {
  /** The last few distances between looks. */
  readonly gaps: readonly Millis[];
  /** Their median; `null` until two are known. */
  readonly usual: Millis | null;
  readonly looked: Instant | null;
  /** The last look that said something; the first look until then. */
  readonly said: Instant | null;
}

export const PACE_START: Pace = { gaps: [], usual: null, looked: null, said: null };

/** True when nothing was said for more than three usual distances. */
export function isOverdue(pace: Pace, ts: Instant): boolean {
  return pace.usual !== null && pace.said !== null && ts - pace.said > PATIENCE * pace.usual;
}

/** Takes note of one look, later than the one before, that said something or not. */
export function look(pace: Pace, ts: Instant, said: boolean): Pace {
  const told = said || pace.said === null ? ts : pace.said;
  if (pace.looked === null) return { ...pace, looked: ts, said: told };
  const gap = ts - pace.looked;
  // Most series are regular; then there is nothing to learn.
  const isSame = pace.gaps.length === MOST && pace.gaps.every((one) => one === gap);
  const gaps = isSame ? pace.gaps : [...pace.gaps, gap].slice(-MOST);
  const usual = isSame ? pace.usual : gaps.length < FEWEST ? null : median(gaps);
  return { gaps, usual, looked: ts, said: told };
}

const FEWEST = 2;
const MOST = 9;
const PATIENCE = 3;
