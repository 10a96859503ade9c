import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { FLAP_STATES, flapPercent, isFlapping, NAGIOS_FLAP_THRESHOLDS } from "./flapping.ts";

const steady = Array.from({ length: FLAP_STATES }, () => "up");

describe("flapPercent", () => {
  // By hand from the weights 0.75 + 0.5 (k - 1)/19 of transition k = 1 ... 20, which sum to 20.
  it("weighs transitions from 0.75 to 1.25", () => {
    expect(flapPercent(steady)).toBe(0);
    expect(flapPercent(steady.with(0, "down"))).toBeCloseTo((100 * 0.75) / 20, 12);
    expect(flapPercent(steady.with(FLAP_STATES - 1, "down"))).toBeCloseTo((100 * 1.25) / 20, 12);
    expect(flapPercent(steady.with(10, "down"))).toBeCloseTo((100 * 2) / 20, 12);
    expect(flapPercent(steady.map((_, index) => index % 2))).toBeCloseTo(100, 10);
  });

  it("looks at the latest 21 states only, and at no fewer", () => {
    expect(flapPercent(["down", "up", "down", ...steady])).toBe(0);
    expect(flapPercent(steady.slice(1))).toBeNull();
    expect(flapPercent([])).toBeNull();
    expect(flapPercent(["up"])).toBeNull();
  });

  it("stays within 0 and 100, whatever the states are called", () => {
    const states = fc.array(fc.boolean(), { minLength: FLAP_STATES, maxLength: 30 });
    fc.assert(
      fc.property(states, (history) => {
        const percent = flapPercent(history) ?? Number.NaN;
        expect(percent).toBeGreaterThanOrEqual(0);
        expect(percent).toBeLessThanOrEqual(100 + 1e-9);
        expect(flapPercent(history.map((up) => !up))).toBe(percent);
      }),
    );
  });
});

describe("isFlapping", () => {
  it("starts at the high threshold and ends at the low one", () => {
    const next = (was: boolean, percent: number | null): boolean =>
      isFlapping(was, percent, NAGIOS_FLAP_THRESHOLDS);
    expect([next(false, 29.9), next(false, 30)]).toEqual([false, true]);
    expect([next(true, 20.1), next(true, 20)]).toEqual([true, false]);
    expect([next(false, null), next(true, null)]).toEqual([false, true]);
  });

  it("refuses thresholds in the wrong order and impossible readings", () => {
    expect(() => isFlapping(false, 10, { low: 30, high: 30 })).toThrow(RangeError);
    expect(() => isFlapping(false, 10, { low: -1, high: 30 })).toThrow(RangeError);
    expect(() => isFlapping(false, Number.NaN, NAGIOS_FLAP_THRESHOLDS)).toThrow(RangeError);
  });
});
