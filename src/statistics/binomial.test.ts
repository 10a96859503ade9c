import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  binomialAtLeast,
  binomialCdf,
  binomialProbability,
  clopperPearson,
  wilson,
} from "./binomial.ts";

// mpmath at 40 digits: the sum of binomial(n, i) p^i (1-p)^(n-i); the last one with 30 digits of loggamma.
const AT_LEAST: readonly (readonly [number, number, number, number])[] = [
  [1, 10, 0.1, 0.6513215599000001],
  [5, 1000, 0.001, 0.0036368780295217905],
  [20, 100, 0.05, 1.0522953420147277e-7],
  [60, 100, 0.5, 0.028443966820490395],
  [40, 2000, 0.005, 5.88013925677429e-13],
  [300, 1000, 0.1, 6.823349107844987e-69],
  [10_500, 1_000_000, 0.01, 3.15856587924723e-7],
];
const AT_MOST: readonly (readonly [number, number, number, number])[] = [
  [0, 10, 0.1, 0.3486784401],
  [3, 10, 0.5, 0.171875],
  [2, 1000, 0.01, 0.0026794319937915334],
  [10, 1000, 0.05, 2.7977985614856597e-12],
];
// scipy 1.17.1 `binomtest(k, n).proportion_ci(confidence, "exact" | "wilson")`.
const BOUNDS: readonly (readonly [number, number, number, number, number, number, number])[] = [
  [0, 10, 0.95, 0, 0.30849710781876294, 0, 0.27753279986288926],
  [4, 20, 0.95, 0.05733399705002387, 0.4366140029966687, 0.08065766257979806, 0.4160174322518936],
  [10, 10, 0.95, 0.6915028921812371, 1, 0.7224672001371109, 1],
  [
    1, 100, 0.99, 5.0124161905625066e-5, 0.07195768240189192, 0.0011751454265122932,
    0.07980112853499424,
  ],
  [
    13, 1000, 0.95, 0.006939617502847037, 0.022127803636780307, 0.007612820389351024,
    0.022114442375579666,
  ],
];

const counts = fc
  .integer({ min: 1, max: 3000 })
  .chain((total) => fc.tuple(fc.integer({ min: 0, max: total }), fc.constant(total)));

describe("binomial tails", () => {
  it.each(AT_LEAST)("knows P(X >= %d of %d at %d)", (k, n, share, p) => {
    expect(Math.abs(binomialAtLeast(k, n, share) / p - 1)).toBeLessThan(1e-11);
  });

  it.each(AT_MOST)("knows P(X <= %d of %d at %d)", (k, n, share, p) => {
    expect(Math.abs(binomialCdf(k, n, share) / p - 1)).toBeLessThan(1e-12);
  });

  it("agrees with the sum of its terms", () => {
    for (const share of [0.003, 0.2, 0.5, 0.97]) {
      let sum = 0;
      for (let k = 0; k <= 200; k += 1) {
        sum += binomialProbability(k, 200, share);
        expect(binomialCdf(k, 200, share)).toBeCloseTo(sum, 12);
      }
    }
  });

  it("splits into below and at least", () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0.001, max: 0.999, noNaN: true }), ([k, n], share) => {
        const below = k === 0 ? 0 : binomialCdf(k - 1, n, share);
        expect(below + binomialAtLeast(k, n, share)).toBeCloseTo(1, 11);
      }),
    );
  });

  it("knows certain events", () => {
    expect([binomialCdf(3, 3, 0.4), binomialAtLeast(0, 3, 0.4)]).toEqual([1, 1]);
    expect([binomialCdf(0, 3, 0), binomialCdf(2, 3, 1), binomialAtLeast(3, 3, 1)]).toEqual([
      1, 0, 1,
    ]);
    expect([binomialProbability(0, 0, 0.3), binomialProbability(3, 3, 1)]).toEqual([1, 1]);
  });

  it("refuses impossible counts and shares", () => {
    expect(() => binomialCdf(4, 3, 0.5)).toThrow(RangeError);
    expect(() => binomialAtLeast(1.5, 3, 0.5)).toThrow(RangeError);
    expect(() => binomialAtLeast(1, 3, Number.NaN)).toThrow(RangeError);
    expect(() => binomialProbability(1, Infinity, 0.5)).toThrow(RangeError);
  });
});

describe("bounds of a share", () => {
  it.each(BOUNDS)("bounds %d of %d at %d", (failed, total, confidence, low, high, low2, high2) => {
    const exact = clopperPearson(failed, total, confidence);
    const score = wilson(failed, total, confidence);
    for (const [ours, theirs] of [
      [exact?.lower, low],
      [exact?.upper, high],
      [score?.lower, low2],
      [score?.upper, high2],
    ] as const) {
      expect(ours).toBeCloseTo(theirs, 12);
    }
  });

  it("puts exactly half of the rest into each tail", () => {
    fc.assert(
      fc.property(counts, ([failed, total]) => {
        const bounds = clopperPearson(failed, total, 0.9);
        if (bounds === null) throw new Error("there were requests");
        if (failed > 0) expect(binomialAtLeast(failed, total, bounds.lower)).toBeCloseTo(0.05, 8);
        if (failed < total) expect(binomialCdf(failed, total, bounds.upper)).toBeCloseTo(0.05, 8);
      }),
      { numRuns: 50 },
    );
  });

  it("mirrors when failures and successes are swapped", () => {
    fc.assert(
      fc.property(counts, ([failed, total]) => {
        const bounds = wilson(failed, total, 0.95);
        const mirrored = wilson(total - failed, total, 0.95);
        expect(bounds?.lower).toBeCloseTo(1 - (mirrored?.upper ?? 0), 12);
      }),
    );
  });

  it("knows nothing without requests and refuses bad input", () => {
    expect([clopperPearson(0, 0, 0.95), wilson(0, 0, 0.95)]).toEqual([null, null]);
    expect(() => clopperPearson(2, 1, 0.95)).toThrow(RangeError);
    expect(() => wilson(1, 2, 1)).toThrow(RangeError);
    expect(() => wilson(Number.NaN, 2, 0.9)).toThrow(RangeError);
  });
});
