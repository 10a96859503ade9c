import type { Instant } from "../../domain/time.ts";
import type { Seen } from "./gauge.ts";
import type { Pace } from "../pace.ts";
import type { SaturationSettings } from "./settings.ts";
import { follow, TRAIL_START, usualLevel, type Trail } from "../trail.ts";

/** What is usually in flight, and how many requests usually are answered. */
export interface Queue {
  readonly counted: Instant | null;
  readonly perSecond: number | null;
  readonly inflight: Trail;
  readonly rate: Trail;
  /** The last samples not yet taken into the past, at most five. */
  readonly waiting: readonly Waiting[];
}

interface Waiting {
  readonly ts: Instant;
  readonly inflight: number;
  readonly perSecond: number | null;
}

export const QUEUE_START: Queue = {
  counted: null,
  perSecond: null,
  inflight: TRAIL_START,
  rate: TRAIL_START,
  waiting: [],
};

/** Takes note of a count of requests; `null`: not counted. Counts after a gap are of an unknown time. */
export function countRequests(
  queue: Queue,
  ts: Instant,
  requests: number | null,
  isGap: boolean,
): Queue {
  if (requests === null) return queue;
  const seconds = queue.counted === null || isGap ? 0 : (ts - queue.counted) / 1_000;
  return { ...queue, counted: ts, perSecond: seconds > 0 ? requests / seconds : null };
}

/** Takes one sample of requests in flight into the past, when four newer ones are there. */
export function remember(queue: Queue, sample: Omit<Waiting, "perSecond">, pace: Pace): Queue {
  const all = [...queue.waiting, { ...sample, perSecond: queue.perSecond }];
  const [oldest] = all;
  if (all.length < 5 || oldest === undefined) return { ...queue, waiting: all };
  return {
    ...queue,
    waiting: all.slice(1),
    inflight: follow(queue.inflight, oldest.ts, oldest.inflight, pace.usual),
    rate:
      oldest.perSecond === null
        ? queue.rate
        : follow(queue.rate, oldest.ts, oldest.perSecond, pace.usual),
  };
}

/** Whether requests queue: many times the usual in flight, and more of them for each one that is answered. */
export function seenQueue(
  queue: Queue,
  ts: Instant,
  inflight: number,
  { queue: settings }: SaturationSettings,
): Seen | null {
  const usual = usualLevel(queue.inflight, ts, settings);
  if (usual === null) return null;
  const base = Math.max(1, usual);
  const usualRate = usualLevel(queue.rate, ts, settings) ?? 0;
  const rise =
    queue.perSecond === null || usualRate === 0 ? 1 : Math.max(1, queue.perSecond / usualRate);
  const threshold = Math.max(
    settings.openAt * base,
    usual + settings.floor,
    settings.perRequest * rise * base,
  );
  return {
    level: inflight,
    threshold,
    isOver: inflight >= threshold,
    isCalm: inflight < Math.max(settings.closeAt * base, usual + settings.floor / 2),
    lastsMs: settings.lastsMs,
  };
}
