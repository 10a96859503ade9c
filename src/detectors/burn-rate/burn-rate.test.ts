import { describe, expect, it } from "vitest";

import { detectionTime } from "../../statistics/burn-rate.ts";
import type { Batch } from "../batch.ts";
import { HOUR, MINUTE, openedAfter, run, steady, STRICT } from "./burn-rate.fixture.ts";
import { burnRate } from "./index.ts";

describe("the Workbook's times, with the default objective of 99.9 %", () => {
  it.each([
    ["a full outage on tier one: 52 s", 1, 14.4, HOUR],
    ["10 % on tier one: 8.6 min", 0.1, 14.4, HOUR],
    ["2 % on tier one: 43 min", 0.02, 14.4, HOUR],
    ["1 % on tier two: 216 min", 0.01, 6, 6 * HOUR],
  ])("finds %s", (_name, share, factor, windowMs) => {
    const from = 8 * HOUR;
    const batches = steady(5_040, 10_000, { from, until: 14 * HOUR, share });
    const expected = detectionTime({ objective: 0.999, factor, windowMs }, share) ?? 0;
    for (const settings of [STRICT, burnRate.defaults]) {
      const found = openedAfter(batches, from, settings) ?? Infinity;
      expect(found).toBeGreaterThanOrEqual(expected);
      // One look, and the sixtieth of the window by which it is coarse.
      expect(found).toBeLessThanOrEqual(expected + 10_000 + windowMs / 60);
    }
  });

  it("does not fire at 0.5 %, and says which tier, how much and since when otherwise", () => {
    const from = 8 * HOUR;
    const mild = steady(7_200, 10_000, { from, until: 20 * HOUR, share: 0.004 });
    expect(openedAfter(mild, from)).toBeNull();
    const judged = run(steady(3_000, 10_000, { from, until: 20 * HOUR, share: 0.1 }));
    const opened = judged.find(({ state }) => state === "breached");
    expect(opened?.onset).toBe(from);
    expect(opened?.evidence).toMatchObject({ rule: "14.4x", allowedShare: 0.001 });
    expect(Number(opened?.evidence["budgetSpent"])).toBeCloseTo(0.02, 3);
  });

  it("closes once, after calm minutes, whatever is still in the long windows", () => {
    const until = 8 * HOUR + 20 * MINUTE;
    const batches = steady(3_600, 10_000, { from: 8 * HOUR, until, share: 0.5 });
    const judged = run(batches);
    const opened = judged.findIndex(({ state }) => state === "breached");
    const closed = judged.findIndex(({ state }, index) => index > opened && state === "healthy");
    const afterMs = (batches[closed]?.ts ?? 0) - until;
    expect(afterMs).toBeGreaterThan(5 * MINUTE);
    expect(afterMs).toBeLessThan(12 * MINUTE);
    expect(judged.slice(closed).every(({ state }) => state === "healthy")).toBe(true);
  });
});

it("never learns a breach as usual", () => {
  const bad = { from: 8 * HOUR, until: 10 * HOUR, share: 0.5 };
  const last = run(steady(8_640, 10_000, bad)).at(-1);
  expect(last).toMatchObject({ state: "healthy", evidence: { allowedShare: 0.001 } });
});

