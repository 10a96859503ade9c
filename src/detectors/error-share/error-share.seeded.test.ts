import { array, assert, constantFrom, integer, option, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";

import { upTo } from "../../../test/support/long.ts";
import type { Batch } from "../batch.ts";
import { dailyRhythm, mulberry32 } from "../testing.ts";
import { counts, every, letters, run, times, traffic } from "./error-share.fixture.ts";
import { errorShare, type ErrorShareState } from "./index.ts";

describe("seeded traffic", () => {
  it.each([
    ["a total outage", 1, 30],
    ["10 %", 0.1, 120],
    ["2 %", 0.02, 900],
  ])("at 5 requests/s finds %s in time, and closes", (_name, bad, seconds) => {
    for (const base of [0, 0.0005, 0.002])
      for (let seed = 1; seed <= upTo(20); seed += 1) {
        const from = 3_600_000 + ((seed * 1_237) % 10_000);
        const until = from + 1_800_000;
        const share = (ts: number): number => (ts > from && ts <= until ? bad : base);
        const batches = traffic(seed, 660, () => 5, share);
        const judged = run(batches);
        const opened = judged.findIndex(({ state }) => state === "breached");
        expect(((batches[opened]?.ts ?? 0) - from) / 1_000).toBeGreaterThan(0);
        expect(((batches[opened]?.ts ?? Infinity) - from) / 1_000).toBeLessThanOrEqual(seconds);
        expect(judged.at(-1)?.state).toBe("healthy");
      }
  });

  it.each([
    ["5 requests/s, 0.2 % fail", 2, 12, 0.002],
    ["0.1 request/s, 1 % fail", 0.05, 0.2, 0.01],
  ])(`in ${upTo(30)} quiet days says nothing: %s`, (_name, low, high, base) => {
    const looks = upTo(30) * 8_640;
    const rate = (ts: number): number => dailyRhythm(ts, low, high);
    const judged = run(traffic(7, looks, rate, () => base));
    expect(judged.filter(({ state }) => state === "breached")).toHaveLength(0);
    expect(judged.filter(({ state }) => state === "healthy").length).toBeGreaterThan(0.96 * looks);
  });

  it("in ten days with four bursts of eight failures a day, says nothing", () => {
    for (const rate of [0.1, 5]) {
      const random = mulberry32(11);
      const bursty = traffic(
        3,
        86_400,
        () => rate,
        () => 0.001,
      ).map(({ ts, values }) => {
        const { failed, requests } = values;
        const extra = random() < 4 / 8_640 ? 8 : 0;
        return { ts, values: counts((failed ?? 0) + extra, (requests ?? 0) + extra) };
      });
      expect(run(bursty).filter(({ state }) => state === "breached")).toHaveLength(0);
    }
  });
});

describe("always", () => {
  const value = option(integer({ min: 0, max: 60 }), { freq: 8 });
  const step = tuple(constantFrom(1, 3, 10, 11, 60, 400), value, value);
  const series = array(step, { minLength: 1, maxLength: 120 }).map((steps) => {
    let ts = 0;
    return steps.map(([seconds, failed, requests]) => {
      ts += seconds * 1_000;
      return { ts, values: { failed, requests } };
    });
  });

  it("the state survives JSON, and a cut input changes no earlier judgement", () => {
    assert(
      property(series, integer({ min: 0, max: 120 }), (batches, cut) => {
        const judged = run(batches);
        expect(run(batches, true)).toEqual(judged);
        expect(run(batches.slice(0, cut))).toEqual(judged.slice(0, cut));
      }),
    );
  });

  it("moving all times moves only the onset", () => {
    const states = (batches: readonly Batch[]) =>
      run(batches).map(({ onset: _onset, ...rest }) => rest);
    assert(
      property(series, (batches) => {
        const later = batches.map(({ ts, values }) => ({ ts: ts + 86_400_000, values }));
        expect(states(later)).toEqual(states(batches));
      }),
    );
  });

  it("ten times the traffic is found no later", () => {
    for (const share of [0.02, 0.1, 1]) {
      const found = [1, 10].map((scale) => {
        const bad = counts(share * 50 * scale, 50 * scale);
        const states = letters(
          run(every(10, [...times(60, counts(0, 50 * scale)), ...times(60, bad)])),
        );
        return states.indexOf("B");
      });
      expect(found[0]).toBeGreaterThan(0);
      expect(found[1]).toBeLessThanOrEqual(found[0] ?? 0);
    }
  });

  it("the state stays small, also with a look each second", () => {
    let state: ErrorShareState = errorShare.start;
    for (let ts = 1_000; ts < 30_000_000; ts += 1_000)
      state = errorShare.judge(state, { ts, values: counts(0, 5) }, errorShare.defaults).state;
    expect(JSON.stringify(state).length).toBeLessThan(20_000);
    expect(state.cells.recent.length).toBeLessThanOrEqual(121);
  });
});
