import { describe, expect, it } from "vitest";

import { upTo } from "../../../test/support/long.ts";
import { dailyRhythm, mulberry32, normal, poisson } from "../testing.ts";
import { flood } from "./index.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 1_440 * MINUTE;

interface Story {
  readonly seed: number;
  readonly days: number;
  readonly everyMs: number;
  readonly low: number;
  readonly high: number;
  readonly factor?: (ts: number) => number;
}

/** A daily rhythm with bursts of up to three times the traffic, each up to ten minutes, three a day. */
function opensOf(story: Story): readonly number[] {
  const random = mulberry32(story.seed);
  let state = flood.start;
  const opens: number[] = [];
  let burst = { factor: 1, until: 0 };
  let last = 0;
  while (last < story.days * DAY) {
    const ts = last + Math.round(story.everyMs * (0.8 + 0.4 * random()));
    if (ts > burst.until) {
      const isNext = random() < (3 * story.everyMs) / DAY;
      burst = isNext
        ? { factor: 1 + 2 * random(), until: ts + 10 * MINUTE * random() }
        : { factor: 1, until: 0 };
    }
    const rate = dailyRhythm(ts, story.low, story.high) * burst.factor * (story.factor?.(ts) ?? 1);
    const requests = poisson(random, (rate * (ts - last)) / SECOND);
    const inflight = poisson(random, rate * 0.1 * Math.exp(0.3 * normal(random)));
    const before = state.breach;
    state = flood.judge(state, { ts, values: { requests, inflight } }, flood.defaults).state;
    if (before === null && state.breach !== null) opens.push(ts);
    last = ts;
  }
  return opens;
}

describe("flood on made traffic", () => {
  it.each([
    { everyMs: 10 * SECOND, factor: 6, within: 50 * SECOND },
    { everyMs: 10 * SECOND, factor: 20, within: 50 * SECOND },
    { everyMs: MINUTE, factor: 6, within: 5 * MINUTE },
  ])("finds x$factor every $everyMs ms within $within ms", ({ everyMs, factor, within }) => {
    const at = 14 * 60 * MINUTE;
    for (const seed of [1, 2, 3]) {
      const story = { seed, days: 0.6, everyMs, low: 5, high: 10 };
      const [first = 0, ...more] = opensOf({ ...story, factor: (ts) => (ts >= at ? factor : 1) });
      expect(first).toBeGreaterThanOrEqual(at);
      expect(first - at).toBeLessThanOrEqual(within);
      expect(more).toEqual([]);
    }
  });

  it.each([
    { days: upTo(30), everyMs: MINUTE, low: 5, high: 20 },
    { days: upTo(5), everyMs: 10 * SECOND, low: 1, high: 30 },
    { days: upTo(30), everyMs: 5 * MINUTE, low: 1, high: 10 },
    { days: upTo(7), everyMs: 10 * SECOND, low: 0.05, high: 0.2 },
  ])("stays quiet for $days days at $low to $high requests a second", (story) => {
    expect(opensOf({ ...story, seed: 21 })).toEqual([]);
  });
});
