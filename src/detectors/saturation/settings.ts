import { HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from "../../domain/time.ts";

/** What can run out. */
export type Resource = "connections" | "memory" | "inflight";

/** When a resource is about to run out. Levels are shares of the limit; `queue` is for requests in flight without a limit. */
export interface SaturationSettings {
  readonly connections: Levels;
  readonly memory: Levels;
  readonly inflight: Levels;
  /** How many requests the app works on at once, if that is known. Without it, queueing is judged against the past. */
  readonly inflightLimit: number | null;
  readonly queue: {
    /** Times the trailing median of requests in flight. */
    readonly openAt: number;
    readonly closeAt: number;
    /** So many over the median at least. */
    readonly floor: number;
    /** Times as many waiting for each request that is answered: a crowd that is served is no queue. */
    readonly perRequest: number;
    readonly lastsMs: Millis;
    readonly minSamples: number;
    readonly minSpanMs: Millis;
    /** A queue that lasted so long is the new usual. */
    readonly adoptAfterMs: Millis;
  };
  /** Opens when `openAfter` of the last `openOf` samples are over. */
  readonly openAfter: number;
  readonly openOf: number;
  readonly closeAfter: number;
  readonly closeAfterMs: Millis;
}

export interface Levels {
  readonly openAt: number;
  readonly closeAt: number;
  /** So much time must lie between the first sample over and the opening. */
  readonly lastsMs: Millis;
  /** Some things are always full or fill for hours (caches): they open only so far above their usual level of the last hour. */
  readonly rise: number | null;
}

export const SATURATION_DEFAULTS: SaturationSettings = {
  connections: { openAt: 0.9, closeAt: 0.8, lastsMs: 20 * SECOND_MS, rise: null },
  memory: { openAt: 0.95, closeAt: 0.9, lastsMs: 20 * SECOND_MS, rise: 0.1 },
  inflight: { openAt: 0.9, closeAt: 0.7, lastsMs: 20 * SECOND_MS, rise: null },
  inflightLimit: null,
  queue: {
    openAt: 4,
    closeAt: 2,
    floor: 10,
    perRequest: 3,
    lastsMs: MINUTE_MS,
    minSamples: 8,
    minSpanMs: 5 * MINUTE_MS,
    adoptAfterMs: 6 * HOUR_MS,
  },
  openAfter: 3,
  openOf: 5,
  closeAfter: 3,
  closeAfterMs: 3 * MINUTE_MS,
};
