import { array, assert, constantFrom, double, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import type { Batch } from "../batch.ts";
import { judgeAll, judgeStored, letters } from "./fold.fixture.ts";
import { latencyShift } from "./index.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** One batch a minute; `null` is a look that got nothing, `undefined` a moment without a look. */
function series(values: readonly (number | null | undefined)[], requests?: number): Batch[] {
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const counted = requests === undefined ? {} : { requests };
    return [{ ts: index * MINUTE, values: { latency_p95_ms: value, ...counted } }];
  });
}

/** Twenty quiet minutes around 100 ms. */
const QUIET = Array.from({ length: 20 }, (_, index) => 95 + ((index * 7) % 11));

function after(...values: readonly (number | null | undefined)[]): string {
  return letters(judgeAll(latencyShift, series([...QUIET, ...values]))).slice(QUIET.length);
}

describe("latency-shift by hand", () => {
  it.each([
    ["two in a row open", [100, 240, 240, 240], "hiBB"],
    ["two of three do with one good one between", [240, 100, 240], "ihB"],
    ["one alone does not", [240, 100, 100, 100], "ihhh"],
    ["not even if it is huge", [900, 100], "ih"],
    ["a third more is no shift", [133, 133, 133, 133, 133, 133, 133, 133], "hhhhhhhh"],
    ["half as much is none either", [50, 50, 50, 50], "hhhh"],
    [
      "closes after two calm minutes",
      [240, 240, 240, 240, 100, 100, 100, 100, 100, 100],
      "iBBBBihhhh",
    ],
    [
      "a relapse begins the calm anew",
      [240, 240, 240, 100, 100, 240, 240, 100, 100, 100, 100],
      "iBBBiBBBihh",
    ],
    ["what cannot be seen is neither", [null, null, 100], "iih"],
    ["and missing after three intervals", [null, null, null, null, null, 100], "iiimmi"],
    ["missing data does not close", [240, 240, null, null, null, null, 240], "iBiiimB"],
  ])("%s", (_, values, states) => {
    expect(after(...values)).toBe(states);
  });

  it("judges nothing before five samples and five minutes", () => {
    expect(letters(judgeAll(latencyShift, series(QUIET)))).toBe("iiiiiiiihhhhhhhhhhhh");
  });

  it("opens on one look that took five minutes, if it is far over", () => {
    const slow = series([...QUIET, 130, 240]).map(({ ts, values }) => ({ ts: ts * 5, values }));
    expect(letters(judgeAll(latencyShift, slow)).slice(-2)).toBe("hB");
  });

  it("takes the median of half a minute, so that single looks do not count", () => {
    const looks = [...QUIET, ...QUIET, ...QUIET, 900, 100, 100, 900, 100, 100, 900, 100, 100];
    const fast = series(looks).map(({ ts, values }) => ({ ts: ts / 6, values }));
    expect(letters(judgeAll(latencyShift, fast))).not.toContain("B");
    const lasting = series([...looks, ...Array<number>(12).fill(240)]);
    const judged = judgeAll(
      latencyShift,
      lasting.map(({ ts, values }) => ({ ts: ts / 6, values })),
    );
    expect(letters(judged).slice(-12)).toMatch(/^[hi]{6,10}B+$/);
  });

  it("starts a count of two anew after a gap", () => {
    expect(after(240, undefined, undefined, undefined, undefined, 240, 240)).toBe("iiB");
  });

  it("has no p95 below 20 requests, however slow they are", () => {
    const slow = series([...QUIET, 900, 900, 900], 19);
    expect(new Set(letters(judgeAll(latencyShift, slow)))).toEqual(new Set("i"));
    expect(letters(judgeAll(latencyShift, series([...QUIET, 900, 900, 900], 20))).slice(-3)).toBe(
      "iBB",
    );
  });

  it("dates the onset at the first sample over, and shows its numbers", () => {
    const judged = judgeAll(latencyShift, series([...QUIET, 240, 250]));
    expect(judged.at(-2)).toMatchObject({ state: "inconclusive", failing: true });
    expect(judged.at(-1)).toMatchObject({
      state: "breached",
      onset: 20 * MINUTE,
      evidence: { rule: "lasting", valueMs: 250, source: "latency_p95_ms", over: 2, needed: 2 },
    });
    expect(judged.at(-1)?.evidence["thresholdMs"]).toBeGreaterThan(155);
    expect(judged.at(-1)?.evidence["thresholdMs"]).toBeLessThan(240);
  });

  it("leaves the cold start after a deployment out", () => {
    const batches = series([...QUIET, 240, 240, 100, 100]).map((batch, index) =>
      index === QUIET.length ? { ...batch, deployment: "d-2" } : batch,
    );
    expect(letters(judgeAll(latencyShift, batches)).slice(QUIET.length)).toBe("iiih");
  });

  it("does not take three milliseconds more for an incident", () => {
    const tiny = [...QUIET.map((value) => value / 50), 6, 6, 6, 6];
    expect(letters(judgeAll(latencyShift, series(tiny))).slice(-4)).toBe("hhhh");
  });

  it("takes a level that lasted six hours for the new usual", () => {
    const judged = letters(
      judgeAll(latencyShift, series([...QUIET, ...Array<number>(400).fill(300)])),
    );
    expect(judged.slice(21, 380)).toBe("B".repeat(359));
    expect(judged.at(-1)).toBe("h");
  });
});

describe("latency-shift as a fold", () => {
  const step = record({
    afterMs: constantFrom(10_000, 10_000, 10_000, 11_500, 70_000),
    value: constantFrom(100, 105, 110, 95, 300, 2_000, null),
    requests: constantFrom(100, 100, 5, null),
  });

  function batchesOf(
    steps: readonly { afterMs: number; value: number | null; requests: number | null }[],
  ): Batch[] {
    let ts = 0;
    const quiet = Array.from({ length: 40 }, () => ({
      afterMs: 10_000,
      value: 100,
      requests: 100,
    }));
    return [...quiet, ...steps].map(({ afterMs, value, requests }) => {
      ts += afterMs;
      return { ts, values: { latency_p95_ms: value, requests } };
    });
  }

  it("says the same of a prefix, and when its state was written down at every step", () => {
    assert(
      property(array(step, { maxLength: 60 }), integer({ min: 0, max: 100 }), (steps, cut) => {
        const batches = batchesOf(steps);
        const all = judgeAll(latencyShift, batches);
        expect(judgeAll(latencyShift, batches.slice(0, cut))).toEqual(all.slice(0, cut));
        expect(judgeStored(latencyShift, batches).judgements).toEqual(all);
      }),
      { numRuns: 50 },
    );
  });

  it("does not care for the unit once the floors in ms no longer matter", () => {
    assert(
      property(
        array(step, { maxLength: 60 }),
        double({ min: 1, max: 1_000, noNaN: true }),
        (steps, scale) => {
          const batches = batchesOf(steps);
          const scaled = batches.map((batch) => {
            const value = batch.values["latency_p95_ms"];
            return {
              ...batch,
              values: {
                ...batch.values,
                latency_p95_ms: typeof value === "number" ? value * scale : null,
              },
            };
          });
          expect(letters(judgeAll(latencyShift, scaled))).toBe(
            letters(judgeAll(latencyShift, batches)),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
