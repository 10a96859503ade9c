import { describe, expect, it } from "vitest";

import { upTo } from "../../../test/support/long.ts";
import { dailyRhythm, mulberry32, normal, poisson } from "../testing.ts";
import { saturation } from "./index.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 1_440 * MINUTE;

interface Story {
  readonly seed: number;
  readonly days: number;
  readonly everyMs: number;
  readonly low: number;
  readonly high: number;
  readonly slow?: (ts: number) => number;
}

/** A daily rhythm; pool, sawtooth memory and requests in flight (Little: rate x 0.1 s) as they go with it. */
function opensOf(story: Story): readonly number[] {
  const random = mulberry32(story.seed);
  let state = saturation.start;
  let heap = 0.4;
  const opens: number[] = [];
  for (let ts = story.everyMs; ts < story.days * DAY; ts += story.everyMs) {
    const rate = dailyRhythm(ts, story.low, story.high);
    const slow = 0.1 * (story.slow?.(ts) ?? 1) * Math.exp(0.3 * normal(random));
    heap = heap > 0.85 ? 0.4 + 0.1 * random() : heap + 0.02 * random();
    const values = {
      requests: poisson(random, (rate * story.everyMs) / SECOND),
      inflight: poisson(random, rate * slow),
      connections_used: 20 + poisson(random, (20 * rate) / story.high),
      connections_limit: 100,
      memory_used: heap * 512,
      memory_limit: 512,
    };
    const before = Object.values(state.gauges).some(({ breach }) => breach !== null);
    state = saturation.judge(state, { ts, values }, saturation.defaults).state;
    const isOpen = Object.values(state.gauges).some(({ breach }) => breach !== null);
    if (!before && isOpen) opens.push(ts);
  }
  return opens;
}

describe("saturation on made traffic", () => {
  it("finds queueing at fifteen times the latency within three minutes", () => {
    const at = 5 * 60 * MINUTE;
    for (const seed of [1, 2, 3]) {
      const slow = (ts: number): number => (ts >= at ? 15 : 1);
      const opens = opensOf({ seed, days: 0.25, everyMs: 10 * SECOND, low: 10, high: 20, slow });
      expect(opens).toHaveLength(1);
      expect((opens[0] ?? 0) - at).toBeGreaterThanOrEqual(MINUTE);
      expect((opens[0] ?? 0) - at).toBeLessThanOrEqual(3 * MINUTE);
    }
  });

  it.each([
    { days: upTo(30), everyMs: MINUTE, low: 20, high: 200 },
    { days: upTo(5), everyMs: 10 * SECOND, low: 1, high: 30 },
    { days: upTo(5), everyMs: 10 * SECOND, low: 0.05, high: 0.2 },
  ])("stays quiet for $days days at $low to $high requests a second", (story) => {
    expect(opensOf({ ...story, seed: 31 })).toEqual([]);
  });
});
