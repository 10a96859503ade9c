import type { Instant, Millis } from "../../domain/time.ts";
import type { FloodSettings } from "./settings.ts";
import { follow, TRAIL_START, usualLevel, type Trail } from "../trail.ts";

/** The traffic of one moment. */
export interface Point {
  readonly ts: Instant;
  readonly perSecond: number | null;
  readonly inflight: number | null;
}

export interface Past {
  readonly rate: Trail;
  readonly inflight: Trail;
  /** The highest levels of each of the last days that were no flood. */
  readonly peaks: readonly Peak[];
}

interface Peak {
  /** Days since 1970. */
  readonly day: number;
  readonly perSecond: number;
  readonly inflight: number;
}

export const PAST_START: Past = { rate: TRAIL_START, inflight: TRAIL_START, peaks: [] };

/** What is usual at this moment; `null` is not known yet. */
export interface Usual {
  readonly perSecond: number | null;
  readonly inflight: number | null;
  readonly peak: Omit<Peak, "day">;
}

export type Crowd = "rate" | "inflight" | "queue" | null;

/** Takes one point into the past. */
export function admit(past: Past, point: Point, everyMs: Millis | null): Past {
  const { ts } = point;
  const rate =
    point.perSecond === null ? past.rate : follow(past.rate, ts, point.perSecond, everyMs);
  const inflight =
    point.inflight === null ? past.inflight : follow(past.inflight, ts, point.inflight, everyMs);
  const peak = { day: Math.floor(ts / DAY_MS), perSecond: rate.high, inflight: inflight.high };
  return { rate, inflight, peaks: peaksAfter(past.peaks, peak) };
}

/** Medians of the trail, and the peak of the seven days before today. */
export function usualAt(past: Past, ts: Instant, settings: FloodSettings): Usual {
  const today = Math.floor(ts / DAY_MS);
  const peak = { perSecond: 0, inflight: 0 };
  for (const { day, perSecond, inflight } of past.peaks) {
    if (day >= today || day < today - DAYS) continue;
    peak.perSecond = Math.max(peak.perSecond, perSecond);
    peak.inflight = Math.max(peak.inflight, inflight);
  }
  return {
    perSecond: usualLevel(past.rate, ts, settings),
    inflight: usualLevel(past.inflight, ts, settings),
    peak,
  };
}

/**
 * Whether a point is a crowd: by its rate, or by its requests in flight if the rate is up as well. A closed loop saturates:
 * callers that wait for answers send no more than the app answers, so a flood may show in flight long before it shows in the
 * rate. `queue`: requests wait but no more are answered than usual; that may be a slow dependency just as well.
 */
export function crowdOf(
  point: Point,
  usual: Usual,
  factor: number,
  settings: FloodSettings,
): Crowd {
  const { perSecond, inflight } = point;
  const overPeak = factor >= settings.openFactor ? settings.peakFactor : 0;
  if (perSecond !== null && usual.perSecond !== null) {
    const least = Math.max(
      factor * usual.perSecond,
      usual.perSecond + settings.floorPerSecond,
      overPeak * usual.peak.perSecond,
    );
    if (perSecond >= least) return "rate";
  }
  if (inflight === null || usual.inflight === null) return null;
  const waiting = Math.max(
    factor * Math.max(1, usual.inflight),
    usual.inflight + settings.floorInflight,
    overPeak * usual.peak.inflight,
  );
  if (inflight < waiting) return null;
  const isCarried =
    perSecond !== null &&
    usual.perSecond !== null &&
    perSecond >= Math.max(settings.carriedFactor * usual.perSecond, MIN_RATE);
  return isCarried ? "inflight" : "queue";
}

function peaksAfter(peaks: readonly Peak[], now: Peak): readonly Peak[] {
  const last = peaks.at(-1);
  if (last?.day !== now.day) return [...peaks, now].slice(-DAYS - 1);
  if (last.perSecond >= now.perSecond && last.inflight >= now.inflight) return peaks;
  const perSecond = Math.max(last.perSecond, now.perSecond);
  return [
    ...peaks.slice(0, -1),
    { day: now.day, perSecond, inflight: Math.max(last.inflight, now.inflight) },
  ];
}

const DAY_MS = 86_400_000;
const DAYS = 7;
/** Requests per second below which a rise by a third is chance. */
const MIN_RATE = 1;