describe("what is no breach", () => {
  const quiet = steady(3_000, 10_000, { from: 0, until: 0, share: 0 });
  const next = (values: Batch["values"], seconds = 10) => ({
    ts: 30_000_000 + seconds * 1_000,
    values,
  });
  it.each<readonly [string, Batch, string]>([
    ["null is not zero", next({ failed: null, requests: 5 }), "inconclusive"],
    ["failed without requests", next({ failed: 5 }), "inconclusive"],
    ["a ratio without a count has no weight", next({ error_ratio: 1 }), "inconclusive"],
    ["a counter reset", next({ failed: -9_000, requests: 5 }), "inconclusive"],
    ["more failed than there were", next({ failed: 900, requests: 5 }), "inconclusive"],
    ["silence for more than three intervals", next({}, 40), "missing"],
    ["one null after silence", next({ failed: null, requests: null }, 40), "missing"],
    [
      "the same moment again",
      { ts: 30_000_000, values: { failed: 9, requests: 9 } },
      "inconclusive",
    ],
    ["a ratio with requests is a count", next({ error_ratio: 0, requests: 9 }), "healthy"],
  ])("%s", (_name, batch, state) => {
    expect(run([...quiet, batch]).at(-1)?.state).toBe(state);
  });

  it("is inconclusive for the first two hours, unless the objective was chosen", () => {
    const states = run(quiet).map(({ state }) => state);
    expect(states.indexOf("healthy") * 10_000).toBeGreaterThan(1.9 * HOUR);
    expect(states.indexOf("healthy") * 10_000).toBeLessThan(2.2 * HOUR);
    expect(run(quiet, STRICT)[0]?.state).toBe("healthy");
  });

  it("an objective no outage can violate fast enough is said, not judged", () => {
    const settings = { ...STRICT, objective: 0.8 };
    const judged = run(steady(100, 10_000, { from: 0, until: HOUR, share: 1 }), settings);
    expect(judged.at(-1)?.evidence["reason"]).toBe("no tier can ever fire");
  });

  it("calm without requests, says how many it lacks", () => {
    const bad = steady(720, MINUTE, { from: 11 * HOUR, until: 12 * HOUR, share: 0.2 });
    const after = (requests: number) =>
      Array.from({ length: 60 }, (_, index) => ({
        ts: 12 * HOUR + (index + 1) * MINUTE,
        values: { failed: 0, requests },
      }));
    const lacking = (requests: number) =>
      run([...bad, ...after(requests)], STRICT)
        .slice(bad.length)
        .flatMap(({ needsRequests }) => needsRequests ?? []);
    expect(run(bad, STRICT).at(-1)?.state).toBe("breached");
    expect(new Set(lacking(0))).toEqual(new Set([STRICT.minRequests]));
    expect(lacking(500)).toEqual([]);
  });

  it("few requests of which none failed, says how many it lacks; not when they failed", () => {
    const few = (share: number) =>
      run(steady(10, 5 * MINUTE, { from: 0, until: HOUR, share }, 1), STRICT).at(-1);
    expect(few(0)).toMatchObject({ state: "inconclusive", needsRequests: STRICT.minRequests });
    expect(few(1)?.state).toBe("inconclusive");
    expect(few(1)?.needsRequests).toBeUndefined();
  });

  it("few failed requests, or two bursts of one client, at little traffic", () => {
    const bursts = (sizes: readonly number[]) =>
      steady(720, MINUTE, { from: 0, until: 0, share: 0 }, 6).map(({ ts, values }, index) => {
        const failed = sizes[(index - 540) / 15] ?? 0;
        return { ts, values: { failed, requests: (values["requests"] ?? 0) + failed } };
      });
    expect(openedAfter(bursts([6, 6, 6]), 0, STRICT)).toBeNull();
    expect(openedAfter(bursts([20, 20]), 0, STRICT)).toBeNull();
    expect(openedAfter(bursts([20, 20, 20]), 0, STRICT)).not.toBeNull();
  });

  it("a share that is usual here, though the default objective would forbid it", () => {
    const usual = steady(8_640, 10_000, { from: 0, until: 24 * HOUR, share: 0.01 });
    expect(openedAfter(usual, 0)).toBeNull();
    expect(openedAfter(usual, 0, STRICT)).not.toBeNull();
  });

  it("a night's small share of the traffic: the same share of errors costs a tenth of the budget", () => {
    const from = 47 * HOUR;
    const night = steady(17_280, 10_000, { from, until: 48 * HOUR, share: 0.02 }).map(
      ({ ts, values: { failed, requests } }) =>
        ts <= 46 * HOUR
          ? { ts, values: { failed: failed ?? null, requests: requests ?? null } }
          : { ts, values: { failed: (failed ?? 0) / 10, requests: (requests ?? 0) / 10 } },
    );
    expect(openedAfter(night, from)).toBeNull();
  });
});
