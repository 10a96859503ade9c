import { anomaly } from "./anomaly/index.ts";
import type { BatchDetector } from "./batch.ts";
import { burnRate } from "./burn-rate/index.ts";
import { certificate } from "./certificate/index.ts";
import { abuse, complaints } from "./burst/index.ts";
import { CONSECUTIVE_DEFAULTS, CONSECUTIVE_START, judge } from "./consecutive/index.ts";
import { crashLoop } from "./crash-loop/index.ts";
import { errorShare } from "./error-share/index.ts";
import { flood } from "./flood/index.ts";
import { latencyShift } from "./latency-shift/index.ts";
import { memoryLeak } from "./memory-leak/index.ts";
import { rolloutRegression } from "./rollout-regression/index.ts";
import { saturation } from "./saturation/index.ts";
import { threshold } from "./threshold/index.ts";

/** Detectors of one signal, sample by sample. */
export const DETECTORS = {
  consecutive: { start: CONSECUTIVE_START, judge, defaults: CONSECUTIVE_DEFAULTS },
} as const;

/** Detectors of rates and trends. One line each. */
export const BATCH_DETECTORS: readonly BatchDetector<unknown, unknown>[] = [
  errorShare,
  burnRate,
  latencyShift,
  memoryLeak,
  rolloutRegression,
  crashLoop,
  flood,
  saturation,
  certificate,
  abuse,
  complaints,
  anomaly,
  threshold,
];
