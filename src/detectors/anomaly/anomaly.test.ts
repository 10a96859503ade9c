import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import { upTo } from "../../../test/support/long.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { Batch, Judgement } from "../batch.ts";
import { dailyRhythm, mulberry32, normal, poisson, type Random } from "../testing.ts";
import { anomaly, type AnomalyState } from "./index.ts";

const DAY_MS = 24 * HOUR_MS;

function run(batches: Iterable<Batch>, isStored = false): Judgement[] {
  let state: AnomalyState = anomaly.start;
  const said: Judgement[] = [];
  for (const batch of batches) {
    if (isStored) state = JSON.parse(JSON.stringify(state));
    const judged = anomaly.judge(state, batch, anomaly.defaults);
    state = judged.state;
    said.push(judged.judgement);
  }
  return said;
}

/** A series drawn from one seed; what it makes of each moment may hang on the one before. */
type Make = (random: Random, everyMs: number) => (ts: number) => number;

function* drawn(make: Make, seed: number, everyMs: number, forMs: number): Generator<Batch> {
  const valueAt = make(mulberry32(seed), everyMs);
  for (let ts = 0; ts < forMs; ts += everyMs) yield { ts, values: { value: valueAt(ts) } };
}

const noisy: Make = (random) => () => normal(random, 100, 5);

const walk: Make = (random, everyMs) => {
  let at = 1_000;
  return () => (at += normal(random, 0, 3 * Math.sqrt(everyMs / MINUTE_MS)));
};

/** Larger steps where it is larger: no hour is like the one before. */
const swelling: Make = (random, everyMs) => {
  let power = 0;
  return () => {
    power = 0.9995 * power + normal(random, 0, 0.03 * Math.sqrt(everyMs / MINUTE_MS));
    return 100 * Math.exp(power);
  };
};

const wandering: Make = (random) => {
  let off = 0;
  return () => 100 + (off = 0.95 * off + normal(random, 0, 5));
};

const daily: Make = (random) => (ts) => dailyRhythm(ts, 20, 100) * normal(random, 1, 0.1);

const spiky: Make = (random) => () => (random() < 0.02 ? 1_000 * random() : normal(random, 100, 5));

const rare: Make = (random) => () => poisson(random, 0.2);

const hourly: Make = (random) => (ts) =>
  (ts % HOUR_MS < 10 * MINUTE_MS ? 200 : 100) + normal(random, 0, 5);

/** How often it opens. */
function openings(make: Make, everyMs: number, days: number): number {
  let opened = 0;
  let last: number | null = null;
  let state: AnomalyState = anomaly.start;
  for (const batch of drawn(make, 7, everyMs, days * DAY_MS)) {
    const judged = anomaly.judge(state, batch, anomaly.defaults);
    ({ state } = judged);
    if (judged.judgement.onset !== null && last === null) opened += 1;
    last = judged.judgement.onset;
  }
  return opened;
}

/** Minutes from a change to the breach, for three seeds. */
function delays(make: Make, everyMs: number, atMs: number, change: (value: number) => number) {
  return [1, 2, 3].map((seed) => {
    const changed = [...drawn(make, seed, everyMs, atMs + HOUR_MS)].map(({ ts, values }) => ({
      ts,
      values: { value: ts < atMs ? values["value"] : change(values["value"] ?? 0) },
    }));
    const said = run(changed);
    const found = changed.findIndex(
      ({ ts }, index) => ts >= atMs && said[index]?.state === "breached",
    );
    return ((changed[found]?.ts ?? Infinity) - atMs) / MINUTE_MS;
  });
}

