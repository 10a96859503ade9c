import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { hodgesLehmann } from "./hodges-lehmann.ts";
import {
  SPARSE_CONTROL,
  SPARSE_EXPERIMENT,
  TIED_CONTROL,
  TIED_EXPERIMENT,
} from "./kayenta.fixture.ts";
import { mannWhitney } from "./mann-whitney.ts";

// Not reproduced of Kayenta's suites: its classifier's verdicts (a classifier is no statistic), "tie out with R version again"
// (180 values), the 850 x 850 case, and the digits beyond 1e-4 of R's root finder.

const side = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 40 });

describe("hodgesLehmann", () => {
  it("gives R's and Kayenta's interval of four against four", () => {
    const shift = hodgesLehmann([10, 20, 30, 40], [1, 2, 3, 4], 0.95);
    expect(shift).toEqual({ estimate: 22.5, lower: 6, upper: 39 });
  });

  // R's numbers, from the suite; its root finder stops within 1e-4.
  it("agrees with R's tie-outs within the tolerance of its root finder", () => {
    const tied = hodgesLehmann(TIED_EXPERIMENT, TIED_CONTROL, 0.95);
    expect(Math.abs((tied?.lower ?? 1) - -0.500002521696696)).toBeLessThan(1e-4);
    expect(Math.abs((tied?.upper ?? 1) - -3.486287505871302e-5)).toBeLessThan(1e-4);
    expect(Math.abs((tied?.estimate ?? 1) - -0.4999393907180323)).toBeLessThan(1e-4);
    const sparse = hodgesLehmann(SPARSE_EXPERIMENT, SPARSE_CONTROL, 0.95);
    expect(Math.abs((sparse?.lower ?? 1) - 3.521755377702165e-5)).toBeLessThan(1e-4);
    expect(Math.abs((sparse?.upper ?? 1) - 2.02456461662334e-5)).toBeLessThan(1e-4);
    expect(Math.abs((sparse?.estimate ?? 1) - 2.6279243045155653e-5)).toBeLessThan(1e-4);
  });

  it("is where the test of the shifted samples changes its verdict", () => {
    fc.assert(
      fc.property(side, side, (first, second) => {
        const shift = hodgesLehmann(first, second, 0.95);
        const at = (step: number): number =>
          mannWhitney(
            first.map((value) => value - step),
            second,
          )?.z ?? Number.NaN;
        if (shift === null) throw new Error("both sides have samples");
        // Differences are whole numbers here, so that a quarter beside them lies between two jumps.
        const lowest = Math.min(...first) - Math.max(...second);
        expect(at(shift.lower + 0.25)).toBeLessThanOrEqual(1.95996398454006);
        if (shift.lower > lowest) expect(at(shift.lower - 0.25)).toBeGreaterThan(1.95996398454005);
      }),
    );
  });

  it("moves with the first side and encloses its estimate", () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: -100, max: 100 }), (first, second, step) => {
        const shift = hodgesLehmann(first, second, 0.9);
        const moved = hodgesLehmann(
          first.map((value) => value + step),
          second,
          0.9,
        );
        if (shift === null || moved === null) throw new Error("both sides have samples");
        expect(moved.estimate).toBe(shift.estimate + step);
        expect(moved.lower).toBe(shift.lower + step);
        expect(shift.lower).toBeLessThanOrEqual(shift.estimate);
        expect(shift.upper).toBeGreaterThanOrEqual(shift.estimate);
      }),
    );
  });

  it("has a defined answer for empty, single and bad samples", () => {
    expect(hodgesLehmann([], [1], 0.95)).toBeNull();
    expect(hodgesLehmann([5], [3], 0.95)).toEqual({ estimate: 2, lower: 2, upper: 2 });
    expect(() => hodgesLehmann([Number.NaN], [3], 0.95)).toThrow(RangeError);
    expect(() => hodgesLehmann([1], [3], 1)).toThrow(RangeError);
    const many = Array.from({ length: 1001 }, () => 0);
    expect(() => hodgesLehmann(many, many, 0.95)).toThrow(RangeError);
  });
});
