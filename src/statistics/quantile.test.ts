import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { medianAndMad, robustDistance } from "./median-mad.ts";
import { median, quantile, quantileInterval } from "./quantile.ts";

// numpy 2.4 `quantile([15, 20, 35, 40, 50], p)`, its default being type 7.
const TYPE_SEVEN: readonly (readonly [number, number])[] = [
  [0, 15],
  [0.05, 16],
  [0.3, 23],
  [0.4, 29],
  [0.5, 35],
  [0.95, 48],
  [1, 50],
];
// scipy 1.17.1 `quantile_test(1 ... n, p=p).confidence_interval(0.95)`; n = 10 is also Conover's and every text's 2 to 9.
const RANKS: readonly (readonly [number, number, number, number])[] = [
  [10, 0.5, 2, 9],
  [100, 0.9, 84, 96],
  [72, 0.95, 64, 72],
  [368, 0.99, 360, 368],
];

const samples = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, index) => index + 1);

describe("quantile", () => {
  it.each(TYPE_SEVEN)("finds %d", (p, value) => {
    expect(quantile([40, 15, 50, 20, 35], p)).toBeCloseTo(value, 12);
  });

  it("has a defined answer for no, one and bad samples", () => {
    expect([quantile([], 0.5), quantile([7], 0.95), median([])]).toEqual([null, 7, null]);
    expect(() => quantile([1, Number.NaN], 0.5)).toThrow(RangeError);
    expect(() => quantile([1, Infinity], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 1.5)).toThrow(RangeError);
  });

  it("ignores the order, keeps its input, and rises with p", () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(samples, p, p, (values, p, q) => {
        const copy = [...values];
        expect(quantile(values.toReversed(), p)).toBe(quantile(values, p));
        expect(values).toEqual(copy);
        const low = quantile(values, Math.min(p, q)) ?? Number.NaN;
        expect(quantile(values, Math.max(p, q))).toBeGreaterThanOrEqual(low - 1e-9);
      }),
    );
  });
});

it("is the same as by way of sorting, also of many alike and of very many", () => {
  const alike = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 600 });
  const p = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.oneof(samples, alike), p, (values, p) => {
      const sorted = values.map((value) => value + 0).toSorted((a, b) => a - b);
      const place = (sorted.length - 1) * p;
      const [below = 0, above = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
      expect(quantile(values, p)).toBe(below + (place - Math.floor(place)) * (above - below));
    }),
  );
});

describe("quantileInterval", () => {
  it.each(RANKS)("of %d samples at p %d reaches from rank %d to %d", (n, p, lower, upper) => {
    const interval = quantileInterval(upTo(n), p, 0.95);
    expect([interval?.lower, interval?.upper]).toEqual([lower, upper]);
    expect([interval?.lowerRank, interval?.upperRank]).toEqual([lower, upper]);
    expect(interval?.coverage).toBeGreaterThanOrEqual(0.95);
  });

  it("covers a median of ten with 1 - 22/1024", () => {
    expect(quantileInterval(upTo(10), 0.5, 0.95)?.coverage).toBeCloseTo(1 - 22 / 1024, 12);
  });

  it("admits that there are too few samples", () => {
    expect(quantileInterval(upTo(71), 0.95, 0.95)).toBeNull();
    expect(quantileInterval(upTo(367), 0.99, 0.95)).toBeNull();
    expect(quantileInterval([], 0.5, 0.95)).toBeNull();
    expect(quantileInterval([3], 0.5, 0.95)).toBeNull();
  });

  it("refuses bad input", () => {
    expect(() => quantileInterval([1], 0, 0.95)).toThrow(RangeError);
    expect(() => quantileInterval([Number.NaN], 0.5, 0.95)).toThrow(RangeError);
  });
});

describe("medianAndMad", () => {
  it("gives the textbook values", () => {
    // The usual example: deviations 1 1 0 0 2 4 7. scipy 1.17.1 `median_abs_deviation` says 1 too.
    const baseline = medianAndMad([1, 1, 2, 2, 4, 6, 9]);
    expect([baseline?.median, baseline?.mad]).toEqual([2, 1]);
    expect(baseline?.sigma).toBeCloseTo(1.482602218505602, 14);
  });

  it("has a defined answer for no, one and bad samples", () => {
    expect(medianAndMad([])).toBeNull();
    expect(medianAndMad([5])).toEqual({ median: 5, mad: 0, sigma: 0 });
    expect(() => medianAndMad([Number.NaN])).toThrow(RangeError);
  });

  it("moves and stretches with its samples", () => {
    const whole = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });
    const step = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(whole, step, step, (values, factor, offset) => {
        const plain = medianAndMad(values);
        const moved = medianAndMad(values.map((value) => value * factor + offset));
        expect(moved?.median).toBeCloseTo((plain?.median ?? 0) * factor + offset, 9);
        expect(moved?.mad).toBeCloseTo((plain?.mad ?? 0) * Math.abs(factor), 9);
      }),
    );
  });

  it("stays put while fewer than half of the samples are wild", () => {
    const wild = medianAndMad([10, 11, 12, 13, 14, 1e9, 1e9, 1e9, 1e9]);
    expect(wild?.median).toBe(14);
    expect(wild?.mad).toBe(4);
  });
});

describe("robustDistance", () => {
  const quiet = { median: 100, mad: 0, sigma: 0 };

  it("never divides by a scatter below the floors", () => {
    expect(robustDistance(130, quiet, { relativeFloor: 0.1, floor: 0 })).toBe(3);
    expect(robustDistance(130, quiet, { relativeFloor: 0.1, floor: 15 })).toBe(2);
    expect(robustDistance(70, { ...quiet, sigma: 30 }, { relativeFloor: 0.1, floor: 0 })).toBe(-1);
  });

  it("has no answer without any scatter, and refuses bad input", () => {
    expect(robustDistance(130, quiet, { relativeFloor: 0, floor: 0 })).toBeNull();
    expect(() => robustDistance(Number.NaN, quiet, { relativeFloor: 0, floor: 1 })).toThrow(
      RangeError,
    );
    expect(() => robustDistance(1, quiet, { relativeFloor: -1, floor: 1 })).toThrow(RangeError);
  });
});
