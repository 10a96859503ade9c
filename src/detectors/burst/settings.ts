import { HOUR_MS, MINUTE_MS, type Millis } from "../../domain/time.ts";
import type { TallyRule } from "../tally.ts";

/** When counts are far above their own past. */
export interface BurstSettings extends Pick<TallyRule, "closeAfter" | "closeAfterMs"> {
  /** Counts are added up over so long. */
  readonly windowMs: Millis;
  /** Fewer than this within a window are never a burst. */
  readonly floor: number;
  /** Times what the past hour makes likely. */
  readonly ratio: number;
  /** Times the largest window within three hours of this time of day, on the last eight days, that was no burst. */
  readonly beyondUsual: number;
  /** Probability by chance, with counts as bursty as those of the past. */
  readonly chance: number;
  /** The past must span so long, in so many windows. */
  readonly minSpanMs: Millis;
  readonly minWindows: number;
  /** A level that lasted so long is the new usual. */
  readonly adoptAfterMs: Millis;
}

export const ABUSE_DEFAULTS: BurstSettings = {
  windowMs: 2 * MINUTE_MS,
  floor: 10,
  ratio: 5,
  beyondUsual: 1.5,
  chance: 1e-6,
  minSpanMs: 20 * MINUTE_MS,
  minWindows: 5,
  closeAfter: 3,
  closeAfterMs: 5 * MINUTE_MS,
  adoptAfterMs: 6 * HOUR_MS,
};

/** People write slowly, and few of them do. */
export const COMPLAINTS_DEFAULTS: BurstSettings = {
  ...ABUSE_DEFAULTS,
  windowMs: 10 * MINUTE_MS,
  floor: 5,
  minSpanMs: HOUR_MS,
  closeAfterMs: 20 * MINUTE_MS,
};
