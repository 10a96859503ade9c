import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { RAINFALL } from "./rainfall.fixture.ts";
import { MOST_POINTS, senSlope, theilSen } from "./theil-sen.ts";

// scipy 1.17.1 `theilslopes(y, x, confidence)`; the first is Sen's (1968) own example, also in scipy's tests.
const SCIPY: readonly {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly confidence: number;
  readonly line: readonly [number, number, number, number];
}[] = [
  {
    xs: [1, 2, 3, 4, 10, 12, 18],
    ys: [9, 15, 19, 20, 45, 55, 78],
    confidence: 0.93,
    line: [4, 4, 3.7142857142857144, 4.375],
  },
  { xs: [0, 1, 2], ys: [0, 1, 1], confidence: 0.95, line: [0.5, 0.5, 0, 1] },
  {
    xs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ys: [3, 1, 4, 1, 5, 9, 2, 6, 5, 3],
    confidence: 0.95,
    line: [0.3333333333333333, 2, -0.5, 0.8333333333333334],
  },
  // Ties among the x and among the y, each of which narrows the interval.
  {
    xs: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
    ys: [1, 0, 1, 1, 2, 1, 0, 2, 1, 1, 0, 1],
    confidence: 0.9,
    line: [0, 1, 0, 0],
  },
];

const ys = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 40 });
const places = (n: number): readonly number[] => Array.from({ length: n }, (_, index) => index);

describe("theilSen", () => {
  it.each(SCIPY)("agrees with scipy on $ys", ({ xs, ys, confidence, line }) => {
    const found = theilSen(xs, ys, confidence);
    expect(found?.slope).toBeCloseTo(line[0], 12);
    expect(found?.intercept).toBeCloseTo(line[1], 12);
    expect(found?.lower).toBeCloseTo(line[2], 12);
    expect(found?.upper).toBeCloseTo(line[3], 12);
  });

  it("follows an added line, and its interval encloses the slope", () => {
    fc.assert(
      fc.property(ys, fc.integer({ min: -9, max: 9 }), (values, step) => {
        const xs = places(values.length);
        const plain = theilSen(xs, values, 0.9);
        const tilted = theilSen(
          xs,
          values.map((value, index) => value + step * index),
          0.9,
        );
        if (plain === null || tilted === null) throw new Error("there are two different x");
        expect(tilted.slope).toBeCloseTo(plain.slope + step, 9);
        const lifted = theilSen(
          xs,
          values.map((value) => value + step),
          0.9,
        );
        expect(lifted?.slope).toBe(plain.slope);
        expect(lifted?.intercept).toBeCloseTo(plain.intercept + step, 9);
        expect(plain.lower).toBeLessThanOrEqual(plain.slope);
        expect(plain.upper).toBeGreaterThanOrEqual(plain.slope);
      }),
    );
  });

  it("is not moved by a quarter of wild values", () => {
    const values = places(40).map((x) => (x % 4 === 0 ? 1e9 : 2 * x));
    const line = theilSen(places(40), values, 0.95);
    expect(line?.slope).toBeGreaterThan(1.9);
    expect(line?.slope).toBeLessThan(2.1);
  });

  it("has a defined answer for too few and bad points", () => {
    expect([theilSen([], [], 0.9), theilSen([1], [1], 0.9), theilSen([2, 2], [1, 5], 0.9)]).toEqual(
      [null, null, null],
    );
    expect(() => theilSen([1, 2], [1], 0.9)).toThrow(RangeError);
    expect(() => theilSen([1, 2], [1, Number.NaN], 0.9)).toThrow(RangeError);
    expect(() => theilSen([1, Infinity], [1, 2], 0.9)).toThrow(RangeError);
    const many = places(MOST_POINTS + 1);
    expect(() => theilSen(many, many, 0.9)).toThrow(RangeError);
  });
});

describe("senSlope", () => {
  // pyMannKendall's expectations: with the gaps in place (4b62f505), and without them (25412183).
  it("gives pyMannKendall's slopes of the rainfall", () => {
    expect(senSlope(RAINFALL)).toBe(-0.006369426751592357);
    expect(senSlope(RAINFALL.filter((value) => value !== null))).toBe(-0.0064516129032258064);
  });

  it("is the slope of theilSen", () => {
    fc.assert(
      fc.property(ys, (values) => {
        const line = theilSen(places(values.length), values, 0.5);
        expect(senSlope(values)).toBe(line?.slope);
      }),
    );
  });

  it("has a defined answer for too few and bad values", () => {
    expect([senSlope([]), senSlope([4]), senSlope([null, 4, null])]).toEqual([null, null, null]);
    expect(senSlope([1, null, 5])).toBe(2);
    expect(() => senSlope([1, Number.NaN])).toThrow(RangeError);
  });
});
