import { expect, test } from "vitest";

import { grow, isSameMap, patchTo } from "./regions.ts";

test.each([
  [{ west: 1 }, { by: 1, max: 4 }, { west: 2 }],
  [
    { west: 1, east: 2 },
    { by: 1, max: 4 },
    { west: 1, east: 3 },
  ],
  [
    { west: 2, east: 2 },
    { by: 2, max: 5 },
    { west: 2, east: 3 },
  ],
])("%j grows by %j to %j", (regions, bounds, expected) => {
  expect(grow(regions, bounds)).toEqual({ ok: true, regions: expected });
});

test.each([
  [{ west: 4 }, "replicas-capped"],
  [{}, "replicas-unknown"],
])("%j does not grow: %s", (regions, code) => {
  expect(grow(regions, { by: 1, max: 4 })).toMatchObject({ ok: false, problem: { code } });
});

test("a patch names every region of both maps", () => {
  expect(patchTo({ west: 1 }, { west: 2, east: 1 })).toEqual({ west: 1, east: null });
  expect(isSameMap({ west: 1 }, { west: 1, east: 1 })).toBe(false);
  expect(isSameMap({ west: 1, east: 2 }, { east: 2, west: 1 })).toBe(true);
});
