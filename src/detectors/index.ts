import type { BatchDetector } from "./batch.ts";
import { crashLoop } from "./crash-loop/index.ts";
import { CONSECUTIVE_DEFAULTS, CONSECUTIVE_START, judge } from "./consecutive/index.ts";

/** Detectors of one signal, sample by sample. */
export const DETECTORS = {
  consecutive: { start: CONSECUTIVE_START, judge, defaults: CONSECUTIVE_DEFAULTS },
} as const;

/** Detectors of rates and trends. One line each. */
export const BATCH_DETECTORS: readonly BatchDetector<unknown, unknown>[] = [crashLoop];