describe("anomaly", () => {
  it.each<readonly [string, Make, (value: number) => number]>([
    ["three times a noisy level", noisy, (value) => value * 3],
    ["a third of it", noisy, (value) => value / 3],
    ["eight sigmas up", noisy, (value) => value + 40],
    ["eight sigmas down", noisy, (value) => value - 40],
    ["three times a random walk", walk, (value) => value * 3],
    ["three times the rhythm of a day", daily, (value) => value * 3],
    ["three times a spiky value", spiky, (value) => value * 3],
    ["a constant that changes", () => () => 7, () => 9],
    ["a zero that changes", () => () => 0, () => 3],
  ])("finds %s within five minutes", (_, make, change) => {
    for (const everyMs of [MINUTE_MS, 10 * SECOND_MS]) {
      for (const delay of delays(make, everyMs, 3 * HOUR_MS, change)) {
        expect(delay).toBeGreaterThan(2);
        expect(delay).toBeLessThanOrEqual(5);
      }
    }
  });

  it.each<readonly [string, Make]>([
    ["noise", noisy],
    ["a random walk", walk],
    ["a walk that swells", swelling],
    ["a level that wanders", wandering],
    ["the rhythm of a day", daily],
    ["single spikes", spiky],
    ["rare counts", rare],
    ["a job every hour", hourly],
  ])(
    `opens at most once in ${upTo(30)} days of %s every minute, and in ${upTo(10)} days every 10 s`,
    (_, make) => {
      expect(openings(make, MINUTE_MS, upTo(30))).toBeLessThanOrEqual(1);
      expect(openings(make, 10 * SECOND_MS, upTo(10))).toBeLessThanOrEqual(1);
    },
  );

  const shifted = (from: number, until: number): Batch[] =>
    [...drawn(noisy, 3, MINUTE_MS, 16 * HOUR_MS)].map(({ ts, values }) => ({
      ts,
      values: { value: (values["value"] ?? 0) * (ts >= from && ts < until ? 3 : 1) },
    }));

  it("says too little past for an hour, and dates the onset at the first minute away", () => {
    const said = run(shifted(3 * HOUR_MS, 4 * HOUR_MS));
    const young = said.slice(0, 59);
    expect(
      young.every(({ state, evidence }) => state === "inconclusive" && evidence["reason"]),
    ).toBe(true);
    expect(said[90]?.state).toBe("healthy");
    const breach = said.find(({ state }) => state === "breached");
    expect(breach?.onset).toBe(3 * HOUR_MS);
    expect(Number(breach?.evidence["lasting"])).toBeGreaterThan(
      Number(breach?.evidence["threshold"]),
    );
    expect(said[3 * 60 + 2]).toMatchObject({ state: "inconclusive", failing: true, onset: null });
  });

  it("closes when the value is back for five minutes, and opens nothing by coming back", () => {
    const said = run(shifted(3 * HOUR_MS, 4 * HOUR_MS));
    expect(said[4 * 60 - 1]?.state).toBe("breached");
    expect(said[4 * 60 + 2]).toMatchObject({ state: "inconclusive", onset: 3 * HOUR_MS });
    expect(said[4 * 60 + 5]).toMatchObject({ state: "healthy", onset: null });
    expect(said.slice(4 * 60 + 5).every(({ onset }) => onset === null)).toBe(true);
  });

  it("adopts a level that has lasted for six hours", () => {
    const said = run(shifted(3 * HOUR_MS, Infinity));
    expect(said[9 * 60 - 1]?.state).toBe("breached");
    expect(said[9 * 60 + 1]?.onset).toBeNull();
    expect(said.at(-1)?.state).toBe("healthy");
    const states = said.slice(9 * 60 + 1).map(({ state }) => state);
    expect(states).not.toContain("breached");
  });

  it("adopts a level where there was none, and opens nothing more", () => {
    const said = run(
      Array.from({ length: 16 * 60 }, (_, minute) => ({
        ts: minute * MINUTE_MS,
        values: { value: minute < 180 ? 0 : 5 + (minute % 2) / 10 },
      })),
    );
    const opened = said.filter(
      ({ onset }, index) => onset !== null && said[index - 1]?.onset === null,
    );
    expect(opened.length).toBe(1);
    expect(said.at(-1)?.state).toBe("healthy");
    expect(said.every(({ evidence }) => !Object.values(evidence).some(Number.isNaN))).toBe(true);
  });

  it("takes null for nothing, silence for missing, and neither for a low value", () => {
    const batches = shifted(Infinity, Infinity).slice(0, 300);
    const said = run([
      ...batches.slice(0, 200),
      ...batches.slice(200, 220).map(({ ts }) => ({ ts, values: { value: null } })),
      ...batches.slice(240),
    ]);
    const silent = said.slice(200, 220).map(({ state }) => state);
    expect(new Set(silent.slice(4))).toEqual(new Set(["missing"]));
    expect(said.some(({ state }) => state === "breached")).toBe(false);
    expect(said.at(-1)?.state).toBe("healthy");
  });

  const readings = record({
    seed: integer({ min: 1, max: 1_000 }),
    at: integer({ min: 100, max: 300 }),
    holes: array(integer({ min: 0, max: 400 }), { maxLength: 20 }),
    everyMs: constantFrom(MINUTE_MS, 20 * SECOND_MS, 5 * MINUTE_MS),
    factor: constantFrom(1, 3, 0.2),
  }).map(({ seed, at, holes, everyMs, factor }) =>
    [...drawn(noisy, seed, everyMs, 400 * everyMs)].map(({ ts, values }, index) => ({
      ts,
      values: {
        value: holes.includes(index) ? null : (values["value"] ?? 0) * (index > at ? factor : 1),
      },
    })),
  );

  it("judges the same from a stored state, and a prefix the same as the whole", () => {
    assert(
      property(readings, (batches) => {
        const whole = run(batches);
        expect(run(batches, true)).toEqual(whole);
        expect(run(batches.slice(0, 200))).toEqual(whole.slice(0, 200));
        whole.forEach(({ state }, index) => {
          if (batches[index]?.values.value === null)
            expect(["inconclusive", "missing"]).toContain(state);
        });
      }),
      { numRuns: 20 },
    );
  });

  it("keeps its state small, however long and often it looks", () => {
    let state = anomaly.start;
    for (const batch of drawn(noisy, 1, SECOND_MS, DAY_MS))
      ({ state } = anomaly.judge(state, batch, anomaly.defaults));
    expect(JSON.stringify(state).length).toBeLessThan(8_000);
  });
});
