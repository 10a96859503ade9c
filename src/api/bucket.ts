import type { Instant, Millis } from "../domain/time.ts";

/** How much may come in: so much at once, and so much a second for long. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Takes one away and returns 0, or returns how long to wait for the next. */
export type Bucket = () => Millis;

export function createBucket({ burst, perSecond }: Rate, now: () => Instant): Bucket {
  let left = burst;
  let filledAt = now();
  return () => {
    const at = now();
    // A clock that was set back fills nothing, and costs no more than a full bucket.
    left = Math.min(burst, left + (Math.max(0, at - filledAt) / 1_000) * perSecond);
    filledAt = at;
    if (left < 1) return Math.ceil(((1 - left) / perSecond) * 1_000);
    left -= 1;
    return 0;
  };
}
