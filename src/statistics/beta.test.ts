import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { incompleteBeta, logBeta } from "./beta.ts";
import { deviance, logGamma, stirlingError } from "./gamma.ts";

describe("logGamma", () => {
  it("knows factorials and the half", () => {
    let logFactorial = 0;
    for (let n = 1; n <= 170; n += 1) {
      expect(logGamma(n)).toBeCloseTo(logFactorial, 10);
      logFactorial += Math.log(n);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
  });

  it("obeys its recurrence across the switch between its formulas", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1000, noNaN: true }), (x) => {
        expect(logGamma(x + 1) - logGamma(x)).toBeCloseTo(Math.log(x), 10);
        expect(stirlingError(x)).toBeGreaterThan(0);
      }),
    );
  });

  it("refuses what it is not defined for", () => {
    for (const x of [0, -1, Number.NaN, Infinity]) expect(() => logGamma(x)).toThrow(RangeError);
  });
});

it("computes the deviance the same way near the mean and far from it", () => {
  for (const x of [5, 80, 99, 100, 101, 121, 123, 500]) {
    expect(deviance(x, 100)).toBeCloseTo(x * Math.log(x / 100) + 100 - x, 10);
  }
});

describe("incompleteBeta", () => {
  it("has its closed forms", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 50, noNaN: true }), fc.nat(1024), (a, part) => {
        // Multiples of 1/1024, so that 1 - x is exact.
        const x = part / 1024;
        expect(incompleteBeta(a, 1, x).lower).toBeCloseTo(x ** a, 12);
        expect(incompleteBeta(1, a, x).upper).toBeCloseTo((1 - x) ** a, 12);
        expect(incompleteBeta(a, a, 0.5).lower).toBeCloseTo(0.5, 12);
        expect(incompleteBeta(a, 2, x).lower).toBeCloseTo(incompleteBeta(2, a, 1 - x).upper, 10);
      }),
    );
    expect(logBeta(2, 3)).toBeCloseTo(-Math.log(12), 14);
    expect(logBeta(0.5, 0.5)).toBeCloseTo(Math.log(Math.PI), 14);
  });

  it("keeps its digits with hundreds of millions of counts", () => {
    // scipy 1.17.1 `betainc` and `betaincc`.
    const { lower, upper } = incompleteBeta(1e8, 1e8, 0.50005);
    expect(Math.abs(lower / 0.9213503967342649 - 1)).toBeLessThan(1e-11);
    expect(Math.abs(upper / 0.07864960326572318 - 1)).toBeLessThan(1e-11);
  });

  it("refuses what it is not defined for", () => {
    expect(() => incompleteBeta(0, 1, 0.5)).toThrow(RangeError);
    expect(() => incompleteBeta(1, 1, 1.1)).toThrow(RangeError);
    expect(() => incompleteBeta(1, Number.NaN, 0.5)).toThrow(RangeError);
    expect(() => logBeta(1, -1)).toThrow(RangeError);
  });
});
