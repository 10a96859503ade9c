import { describe, expect, it } from "vitest";

import { risenShare } from "./sequential.ts";
import type { RiseOptions } from "./sequential.ts";

const RISE: RiseOptions = { alpha: 0.01, dispersion: 1, strength: 10, ratio: 2, rise: 0.005 };

describe("risenShare", () => {
  const before = { failed: 20, total: 10_000 };

  it("sees a share that rose from 0.2 % to 5 %, and not one that stayed", () => {
    expect(risenShare(before, { failed: 25, total: 500 }, RISE)?.risen).toBe(true);
    expect(risenShare(before, { failed: 1, total: 500 }, RISE)?.risen).toBe(false);
    expect(risenShare(before, { failed: 0, total: 0 }, RISE)?.risen).toBe(false);
  });

  it("takes the largest of bound, ratio and rise as its null", () => {
    const after = { failed: 1, total: 100 };
    expect(risenShare(before, after, { ...RISE, ratio: 10 })?.nullShare).toBeCloseTo(0.02, 12);
    expect(risenShare(before, after, { ...RISE, rise: 0.3 })?.nullShare).toBeCloseTo(0.302, 12);
    // scipy 1.17.1: beta.ppf(0.995, 21, 9980), the one-sided Clopper-Pearson bound.
    const bound = risenShare(before, after, { ...RISE, ratio: 1, rise: 0 })?.nullShare;
    expect(bound).toBeCloseTo(0.0034642573511694786, 12);
  });

  it("trusts few requests before the change less than many", () => {
    const few = risenShare({ failed: 0, total: 50 }, { failed: 5, total: 100 }, RISE);
    const many = risenShare({ failed: 0, total: 5_000 }, { failed: 5, total: 100 }, RISE);
    expect(few?.risen).toBe(false);
    expect(many?.risen).toBe(true);
  });

  it("has a defined answer for nothing, total failure and nonsense", () => {
    expect(risenShare({ failed: 0, total: 0 }, before, RISE)).toBeNull();
    expect(risenShare({ failed: 9, total: 9 }, before, RISE)).toBeNull();
    expect(() => risenShare(before, { failed: 3, total: 1 }, RISE)).toThrow(RangeError);
    expect(() => risenShare(before, before, { ...RISE, ratio: 0.5 })).toThrow(RangeError);
    expect(() => risenShare(before, before, { ...RISE, alpha: 1 })).toThrow(RangeError);
  });
});
