import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import type { Batch } from "../batch.ts";
import { judgeAll, judgeStored, letters } from "../latency-shift/fold.fixture.ts";
import { saturation } from "./index.ts";

const SECOND = 1_000;

type Values = Readonly<Record<string, number | null>>;

function every10s(rows: readonly (Values | undefined)[]): Batch[] {
  return rows.flatMap((values, index) =>
    values === undefined ? [] : [{ ts: index * 10 * SECOND, values }],
  );
}

/** Shares of the limit in per cent; `null` is a look that got nothing, `undefined` no look. */
function shares(resource: string, ...values: readonly (number | null | undefined)[]): Batch[] {
  return every10s(
    values.map((used) =>
      used === undefined ? used : { [`${resource}_used`]: used, [`${resource}_limit`]: 100 },
    ),
  );
}

function times<T>(count: number, one: T): readonly T[] {
  return Array.from({ length: count }, () => one);
}

describe("saturation of a limit", () => {
  it.each<[string, readonly (number | null | undefined)[], string]>([
    ["three of five open", [50, 50, 50, 95, 95, 95, 95], "iihiiBB"],
    ["also with good ones between", [50, 50, 50, 95, 50, 95, 50, 95], "iihihihB"],
    ["two are a peak", [50, 50, 50, 95, 95, 50, 50], "iihiihh"],
    ["nearly is not over", [50, 50, 50, 89, 89, 89], "iihhhh"],
    [
      "between the levels it stays open",
      [50, 50, 50, 95, 95, 95, ...times(20, 85)],
      `iihii${"B".repeat(21)}`,
    ],
    ["three calm minutes close", [95, 95, 95, ...times(21, 50)], `iiB${"i".repeat(18)}hhh`],
    ["a look that got nothing is neither", [50, 50, 50, null, 50], "iihih"],
    ["missing after three intervals", [50, 50, 50, ...times(5, null)], "iihiiimm"],
    [
      "a gap starts the count anew",
      [50, 50, 95, 95, ...times(4, undefined), 95, 95, 95],
      "iiiiiiB",
    ],
  ])("connections: %s", (_, values, states) => {
    expect(letters(judgeAll(saturation, shares("connections", ...values)))).toBe(states);
  });

  it("does not wake anybody for memory that was always full, but for memory that fills", () => {
    expect(letters(judgeAll(saturation, shares("memory", ...times(8, 99))))).toBe("iiiiiiii");
    const filled = shares("memory", ...times(40, 70), 96, 97, 98, 99);
    expect(letters(judgeAll(saturation, filled)).slice(-5)).toBe("hiiBB");
    const filling = Array.from({ length: 2_000 }, (_, look) => 100 - 60 * Math.exp(-look / 500));
    expect(letters(judgeAll(saturation, shares("memory", ...filling)))).not.toContain("B");
  });

  it("needs a limit, takes 0 for none, and remembers what it was told", () => {
    const used = { connections_used: 95 };
    expect(letters(judgeAll(saturation, every10s(times(5, used))))).toBe("iiiii");
    expect(
      letters(judgeAll(saturation, every10s(times(5, { ...used, connections_limit: 0 })))),
    ).toBe("iiiii");
    const once = [{ ...used, connections_limit: 100 }, ...times(4, used)];
    expect(letters(judgeAll(saturation, every10s(once)))).toBe("iiBBB");
  });

  it("judges requests in flight against a limit when one is given", () => {
    const settings = { ...saturation.defaults, inflightLimit: 40 };
    const rows = [...times(3, { inflight: 5 }), ...times(4, { inflight: 38 })];
    expect(letters(judgeAll(saturation, every10s(rows), settings))).toBe("iihiiBB");
  });

  it("lets the worst speak, with its numbers and the first sample over as onset", () => {
    const rows = [
      ...times(3, { memory_used: 5, memory_limit: 10, connections_used: 5, connections_limit: 10 }),
      ...times(3, {
        memory_used: 5,
        memory_limit: 10,
        connections_used: 10,
        connections_limit: 10,
      }),
    ];
    const judged = judgeAll(saturation, every10s(rows));
    expect(judged.at(-1)).toMatchObject({
      state: "breached",
      onset: 30 * SECOND,
      evidence: {
        resource: "connections",
        connections: 1,
        connectionsThreshold: 0.9,
        connectionsOver: 3,
        memory: 0.5,
        memoryState: "healthy",
        openAfter: 3,
        openOf: 5,
      },
    });
    expect(judged.at(-2)).toMatchObject({ state: "inconclusive", failing: true });
  });

  it("does not call healthy what is seen only in part", () => {
    const both = { memory_used: 5, memory_limit: 10, connections_used: 5, connections_limit: 10 };
    const rows = [...times(5, both), ...times(5, { connections_used: 5 })];
    expect(letters(judgeAll(saturation, every10s(rows)))).toBe("iihhhhhhmm");
  });
});

