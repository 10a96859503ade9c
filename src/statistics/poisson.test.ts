import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { poissonAtLeast, poissonBounds, poissonCdf, poissonProbability } from "./poisson.ts";

// mpmath at 40 digits, the sums of m^i e^-m / i!: count, mean, P(X <= count), P(X >= count).
const TAILS: readonly (readonly [number, number, number, number])[] = [
  [0, 1.5, 0.22313016014842982, 1],
  [3, 2, 0.857123460498547, 0.32332358381693654],
  [20, 5, 0.9999999189074954, 3.45213582091446e-7],
  [5, 20, 7.190884052842893e-5, 0.9999830552560699],
  [130, 100, 0.9982931596294985, 0.0022820930543169552],
  [1100, 1000, 0.9991323590365564, 0.0009626304058665572],
];
// scipy 1.17.1: chi2.ppf(0.025, 2k) / 2 and chi2.ppf(0.975, 2k + 2) / 2.
const GARWOOD: readonly (readonly [number, number, number])[] = [
  [0, 0, 3.6888794541139354],
  [1, 0.025317807984289876, 5.571643390938898],
  [5, 1.6234863901184207, 11.66833207932267],
  [20, 12.216519585403944, 30.8883779026746],
  [1000, 938.9730184076952, 1063.952136016302],
];

describe("the Poisson law", () => {
  it.each(TAILS)("has the tails of %d at a mean of %d", (count, mean, below, above) => {
    expect(Math.abs(poissonCdf(count, mean) / below - 1)).toBeLessThan(1e-12);
    expect(Math.abs(poissonAtLeast(count, mean) / above - 1)).toBeLessThan(1e-12);
  });

  it.each(GARWOOD)("bounds the mean behind %d", (count, lower, upper) => {
    const bounds = poissonBounds(count, 0.95);
    expect(bounds.lower).toBeCloseTo(lower, 9);
    expect(bounds.upper).toBeCloseTo(upper, 9);
  });

  it("splits into below and at least", () => {
    const mean = fc.double({ min: 0.01, max: 2000, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), mean, (count, mean) => {
        expect(poissonCdf(count - 1, mean) + poissonAtLeast(count, mean)).toBeCloseTo(1, 11);
      }),
    );
  });

  it("knows a mean of zero", () => {
    expect([poissonCdf(0, 0), poissonAtLeast(1, 0), poissonProbability(0, 0)]).toEqual([1, 0, 1]);
  });

  it("refuses what cannot be counted", () => {
    expect(() => poissonCdf(-1, 1)).toThrow(RangeError);
    expect(() => poissonCdf(1.5, 1)).toThrow(RangeError);
    expect(() => poissonAtLeast(1, Number.NaN)).toThrow(RangeError);
    expect(() => poissonBounds(1, 1)).toThrow(RangeError);
  });
});
