import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  budgetSpent,
  burnRate,
  canEverFire,
  detectionTime,
  firingShare,
  minimumRequests,
  resetTime,
  timeToExhaustion,
} from "./burn-rate.ts";
import type { BurnRule } from "./burn-rate.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MONTH = 30 * 24 * HOUR;

// The Workbook's three tiers at 99.9 % over 30 days: 2 %, 5 % and 10 % of the budget.
const FAST: BurnRule = { objective: 0.999, factor: 14.4, windowMs: HOUR };
const SLOW: BurnRule = { objective: 0.999, factor: 6, windowMs: 6 * HOUR };
const TICKET: BurnRule = { objective: 0.999, factor: 1, windowMs: 72 * HOUR };
// Its earlier approaches: the target rate over 10 minutes and over 36 hours, and one burn rate of 36.
const TARGET: BurnRule = { objective: 0.999, factor: 1, windowMs: 10 * MINUTE };
const LONG: BurnRule = { objective: 0.999, factor: 1, windowMs: 36 * HOUR };
const SINGLE: BurnRule = { objective: 0.999, factor: 36, windowMs: HOUR };

const DETECTION: readonly (readonly [string, BurnRule, number, number])[] = [
  ["tier one, full outage: 52 s", FAST, 1, 51.84 * SECOND],
  ["tier one, 10 % errors: 8.6 min", FAST, 0.1, 8.64 * MINUTE],
  ["tier one, 2 % errors: 43 min", FAST, 0.02, 43.2 * MINUTE],
  ["target rate, full outage: 0.6 s", TARGET, 1, 0.6 * SECOND],
  ["36 h window, full outage: 2 min 10 s", LONG, 1, 129.6 * SECOND],
];
const SPENT: readonly (readonly [string, BurnRule, number])[] = [
  ["tier one: 2 %", FAST, 0.02],
  ["tier two: 5 %", SLOW, 0.05],
  ["tickets: 10 %", TICKET, 0.1],
  ["target rate: 0.02 %", TARGET, 10 / 43_200],
  ["36 h window: 5 %", LONG, 0.05],
  ["burn rate 36: 5 %", SINGLE, 0.05],
];

describe("the Workbook's numbers", () => {
  it.each(DETECTION)("detects: %s", (_name, rule, share, time) => {
    expect(detectionTime(rule, share)).toBeCloseTo(time, 4);
  });

  it.each(SPENT)("spends: %s", (_name, rule, budget) => {
    expect(budgetSpent(rule, MONTH)).toBeCloseTo(budget, 12);
  });

  it("resets after 4.9 min on the short window, after 58 min with a single window", () => {
    expect(resetTime({ ...FAST, windowMs: 5 * MINUTE }, 1)).toBeCloseTo(4.928 * MINUTE, 4);
    expect(resetTime(SINGLE, 1)).toBeCloseTo(57.84 * MINUTE, 4);
  });

  it("never fires tier one below 1.44 %, nor 36 x at 35 x, which empties the budget in 20.5 h", () => {
    expect(detectionTime(FAST, 0.0143)).toBeNull();
    expect(detectionTime(SINGLE, 0.035)).toBeNull();
    expect(timeToExhaustion(35, MONTH) / HOUR).toBeCloseTo(20.57, 2);
  });

  it("lets `for: 1h` cost 140 % of the budget in a full outage", () => {
    const rate = burnRate(100, 100, 0.999) ?? 0;
    expect(HOUR / timeToExhaustion(rate, MONTH)).toBeCloseTo(1.389, 3);
  });

  it("knows which objectives no outage can violate fast enough", () => {
    expect(canEverFire({ objective: 0.93, factor: 14.4 })).toBe(false);
    expect(canEverFire({ objective: 0.99, factor: 14.4 })).toBe(true);
    expect(firingShare({ objective: 0.99, factor: 14.4 })).toBeCloseTo(0.144, 12);
    expect(detectionTime({ objective: 0.93, factor: 14.4, windowMs: HOUR }, 1)).toBeNull();
  });

  it("asks for more than 69 requests before one failure may page", () => {
    expect(minimumRequests(FAST, 1)).toBe(70);
    expect(burnRate(1, 69, 0.999)).toBeGreaterThan(14.4);
    expect(burnRate(1, 70, 0.999)).toBeLessThan(14.4);
    expect(minimumRequests(FAST, 5)).toBe(348);
  });
});

describe("burn rules", () => {
  it("agree with each other: at the moment of detection the window is exactly at its threshold", () => {
    const share = fc.double({ min: 0.02, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, (errors) => {
        const time = detectionTime(FAST, errors) ?? Number.NaN;
        expect((errors * time) / FAST.windowMs).toBeCloseTo(firingShare(FAST), 12);
        expect(time + (resetTime(FAST, errors) ?? Number.NaN)).toBeCloseTo(FAST.windowMs, 4);
      }),
    );
  });

  it("have a defined answer for nothing and nonsense", () => {
    expect(burnRate(0, 0, 0.999)).toBeNull();
    expect(burnRate(0, 10, 0.999)).toBe(0);
    expect(timeToExhaustion(0, MONTH)).toBe(Infinity);
    expect([detectionTime(FAST, 0), resetTime(FAST, 0)]).toEqual([null, null]);
    expect(() => burnRate(2, 1, 0.999)).toThrow(RangeError);
    expect(() => burnRate(1, 2, 1)).toThrow(RangeError);
    expect(() => detectionTime(FAST, Number.NaN)).toThrow(RangeError);
    expect(() => budgetSpent({ ...FAST, windowMs: 0 }, MONTH)).toThrow(RangeError);
    expect(() => firingShare({ objective: 0.9, factor: Infinity })).toThrow(RangeError);
    expect(() => minimumRequests(FAST, 0)).toThrow(RangeError);
  });
});
