import { HOUR_MS, type Instant, type Millis } from "../domain/time.ts";

/** A stretch of time, both ends included. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** When an incident opened and closed. */
export interface Span {
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
}

/** What led to an incident and what came after it is looked at with it. */
const BEFORE_MS: Millis = 2 * HOUR_MS;
const AFTER_MS: Millis = HOUR_MS;

/** The time around one incident of which every sample is wanted; an open one has no end yet. */
export function windowOf({ openedAt, closedAt }: Span): Window {
  return { from: openedAt - BEFORE_MS, to: (closedAt ?? Infinity) + AFTER_MS };
}

/** What of `whole` is in none of the windows, in order; `windows` are ordered by their beginning. */
export function outside(windows: readonly Window[], whole: Window): readonly Window[] {
  const gaps: Window[] = [];
  let from = whole.from;
  for (const window of windows) {
    if (window.to < from) continue;
    if (window.from > whole.to) break;
    if (window.from > from) gaps.push({ from, to: window.from - 1 });
    from = Math.max(from, window.to + 1);
  }
  if (from <= whole.to) gaps.push({ from, to: whole.to });
  return gaps;
}
