import { describe, expect, it } from "vitest";

import { dispersion } from "./dispersion.ts";

describe("dispersion", () => {
  it("is the chi-square of the table of windows per degree of freedom", () => {
    // scipy 1.17.1 `chi2_contingency(table, correction=False).statistic / 3`.
    const windows = [
      { failed: 3, total: 100 },
      { failed: 9, total: 120 },
      { failed: 0, total: 0 },
      { failed: 1, total: 80 },
      { failed: 12, total: 110 },
    ];
    expect(dispersion(windows)).toBeCloseTo(3.272932703659977, 12);
  });

  it("has a defined answer for too little, nothing and nonsense", () => {
    expect([dispersion([]), dispersion([{ failed: 1, total: 9 }])]).toEqual([null, null]);
    const quiet = { failed: 0, total: 9 };
    expect(dispersion([quiet, quiet])).toBe(1);
    expect(
      dispersion([
        { failed: 1, total: 9 },
        { failed: 1, total: 9 },
      ]),
    ).toBe(1);
    expect(() => dispersion([quiet, { failed: 2, total: 1 }])).toThrow(RangeError);
  });
});
