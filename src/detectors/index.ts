import { CONSECUTIVE_DEFAULTS, CONSECUTIVE_START, judge } from "./consecutive/index.ts";

/** Which detectors exist? One line each. */
export const DETECTORS = {
  consecutive: { start: CONSECUTIVE_START, judge, defaults: CONSECUTIVE_DEFAULTS },
} as const;
