import { array, assert, constantFrom, integer, option, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";

import { upTo } from "../../../test/support/long.ts";
import { binomial, dailyRhythm, mulberry32, poisson } from "../testing.ts";
import { HOUR, run, steady } from "./burn-rate.fixture.ts";
import { burnRate, type BurnRateState } from "./index.ts";

describe("seeded traffic", () => {
  it.each([
    ["5 requests/s, 0.2 % fail", 2, 12, 0.002],
    ["0.1 request/s, 1 % fail", 0.05, 0.2, 0.01],
  ])(`in ${upTo(30)} quiet days says nothing: %s`, (_name, low, high, base) => {
    const looks = upTo(30) * 8_640;
    const random = mulberry32(5);
    const batches = Array.from({ length: looks }, (_, index) => {
      const ts = (index + 1) * 10_000;
      const requests = poisson(random, dailyRhythm(ts, low, high) * 10);
      return { ts, values: { failed: binomial(random, requests, base), requests } };
    });
    const judged = run(batches);
    expect(judged.filter(({ state }) => state === "breached")).toHaveLength(0);
    expect(judged.filter(({ state }) => state === "healthy").length).toBeGreaterThan(0.96 * looks);
  });
});

describe("always", () => {
  const value = option(integer({ min: 0, max: 60 }), { freq: 8 });
  const step = tuple(constantFrom(10, 60, 400, 5_000), value, value);
  const series = array(step, { minLength: 1, maxLength: 150 }).map((steps) => {
    let ts = 0;
    return steps.map(([seconds, failed, requests]) => {
      ts += seconds * 1_000;
      return { ts, values: { failed, requests } };
    });
  });

  it("the state survives JSON, and a cut input changes no earlier judgement", () => {
    assert(
      property(series, integer({ min: 0, max: 150 }), (batches, cut) => {
        const judged = run(batches);
        expect(run(batches, burnRate.defaults, true)).toEqual(judged);
        expect(run(batches.slice(0, cut))).toEqual(judged.slice(0, cut));
      }),
    );
  });

  it("twice the requests and failures change no rate", () => {
    const rates = (scale: number) =>
      run(steady(2_000, 10_000, { from: HOUR, until: 2 * HOUR, share: 0.02 }, 500 * scale)).map(
        ({ state, evidence }) => [state, evidence["longRate"], evidence["shortRate"]],
      );
    expect(rates(2)).toEqual(rates(1));
  });

  it("the state stays small", () => {
    let state: BurnRateState = burnRate.start;
    for (let ts = 5_000; ts < 40_000_000; ts += 5_000) {
      const batch = { ts, values: { failed: 0, requests: 123_456 } };
      state = burnRate.judge(state, batch, burnRate.defaults).state;
      expect(Math.max(...state.rings.map(({ full }) => full.length))).toBeLessThanOrEqual(60);
    }
    expect(JSON.stringify(state).length).toBeLessThan(10_000);
  });
});
