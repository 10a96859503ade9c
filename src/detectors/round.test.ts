import { assert, constantFrom, double, integer, oneof, property } from "fast-check";
import { expect, it } from "vitest";

import { round } from "./round.ts";

it.each([
  [0, 0],
  [-0, 0],
  [1 / 3, 0.333333],
  [-1 / 3, -0.333333],
  [123_456_789, 123_457_000],
  [999_999.7, 1_000_000],
  [0.1 + 0.2, 0.3],
  [1e-30, 1e-30],
  [Infinity, Infinity],
  [NaN, NaN],
])("rounds %d to six significant digits: %d", (value, rounded) => {
  expect(round(value)).toBe(rounded);
});

it("is the same as by way of the text", () => {
  const halves = integer({ min: -10_000_000, max: 10_000_000 }).map((twice) => twice / 2 / 1_000);
  const any = oneof(double(), double({ min: -1e7, max: 1e7 }), halves);
  assert(
    property(any, constantFrom(3, 4, 5, 6), (value, digits) => {
      expect(round(value, digits)).toBe(Number(value.toPrecision(digits)));
    }),
    { numRuns: 20_000 },
  );
});
