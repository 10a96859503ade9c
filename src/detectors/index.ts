import type { BatchDetector } from "./batch.ts";
import * as registry from "./registry.ts";

/** Every detector of rates and trends, in their turns. What `up` says is judged by `consecutive`. */
export const BATCH_DETECTORS: readonly BatchDetector<unknown, unknown>[] = Object.values<
  BatchDetector<unknown, unknown>
>(registry).toSorted(
  (a, b) => (a.turn ?? Infinity) - (b.turn ?? Infinity) || (a.name < b.name ? -1 : 1),
);
