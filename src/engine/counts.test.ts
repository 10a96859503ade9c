import { expect, it } from "vitest";

import { createCounts } from "./counts.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const START = 1_000_000_000_000;

const complaints = (value: number) => ({ signal: "complaints" as const, value });

it("tells the first count at once, and adds up the next ones for ten seconds", () => {
  const counts = createCounts();
  counts.add("generic", "api", complaints(3), START);
  expect(counts.due()).toBeLessThanOrEqual(START);
  expect(counts.take(START)).toEqual([
    { target: "api", probe: "hook generic", ts: START, tookMs: 0, values: { complaints: 3 } },
  ]);
  counts.add("generic", "api", complaints(1), START + 1);
  counts.add("generic", "api", complaints(2), START + 2);
  counts.add("generic", "api", { signal: "auth_failures", value: 7 }, START + 3);
  expect(counts.take(START + 9_999)).toEqual([]);
  expect(counts.due()).toBe(START + 10 * SECOND);
  expect(counts.take(START + 10 * SECOND)).toMatchObject([
    { values: { complaints: 3, auth_failures: 7 } },
  ]);
});

it("tells zeros for an hour, then nothing, and the next count again at once", () => {
  const counts = createCounts();
  counts.add("generic", "api", complaints(3), START);
  counts.take(START);
  const told: number[] = [];
  for (let at = START + 10 * SECOND; at <= START + 2 * HOUR; at += 10 * SECOND)
    for (const { values, ts } of counts.take(at)) {
      expect(values).toEqual({ complaints: 0 });
      told.push(ts);
    }
  expect(told).toHaveLength(360);
  expect(told.at(-1)).toBe(START + HOUR);
  expect(counts.due()).toBe(Infinity);
  counts.add("generic", "api", complaints(1), START + 3 * HOUR);
  expect(counts.take(START + 3 * HOUR)).toMatchObject([{ values: { complaints: 1 } }]);
});

it("keeps targets and sources apart", () => {
  const counts = createCounts();
  counts.add("generic", "api", complaints(1), START);
  counts.add("generic", "worker", complaints(2), START);
  counts.add("other", "api", complaints(4), START);
  expect(counts.take(START).map(({ target, probe, values }) => [target, probe, values])).toEqual([
    ["api", "hook generic", { complaints: 1 }],
    ["worker", "hook generic", { complaints: 2 }],
    ["api", "hook other", { complaints: 4 }],
  ]);
});
