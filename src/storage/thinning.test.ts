import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { aSample } from "../../test/contracts/store.rows.ts";
import { problem } from "../domain/problem.ts";
import { SIGNALS, type Sample, type SignalName } from "../domain/sample.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import { thin, THINNING } from "./thinning.ts";

const TEN = 10 * SECOND_MS;

/** One minute of one series, a value each ten seconds. */
function minute(name: SignalName, values: readonly Sample["value"][], from = 0): Sample[] {
  return values.map((value, index) => aSample(from + index * TEN, { name, value }));
}

describe("thinning", () => {
  it.each<[SignalName, readonly (number | null)[], Partial<Sample>]>([
    ["up", [1, 1, 0, 1, 1, 1], { value: 0, low: 0, high: 1 }],
    ["up", [1, null, 1, 1], { value: 1 }],
    ["up", [null, null], { value: null }],
    ["failed", [1, 0, null, 4], { value: 5 }],
    ["requests", [10, 20, 30], { value: 60 }],
    ["requests", [null, null], { value: null }],
    ["auth_failures", [1, 2], { value: 3 }],
    ["complaints", [1, 2], { value: 3 }],
    ["memory_used", [300, 200, 500], { value: 200, low: 200, high: 500 }],
    ["memory_limit", [512, 512, 1024], { value: 1024 }],
    ["connections_used", [3, 9, 4], { value: 9, low: 3, high: 9 }],
    ["connections_limit", [100, 90], { value: 90 }],
    ["latency_p95_ms", [100, 900, 110], { value: 110, low: 100, high: 900 }],
    ["latency_p95_ms", [100, 200], { value: 150, low: 100, high: 200 }],
    ["inflight", [7, 7, 7], { value: 7 }],
    ["cpu_used", [0.1, null, 0.3], { value: 0.2, low: 0.1, high: 0.3 }],
    ["restarts", [4, 4, 5], { value: 5 }],
    ["value", [4, 1], { value: 1 }],
    ["error_ratio", [0.1, 0.3], { value: 0.2, low: 0.1, high: 0.3 }],
  ])("%s of %j is %j", (name, values, expected) => {
    const at = (values.length - 1) * TEN;
    const [one, ...more] = thin(minute(name, values), MINUTE_MS, new Map());
    expect(more).toEqual([]);
    expect({ ...one, value: Math.round(Number(one?.value) * 1e9) / 1e9 }).toEqual({
      ...aSample(at, { name }),
      ...expected,
      value: Math.round(Number(expected.value) * 1e9) / 1e9,
    });
    expect(one?.value === null).toBe(expected.value === null);
  });

  it("has a rule for every signal of the contract", () => {
    expect(Object.keys(THINNING).toSorted()).toEqual([...SIGNALS].sort());
  });

  it("keeps the last total of each bucket, and each bucket for itself", () => {
    const buckets = [0, 1, 2].flatMap((index) => [
      aSample(index * TEN, { name: "latency_bucket", le: 100, value: 10 + index }),
      aSample(index * TEN, { name: "latency_bucket", le: "+Inf", value: 20 + index }),
    ]);
    expect(thin(buckets, MINUTE_MS, new Map())).toEqual(buckets.slice(-2));
  });

  it("weighs a ratio by its requests, so that as many have failed", () => {
    const looks = [
      [0.5, 10],
      [0, 90],
    ].flatMap(([ratio = 0, requests = 0], index) => [
      aSample(index * TEN, { name: "error_ratio", value: ratio }),
      aSample(index * TEN, { name: "requests", value: requests }),
    ]);
    expect(thin(looks, MINUTE_MS, new Map())).toMatchObject([
      { name: "error_ratio", value: 0.05 },
      { name: "requests", value: 100 },
    ]);
  });

  it("keeps every change of deployment at its moment, and the live one with the rest", () => {
    const ids = minute("deployment", ["a", "a", "b", "b", "c", "c"]);
    const known = new Map();
    expect(thin(ids, MINUTE_MS, known).map(({ ts, value }) => [ts / TEN, value])).toEqual([
      [0, "a"],
      [2, "b"],
      [4, "c"],
      [5, "c"],
    ]);
    const next = minute("deployment", ["c", null, "c"], MINUTE_MS);
    expect(thin(next, MINUTE_MS, known).map(({ ts, value }) => [ts / TEN, value])).toEqual([
      [8, "c"],
    ]);
    const back = minute("deployment", ["a"], 2 * MINUTE_MS);
    expect(thin(back, MINUTE_MS, known)).toEqual(back);
  });

  it("keeps the reason of what decided, and the last word on when the process started", () => {
    const reason = problem("timeout");
    const looks = [
      aSample(0, { processStart: 5 }),
      aSample(TEN, { value: 0, problem: reason, processStart: 5 }),
      aSample(2 * TEN, { value: null, problem: problem("dns-failed") }),
      aSample(3 * TEN, { processStart: 9 }),
    ];
    expect(thin(looks, MINUTE_MS, new Map())).toEqual([
      aSample(3 * TEN, { value: 0, low: 0, high: 1, problem: reason, processStart: 9 }),
    ]);
  });

  it("leaves probes and targets apart, each at its own last look", () => {
    const looks = [
      aSample(0),
      aSample(1, { probe: "p" }),
      aSample(TEN),
      aSample(11, { target: "t" }),
    ];
    expect(thin(looks, MINUTE_MS, new Map())).toEqual([
      aSample(1, { probe: "p" }),
      aSample(11, { target: "t" }),
      aSample(TEN),
    ]);
  });

  it("preserves the sums of counts and the extremes of gauges, in one step as in two", () => {
    const look = fc.record({
      gap: fc.integer({ min: 1, max: 90 }),
      target: fc.constantFrom("api", "web"),
      requests: fc.option(fc.nat({ max: 1_000 })),
      memory: fc.option(fc.nat({ max: 1_000 })),
      up: fc.constantFrom(0, 1, null),
    });
    fc.assert(
      fc.property(fc.array(look, { minLength: 1, maxLength: 80 }), (looks) => {
        let ts = 0;
        const samples = looks.flatMap(({ gap, target, requests, memory, up }) => {
          ts += gap * SECOND_MS;
          return [
            aSample(ts, { target, name: "requests", value: requests }),
            aSample(ts, { target, name: "memory_used", value: memory }),
            aSample(ts, { target, value: up }),
          ];
        });
        const once = thin(samples, 5 * MINUTE_MS, new Map());
        const twice = thin(thin(samples, MINUTE_MS, new Map()), 5 * MINUTE_MS, new Map());
        expect(twice).toEqual(once);
        expect(sum(once, "requests")).toBe(sum(samples, "requests"));
        expect(lowest(once, "memory_used")).toBe(lowest(samples, "memory_used"));
        expect(lowest(once, "up")).toBe(lowest(samples, "up"));
        expect(once.map((one) => one.ts)).toEqual(
          once.map((one) => one.ts).toSorted((a, b) => a - b),
        );
        expect(once.length).toBeLessThanOrEqual(samples.length);
      }),
    );
  });
});

function sum(samples: readonly Sample[], name: SignalName): number {
  return numbers(samples, name).reduce((total, value) => total + value, 0);
}

function lowest(samples: readonly Sample[], name: SignalName): number {
  return Math.min(...numbers(samples, name));
}

function numbers(samples: readonly Sample[], name: SignalName): readonly number[] {
  return samples.flatMap((one) =>
    one.name === name && typeof one.value === "number" ? [one.value] : [],
  );
}