/** Ten quiet minutes: 10 requests a second, 2 in flight. */
const QUIET = Array.from({ length: 60 }, (_, index) => ({
  requests: 95 + (index % 9),
  inflight: 2,
}));

function afterQuiet(rows: readonly Values[]): string {
  return letters(judgeAll(saturation, every10s([...QUIET, ...rows]))).slice(QUIET.length);
}

describe("saturation by queueing", () => {
  it("opens when requests queue for a minute while no more are answered", () => {
    expect(afterQuiet(times(9, { requests: 100, inflight: 40 }))).toBe("iiiiiiBBB");
  });

  it("does not open for half a minute, nor for a crowd that is served", () => {
    const short = [
      ...times(4, { requests: 100, inflight: 40 }),
      ...times(4, { requests: 100, inflight: 2 }),
    ];
    expect(afterQuiet(short)).toBe("iiiihhhh");
    expect(afterQuiet(times(12, { requests: 1_000, inflight: 25 }))).toBe("h".repeat(12));
  });

  it("closes when the queue is gone for three minutes", () => {
    const rows = [
      ...times(8, { requests: 90, inflight: 40 }),
      ...times(20, { requests: 100, inflight: 2 }),
    ];
    expect(afterQuiet(rows)).toBe(`iiiiiiBB${"i".repeat(18)}hh`);
  });

  it("takes a queue that lasted six hours for the new usual", () => {
    const states = afterQuiet(times(2_300, { requests: 100, inflight: 40 }));
    expect(states.slice(6, 2_100)).toBe("B".repeat(2_094));
    expect(states.at(-1)).toBe("h");
  });

  it("judges a hundred times the traffic the same", () => {
    const rows = [
      ...QUIET,
      ...times(9, { requests: 100, inflight: 40 }),
      ...times(25, { requests: 100, inflight: 2 }),
    ];
    const many = rows.map(({ requests, inflight }) => ({
      requests: requests * 100,
      inflight: inflight * 100,
    }));
    expect(letters(judgeAll(saturation, every10s(many)))).toBe(
      letters(judgeAll(saturation, every10s(rows))),
    );
  });
});

describe("saturation as a fold", () => {
  const step = record({
    afterMs: constantFrom(10_000, 10_000, 9_000, 70_000),
    values: record(
      {
        connections_used: constantFrom(10, 85, 95, null),
        connections_limit: constantFrom(100, 100, null),
        memory_used: constantFrom(1, 99, null),
        memory_limit: constantFrom(100),
        inflight: constantFrom(2, 80, null),
        requests: constantFrom(100, 0, null),
      },
      { requiredKeys: [] },
    ),
  });

  it("says the same of a prefix, and when its state was written down at every step", () => {
    assert(
      property(array(step, { maxLength: 60 }), integer({ min: 0, max: 120 }), (steps, cut) => {
        let ts = 0;
        const quiet = QUIET.map((values): { afterMs: number; values: Batch["values"] } => ({
          afterMs: 10_000,
          values,
        }));
        const batches = [...quiet, ...steps].map(({ afterMs, values }): Batch => {
          ts += afterMs;
          return { ts, values };
        });
        const all = judgeAll(saturation, batches);
        expect(judgeAll(saturation, batches.slice(0, cut))).toEqual(all.slice(0, cut));
        const { judgements, most } = judgeStored(saturation, batches);
        expect(judgements).toEqual(all);
        expect(most).toBeLessThan(8_000);
      }),
      { numRuns: 50 },
    );
  });
});
