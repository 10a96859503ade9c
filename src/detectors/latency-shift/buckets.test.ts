import { describe, expect, it } from "vitest";

import type { Batch } from "../batch.ts";
import { judgeAll, letters } from "./fold.fixture.ts";
import { latencyShift } from "./index.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe("latency-shift with buckets", () => {
  function bucketed(counts: readonly (readonly [number, number])[], everyMs = MINUTE): Batch[] {
    let fast = 0;
    let all = 0;
    return counts.map(([below, over], index) => {
      fast += below;
      all += below + over;
      const buckets = [
        { le: 100, count: fast },
        { le: 500, count: all },
        { le: Infinity, count: all },
      ];
      return { ts: index * everyMs, values: {}, buckets };
    });
  }
  const calm = Array.from(
    { length: 25 },
    (_, index) => [97 - (index % 3), 3 + (index % 3)] as const,
  );

  it("does not open when a few requests cross a coarse bound", () => {
    const judged = judgeAll(latencyShift, bucketed([...calm, [92, 8], [91, 9], [93, 7], [92, 8]]));
    expect(letters(judged).slice(-4)).toBe("hhhh");
    // The interpolated p95 alone would have said so: 100 ms became 300.
    expect(judged.at(-1)?.evidence["valueMs"]).toBeGreaterThan(200);
  });

  it("opens when many do", () => {
    expect(
      letters(judgeAll(latencyShift, bucketed([...calm, [60, 40], [55, 45]]))).slice(-2),
    ).toMatch(/B$/);
  });

  it("takes falling counters for a restart, not for speed", () => {
    const before = bucketed([...calm, [97, 3]]);
    const later = bucketed([
      [30, 70],
      [30, 70],
      [30, 70],
      [97, 3],
      [97, 3],
    ]).map((batch) => ({
      ...batch,
      ts: batch.ts + before.length * MINUTE,
    }));
    expect(letters(judgeAll(latencyShift, [...before, ...later])).slice(-6)).toBe("hiiihh");
  });

  it("puts small counts together until there are twenty", () => {
    const few = Array.from({ length: 150 }, () => [6, 0] as const);
    const judged = judgeAll(latencyShift, bucketed(few, 10 * SECOND));
    expect(letters(judged).slice(-4)).toMatch(/^(hiii|ihii|iihi|iiih)$/);
  });

  it("prefers buckets to a p95 that somebody else calculated", () => {
    const both = bucketed(calm).map((batch) => ({ ...batch, values: { latency_p95_ms: 5_000 } }));
    expect(judgeAll(latencyShift, both).at(-1)?.evidence["source"]).toBe("latency_bucket");
  });
});
