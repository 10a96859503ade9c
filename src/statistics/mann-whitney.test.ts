import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  CONTROL,
  HIGH_CONTROL,
  RAISED,
  SPARSE_CONTROL,
  SPARSE_EXPERIMENT,
  STEADY,
} from "./kayenta.fixture.ts";
import { mannWhitney } from "./mann-whitney.ts";

// scipy 1.17.1 `mannwhitneyu(experiment, control, method="asymptotic", alternative="two-sided")`.
const SCIPY: readonly (readonly [string, readonly number[], readonly number[], number, number])[] =
  [
    ["pass", STEADY, CONTROL, 454, 0.9587314908134437],
    ["high", RAISED, CONTROL, 900, 3.0199e-11],
    ["low", STEADY, HIGH_CONTROL, 0, 3.0199e-11],
    ["large, with ties", SPARSE_EXPERIMENT, SPARSE_CONTROL, 27_139, 2.8334e-9],
    ["small, with ties", [1, 2, 2, 3, 5], [2, 4, 4, 6, 7, 8], 5, 0.07934368319771502],
  ];

const side = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 40 });

describe("mannWhitney", () => {
  it.each(SCIPY)("agrees with scipy on %s", (_name, first, second, u, p) => {
    const result = mannWhitney(first, second);
    expect(result?.u).toBe(u);
    expect(Math.abs((result?.p ?? 0) / p - 1)).toBeLessThan(2e-5);
  });

  it("agrees with scipy to all its digits where they are known", () => {
    expect(mannWhitney(STEADY, CONTROL)?.p).toBeCloseTo(0.9587314908134437, 13);
    const small = mannWhitney([1, 2, 2, 3, 5], [2, 4, 4, 6, 7, 8]);
    expect(small?.p).toBeCloseTo(0.07934368319771502, 13);
  });

  // "tie out intermediate variables": R's f.lower and f.upper at both ends, for both normal quantiles.
  it("agrees with R on the statistic at shifted samples", () => {
    const lowest = Math.min(...SPARSE_EXPERIMENT) - Math.max(...SPARSE_CONTROL);
    const highest = Math.max(...SPARSE_EXPERIMENT) - Math.min(...SPARSE_CONTROL);
    const at = (shift: number): number =>
      mannWhitney(
        SPARSE_EXPERIMENT.map((value) => value - shift),
        SPARSE_CONTROL,
      )?.z ?? Number.NaN;
    expect(lowest).toBe(-3.124999999999986);
    expect(highest).toBe(5.555555555555557);
    const quantile = 1.9599639845400536;
    expect(at(lowest) - quantile).toBeCloseTo(17.090968923762254, 10);
    expect(at(highest) - quantile).toBeCloseTo(-20.997687930433106, 10);
    expect(at(lowest) + quantile).toBeCloseTo(21.01089689284236, 10);
    expect(at(highest) + quantile).toBeCloseTo(-17.077759961353, 10);
  });

  it("counts the pairs it says it counts", () => {
    fc.assert(
      fc.property(side, side, (first, second) => {
        const scores = first.flatMap((a) => second.map((b) => (Math.sign(a - b) + 1) / 2));
        expect(mannWhitney(first, second)?.u).toBe(scores.reduce((sum, score) => sum + score, 0));
      }),
    );
  });

  it("mirrors when the sides change, and keeps its verdict under a growing transformation", () => {
    fc.assert(
      fc.property(side, side, (first, second) => {
        const result = mannWhitney(first, second);
        const mirrored = mannWhitney(second, first);
        const grown = mannWhitney(first.map(Math.exp), second.map(Math.exp));
        expect(mirrored?.z).toBeCloseTo(-(result?.z ?? Number.NaN), 12);
        expect(mirrored?.p).toBeCloseTo(result?.p ?? Number.NaN, 12);
        expect(grown).toEqual(result);
      }),
    );
  });

  it("cannot reach p < .001 with three window values", () => {
    const before = Array.from({ length: 60 }, (_, index) => index);
    expect(mannWhitney([1e9, 2e9, 3e9], before)?.p).toBeGreaterThan(0.001);
  });

  it("has a defined answer for empty, single, equal and bad samples", () => {
    expect([mannWhitney([], [1]), mannWhitney([1], [])]).toEqual([null, null]);
    expect(mannWhitney([1], [2])).toMatchObject({ u: 0, z: 0, p: 1 });
    expect(mannWhitney([4, 4, 4], [4, 4])).toEqual({ u: 3, effect: 0.5, z: 0, p: 1 });
    expect(() => mannWhitney([Number.NaN], [1])).toThrow(RangeError);
    expect(() => mannWhitney([1], [Infinity])).toThrow(RangeError);
  });
});
