import type { Instant, Millis } from "../../domain/time.ts";
import type { VerdictState } from "../../domain/verdict.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import type { SaturationSettings } from "./settings.ts";

/** One resource's state: the last samples over or not, and an open breach. */
export interface Gauge {
  readonly pace: Pace;
  /** `null` until it was looked at, and again when it was long not told. */
  readonly state: VerdictState | null;
  /** The last samples, at most five: over or not. */
  readonly recent: readonly boolean[];
  /** First of the samples over, while one of the last three is. */
  readonly overSince: Instant | null;
  readonly breach: Breach | null;
  readonly seen: Seen | null;
}

interface Breach {
  readonly onset: Instant;
  readonly calm: { readonly since: Instant; readonly samples: number } | null;
}

/** One sample against its threshold. */
export interface Seen {
  readonly level: number;
  readonly threshold: number;
  readonly isOver: boolean;
  readonly isCalm: boolean;
  readonly lastsMs: Millis;
}

export const GAUGE_START: Gauge = {
  pace: PACE_START,
  state: null,
  recent: [],
  overSince: null,
  breach: null,
  seen: null,
};

/** Takes note of a moment in which the resource was not looked at. */
export function pass(gauge: Gauge, ts: Instant): Gauge {
  if (gauge.state === null || !isOverdue(gauge.pace, ts)) return gauge;
  const isGone = gauge.breach === null && ts - (gauge.pace.said ?? ts) > FORGET_MS;
  return isGone ? GAUGE_START : { ...gauge, state: "missing" };
}

/** Takes note of a look that said nothing that can be judged; `isKnown` when at least something was said. */
export function blank(gauge: Gauge, ts: Instant, isKnown: boolean): Gauge {
  const pace = look(gauge.pace, ts, isKnown);
  const next = { ...cut(gauge, ts), pace };
  return { ...next, state: isOverdue(pace, ts) ? "missing" : "inconclusive" };
}

/** Takes one sample in and judges: n of the last m over open, calm for long enough closes. */
export function count(gauge: Gauge, ts: Instant, seen: Seen, settings: SaturationSettings): Gauge {
  const before = cut(gauge, ts);
  const { isOver } = seen;
  const recent = [...before.recent, isOver].slice(-settings.openOf);
  const isQuiet = !recent.slice(-3).includes(true);
  const next = {
    ...before,
    pace: look(gauge.pace, ts, true),
    recent,
    overSince: isQuiet ? null : (before.overSince ?? ts),
    seen,
  };
  if (next.breach !== null) return settle(next, next.breach, ts, seen, settings);
  if (!isOver) {
    const isEnough = recent.length > settings.openOf - settings.openAfter;
    return { ...next, state: isEnough && seen.level < seen.threshold ? "healthy" : "inconclusive" };
  }
  const since = next.overSince ?? ts;
  const isLasting =
    recent.filter(Boolean).length >= settings.openAfter && ts - since >= seen.lastsMs;
  if (!isLasting) return { ...next, state: "inconclusive" };
  return { ...next, state: "breached", breach: { onset: since, calm: null } };
}

function settle(
  gauge: Gauge,
  breach: Breach,
  ts: Instant,
  seen: Seen,
  settings: SaturationSettings,
): Gauge {
  if (!seen.isCalm) return { ...gauge, state: "breached", breach: { ...breach, calm: null } };
  const calm = { since: breach.calm?.since ?? ts, samples: (breach.calm?.samples ?? 0) + 1 };
  const isOver = calm.samples >= settings.closeAfter && ts - calm.since >= settings.closeAfterMs;
  if (isOver) return { ...gauge, state: "healthy", breach: null, overSince: null };
  return { ...gauge, state: "inconclusive", breach: { ...breach, calm } };
}

/** After a gap nothing counts together with what was before it. */
function cut(gauge: Gauge, ts: Instant): Gauge {
  if (!isOverdue(gauge.pace, ts)) return gauge;
  const breach = gauge.breach === null ? null : { ...gauge.breach, calm: null };
  return { ...gauge, recent: [], overSince: null, breach };
}

/** What was not told for so long is no longer part of the target. */
const FORGET_MS = 3_600_000;
