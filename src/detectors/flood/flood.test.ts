import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import type { Batch } from "../batch.ts";
import { dailyRhythm } from "../testing.ts";
import { judgeAll, judgeStored, letters } from "../latency-shift/fold.fixture.ts";
import { flood } from "./index.ts";

const SECOND = 1_000;

type Traffic = readonly [perSecond: number | null | undefined, inflight?: number | null];

/** One batch every 10 s; `undefined` is a moment without a look. */
function series(traffic: readonly Traffic[]): Batch[] {
  return traffic.flatMap(([perSecond, inflight], index) => {
    if (perSecond === undefined) return [];
    const requests = perSecond === null ? null : perSecond * 10;
    const values = inflight === undefined ? { requests } : { requests, inflight };
    return [{ ts: index * 10 * SECOND, values }];
  });
}

/** Ten quiet minutes of 10 requests a second, 2 of them in flight. */
const QUIET: readonly Traffic[] = Array.from({ length: 60 }, (_, index) => [9 + (index % 3), 2]);

function after(...traffic: readonly Traffic[]): string {
  return letters(judgeAll(flood, series([...QUIET, ...traffic]))).slice(QUIET.length);
}

function times(count: number, ...one: Traffic): readonly Traffic[] {
  return Array.from({ length: count }, () => one);
}

describe("flood by hand", () => {
  it.each<[string, readonly Traffic[], string]>([
    ["three of four open", times(5, 60, 12), "iiBBB"],
    ["one good one between does not help", [[60], [10], [60], [60]], "ihiB"],
    ["two bursts are no flood", [...times(2, 60, 12), ...times(3, 10, 2)], "iihhh"],
    ["three times the usual is a good day", times(6, 30, 6), "hhhhhh"],
    ["a closed loop saturates: in flight, and a little more answered", times(4, 14, 60), "iiBB"],
    ["waiting while no more is answered may be a slow dependency", times(4, 10, 60), "iiii"],
    ["counting nothing is not calm", [...times(3, 60), [null], [null], [60]], "iiBiiB"],
    ["missing after three intervals", times(5, null, null), "iiimm"],
    [
      "a gap makes the next count unknown",
      [[60], [60], ...times(4, undefined), [60], [60], [60], [60]],
      "iiiiiB",
    ],
  ])("%s", (_, traffic, states) => {
    expect(after(...traffic)).toBe(states);
  });

  it("closes after three calm minutes and not before", () => {
    const states = after(...times(3, 60), ...times(10, 10), ...times(1, 60), ...times(20, 10));
    expect(states).toBe(`iiB${"i".repeat(10)}B${"i".repeat(18)}hh`);
  });

  it("dates the onset at the first sample over twice the usual, and shows its numbers", () => {
    const judged = judgeAll(flood, series([...QUIET, [25], [60], [60], [60]]));
    expect(judged.at(-1)).toMatchObject({
      state: "breached",
      onset: 60 * 10 * SECOND,
      evidence: { perSecond: 60, usualPerSecond: 10, factor: 4, over: 3, of: 4, by: "rate" },
    });
    expect(judged.at(-2)).toMatchObject({ state: "inconclusive", failing: true });
  });

  it("does not call a crowd of twenty a flood in a tiny app", () => {
    const tiny = Array.from({ length: 60 }, (_, index): Traffic => [index % 5 === 0 ? 0.1 : 0]);
    expect(letters(judgeAll(flood, series([...tiny, ...times(6, 2)]))).slice(-6)).toBe("hhhhhh");
  });

  it("does not mind at night what was carried by day", () => {
    const day = Array.from({ length: 8_640 }, (_, index): Traffic => [
      dailyRhythm(index * 10 * SECOND, 4, 40),
    ]);
    const night = day.slice(0, 360);
    const burst = (perSecond: number): string =>
      letters(judgeAll(flood, series([...day, ...night, ...times(4, perSecond)]))).slice(-4);
    expect(burst(40)).toBe("hhhh");
    expect(burst(90)).toBe("iiBB");
  });

  it("takes traffic that lasted six hours for the new usual", () => {
    const judged = letters(judgeAll(flood, series([...QUIET, ...times(2_300, 60)])));
    expect(judged.slice(63, 2_200)).toBe("B".repeat(2_137));
    expect(judged.at(-1)).toBe("h");
  });
});

describe("flood as a fold", () => {
  const step = record({
    afterMs: constantFrom(10_000, 10_000, 9_000, 70_000),
    requests: constantFrom(100, 110, 600, 900, 140, null),
    inflight: constantFrom(2, 3, 80, null),
  });

  it("says the same of a prefix, and when its state was written down at every step", () => {
    assert(
      property(array(step, { maxLength: 60 }), integer({ min: 0, max: 120 }), (steps, cut) => {
        let ts = 0;
        const quiet = Array.from({ length: 60 }, () => ({
          afterMs: 10_000,
          requests: 100,
          inflight: 2,
        }));
        const batches = [...quiet, ...steps].map(({ afterMs, requests, inflight }) => {
          ts += afterMs;
          return { ts, values: { requests, inflight } };
        });
        const all = judgeAll(flood, batches);
        expect(judgeAll(flood, batches.slice(0, cut))).toEqual(all.slice(0, cut));
        const { judgements, most } = judgeStored(flood, batches);
        expect(judgements).toEqual(all);
        expect(most).toBeLessThan(8_000);
      }),
      { numRuns: 50 },
    );
  });

  it("judges a hundred times the traffic the same", () => {
    const steps: readonly Traffic[] = [...QUIET, ...times(5, 60, 40), ...times(25, 10, 2)];
    const many = steps.map(([rate, inflight]): Traffic => [
      (rate ?? 0) * 100,
      (inflight ?? 0) * 100,
    ]);
    expect(letters(judgeAll(flood, series(many)))).toBe(letters(judgeAll(flood, series(steps))));
  });
});
