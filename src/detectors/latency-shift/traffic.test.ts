import { describe, expect, it } from "vitest";

import { upTo } from "../../../test/support/long.ts";
import type { Batch } from "../batch.ts";
import { dailyRhythm, mulberry32, normal, poisson } from "../testing.ts";
import { judgeAll, judgeStored, letters } from "./fold.fixture.ts";
import { latencyShift } from "./index.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const BOUNDS = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

interface Story {
  readonly seed: number;
  readonly hours: number;
  readonly everyMs: number;
  readonly perSecond: (ts: number) => number;
  readonly factor: (ts: number) => number;
  /** Standard deviation of the logarithm of one request's time. */
  readonly spread: number;
  readonly buckets: boolean;
}

/** Single requests with lognormal times around 40 ms that drift together by about 5 %. */
function* tell(story: Story): Generator<Batch> {
  const random = mulberry32(story.seed);
  const counts = Array<number>(BOUNDS.length + 1).fill(0);
  let drift = 0;
  for (let ts = story.everyMs; ts <= story.hours * 60 * MINUTE; ts += story.everyMs) {
    drift = 0.9 * drift + normal(random, 0, 0.022);
    const requests = poisson(random, (story.perSecond(ts) * story.everyMs) / SECOND);
    const times = Array.from({ length: requests }, () => {
      const slow = Math.exp(drift + story.spread * normal(random));
      return 40 * slow * story.factor(ts);
    });
    if (!story.buckets) {
      const p95 = times.sort((a, b) => a - b)[Math.floor(0.95 * requests)] ?? null;
      yield { ts, values: { latency_p95_ms: p95, requests } };
      continue;
    }
    for (const time of times) {
      const place = BOUNDS.findIndex((bound) => time <= bound);
      for (let at = place < 0 ? BOUNDS.length : place; at <= BOUNDS.length; at += 1)
        counts[at] = (counts[at] ?? 0) + 1;
    }
    const buckets = counts.map((count, at) => ({ le: BOUNDS[at] ?? Infinity, count }));
    yield { ts, values: { requests }, buckets };
  }
}

/** Moments at which a breach opened, and the share of batches that got a judgement. */
function opensOf(story: Story): { readonly opens: readonly number[]; readonly judged: number } {
  let state = latencyShift.start;
  const opens: number[] = [];
  let batches = 0;
  let judged = 0;
  for (const batch of tell(story)) {
    const before = state.breach;
    const next = latencyShift.judge(state, batch, latencyShift.defaults);
    state = next.state;
    batches += 1;
    if (next.judgement.state === "healthy" || next.judgement.state === "breached") judged += 1;
    if (before === null && state.breach !== null) opens.push(batch.ts);
  }
  return { opens, judged: judged / batches };
}

const AT = 90 * MINUTE;

describe("latency-shift on made traffic of 5 requests a second", () => {
  it.each([
    { everyMs: 10 * SECOND, buckets: false, spread: 0.6, factor: 2.4, within: 2 * MINUTE },
    { everyMs: 10 * SECOND, buckets: true, spread: 0.6, factor: 2.4, within: 2 * MINUTE },
    { everyMs: 10 * SECOND, buckets: true, spread: 0.6, factor: 2, within: 5 * MINUTE },
    { everyMs: 10 * SECOND, buckets: true, spread: 0.6, factor: 10, within: 90 * SECOND },
    { everyMs: MINUTE, buckets: false, spread: 1, factor: 2.4, within: 6 * MINUTE },
    { everyMs: MINUTE, buckets: true, spread: 1, factor: 4, within: 2 * MINUTE },
    { everyMs: 17 * SECOND, buckets: false, spread: 0.6, factor: 3, within: 100 * SECOND },
  ])("finds x$factor every $everyMs ms (buckets: $buckets) within $within ms", (row) => {
    for (const seed of [1, 2, 3, 4]) {
      const factor = (ts: number): number => (ts >= AT ? row.factor : 1);
      const { opens } = opensOf({ ...row, seed, hours: 2, perSecond: () => 5, factor });
      expect(opens).toHaveLength(1);
      const [at = 0] = opens;
      expect(at).toBeGreaterThanOrEqual(AT);
      expect(at - AT).toBeLessThanOrEqual(row.within);
    }
  });
});

describe("latency-shift on quiet weeks", () => {
  const days = (ts: number): number => dailyRhythm(ts, 1, 1.4);

  it.each([false, true])(
    `stays quiet for ${upTo(30)} days at one minute (buckets: %s)`,
    (buckets) => {
      const story = { hours: upTo(30) * 24, everyMs: MINUTE, buckets, spread: 0.8, factor: days };
      const perSecond = (ts: number): number => dailyRhythm(ts, 0.5, 1.2);
      const { opens, judged } = opensOf({ ...story, seed: 11, perSecond });
      expect(opens).toEqual([]);
      expect(judged).toBeGreaterThan(0.9);
    },
  );

  it.each([false, true])(
    "stays quiet for a day and a half at ten seconds (buckets: %s)",
    (buckets) => {
      const story = { hours: 36, everyMs: 10 * SECOND, buckets, spread: 0.8, factor: days };
      const { opens, judged } = opensOf({ ...story, seed: 12, perSecond: () => 5 });
      expect(opens).toEqual([]);
      expect(judged).toBeGreaterThan(0.9);
    },
  );

  it.each([false, true])("says nothing at 0.1 requests a second (buckets: %s)", (buckets) => {
    const story = { hours: 72, everyMs: 10 * SECOND, buckets, spread: 1, factor: () => 1 };
    const { opens, judged } = opensOf({ ...story, seed: 13, perSecond: () => 0.1 });
    expect(opens).toEqual([]);
    expect(judged).toBe(0);
  });
});

describe("latency-shift's state", () => {
  it("survives being written down with buckets, and stays small", () => {
    const factor = (ts: number): number => (ts > AT ? 3 : 1);
    const story = { seed: 5, hours: 4, everyMs: 10 * SECOND, spread: 1, buckets: true };
    const batches = [...tell({ ...story, perSecond: () => 5, factor })];
    const { judgements, most } = judgeStored(latencyShift, batches);
    expect(judgements).toEqual(judgeAll(latencyShift, batches));
    expect(most).toBeLessThan(12_000);
    expect(letters(judgements)).toContain("B");
  });
});
