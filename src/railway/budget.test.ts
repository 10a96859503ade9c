import { describe, expect, test } from "vitest";

import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import { createBudget, momentOf } from "./budget.ts";

const NOW = Date.parse("2026-11-23T03:00:00Z");

describe("the hourly budget", () => {
  test("looks stop at the reserve, acts go on, then nothing goes until the hour has rolled", () => {
    const budget = createBudget("free", 0.3);
    for (let sent = 0; sent < 70; sent += 1)
      expect(budget.take("look", NOW + sent * 1000)).toBeNull();
    expect(budget.take("look", NOW + MINUTE_MS)).toMatchObject({
      code: "railway-budget",
      retryAt: NOW + HOUR_MS,
    });
    for (let sent = 0; sent < 30; sent += 1) expect(budget.take("act", NOW + MINUTE_MS)).toBeNull();
    expect(budget.take("act", NOW + MINUTE_MS)?.code).toBe("railway-rate-limited");
    expect(budget.state(NOW + MINUTE_MS)).toMatchObject({ used: 100, remaining: 0, reserve: 30 });
    expect(budget.take("act", NOW + HOUR_MS)).toBeNull();
    expect(budget.take("look", NOW + 3 * HOUR_MS)).toBeNull();
  });

  test("Railway's own count lowers ours until its reset, and never raises it", () => {
    const budget = createBudget("hobby", 0.3);
    const reset = String((NOW + 10 * MINUTE_MS) / 1000);
    budget.learn({ "x-ratelimit-remaining": "250", "x-ratelimit-reset": reset }, NOW);
    expect(budget.take("look", NOW)).toMatchObject({
      code: "railway-budget",
      retryAt: NOW + 10 * MINUTE_MS,
    });
    expect(budget.take("act", NOW)).toBeNull();
    expect(budget.state(NOW).remaining).toBe(249);
    expect(budget.take("look", NOW + 10 * MINUTE_MS)).toBeNull();
    budget.learn({ "x-ratelimit-remaining": "999999" }, NOW);
    expect(budget.state(NOW).remaining).toBeLessThanOrEqual(1000);
  });

  test("the reserve is a share of the limit the header counts, so a per-second count blocks nothing", () => {
    const budget = createBudget("hobby", 0.3);
    const headers = { "x-ratelimit-limit": "10", "x-ratelimit-remaining": "8" };
    budget.learn(headers, NOW);
    expect(budget.take("look", NOW)).toBeNull();
  });

  test("garbage in the headers is no count", () => {
    const budget = createBudget("hobby", 0.3);
    for (const text of ["", "many", "-1", "NaN"])
      budget.learn({ "x-ratelimit-remaining": text }, NOW);
    expect(budget.state(NOW).remaining).toBe(1000);
  });

  test("nothing leaves before the moment Railway named, at most an hour", () => {
    const budget = createBudget("pro", 0.3);
    expect(budget.block(NOW + 5 * SECOND_MS, NOW)).toBe(NOW + 5 * SECOND_MS);
    const early = { code: "railway-rate-limited", retryAt: NOW + 5 * SECOND_MS };
    expect(budget.take("act", NOW + 4_999)).toMatchObject(early);
    expect(budget.take("act", NOW + 5_000)).toBeNull();
    expect(budget.block(NOW + 1e12, NOW)).toBe(NOW + HOUR_MS);
  });
});

describe("a moment in a header", () => {
  test.each([
    ["30", NOW + 30_000],
    ["0", NOW],
    [String(NOW / 1000 + 90), NOW + 90_000],
    [String(NOW + 90_000), NOW + 90_000],
    ["Mon, 23 Nov 2026 03:00:20 GMT", NOW + 20_000],
    ["2026-11-23T03:01:00Z", NOW + 60_000],
    ["99999999", NOW + HOUR_MS],
    ["2020-01-01T00:00:00Z", NOW],
    ["soon", undefined],
    ["", undefined],
  ])("%s", (text, expected) => {
    expect(momentOf(text, NOW)).toBe(expected);
  });
});
