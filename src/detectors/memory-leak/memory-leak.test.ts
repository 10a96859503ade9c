import { assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import { IS_LONG, upTo } from "../../../test/support/long.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { Batch, Judgement } from "../batch.ts";
import { mulberry32, normal } from "../testing.ts";
import { memoryLeak, type MemoryLeakState } from "./index.ts";
import { day, memory, type Memory } from "./memory.fixture.ts";

function run(batches: readonly Batch[], isStored = false): Judgement[] {
  let state: MemoryLeakState = memoryLeak.start;
  return batches.map((batch) => {
    if (isStored) state = JSON.parse(JSON.stringify(state));
    const judged = memoryLeak.judge(state, batch, memoryLeak.defaults);
    state = judged.state;
    return judged.judgement;
  });
}

const DAY_MS = 24 * HOUR_MS;

function given(changes: Partial<Memory>): Memory {
  const level = () => 400;
  return { seed: 1, forMs: DAY_MS, everyMs: MINUTE_MS, limit: 1_000, level, ...changes };
}

/** A level with so many MB an hour more from a moment on. */
function leaking(from: number, perHour: number, level: (ts: number) => number = () => 400) {
  return (ts: number) => level(ts) + (Math.max(0, ts - from) * perHour) / HOUR_MS;
}

/** Hours from a moment to the breach, for three seeds. */
function delays(from: number, changes: Partial<Memory>): number[] {
  return [1, 2, 3].map((seed) => {
    const batches = memory(given({ forMs: from + 12 * HOUR_MS, ...changes, seed }));
    const found = batches[run(batches).findIndex(({ state }) => state === "breached")];
    return found === undefined ? Infinity : (found.ts - from) / HOUR_MS;
  });
}

/** How often a leak opens. */
function openings(said: readonly Judgement[]): number {
  return said.filter(({ onset }, index) => onset !== null && !(said[index - 1]?.onset ?? null))
    .length;
}

describe("memory-leak", () => {
  const later = 20 * HOUR_MS;
  const third = 3 * DAY_MS;
  it.each<readonly [string, number, number, Partial<Memory>]>([
    ["2 % an hour from the start", 0, 4, { level: leaking(0, 20) }],
    ["2 % an hour from a low level", 0, 4, { level: leaking(0, 20, () => 100) }],
    ["2 % an hour later", later, 4, { level: leaking(later, 20) }],
    ["the same every 10 s", 0, 4, { level: leaking(0, 20), everyMs: 10 * SECOND_MS }],
    ["the same every 5 min", later, 4, { level: leaking(later, 20), everyMs: 5 * MINUTE_MS }],
    ["it under noise", later, 4, { level: leaking(later, 20), noise: 30 }],
    [
      "it under quick collections",
      later,
      4,
      {
        level: leaking(later, 20),
        garbage: { everyMs: 5 * MINUTE_MS, height: 300 },
      },
    ],
    [
      "it under slow collections",
      later,
      4,
      {
        level: leaking(later, 20),
        garbage: { everyMs: 30 * MINUTE_MS, height: 150 },
      },
    ],
    [
      "it, later, under collections as slow as its window",
      later,
      9,
      {
        level: leaking(later, 20),
        garbage: { everyMs: 50 * MINUTE_MS, height: 150 },
      },
    ],
    ["it in the rhythm of a day", third, 4, { level: leaking(third, 20, day(400, 480)) }],
    [
      "it in the falling half of a day, collecting, every 10 s",
      third - 6 * HOUR_MS,
      4,
      {
        level: leaking(third - 6 * HOUR_MS, 20, day(400, 480)),
        garbage: { everyMs: 5 * MINUTE_MS, height: 200 },
        noise: 10,
        everyMs: 10 * SECOND_MS,
      },
    ],
    [
      "it over midnight, while the rhythm of the day falls",
      third - 2 * HOUR_MS,
      4,
      { level: leaking(third - 2 * HOUR_MS, 20, day(400, 480)) },
    ],
    [
      "half of it, once the rhythm of the day is known",
      third,
      13,
      { level: leaking(third, 10), forMs: third + 14 * HOUR_MS },
    ],
    ["5 % an hour", later, 4, { level: leaking(later, 50) }],
  ])("finds %s", (_, from, most, changes) => {
    for (const delay of delays(from, changes)) {
      expect(delay).toBeGreaterThan(0);
      expect(delay).toBeLessThanOrEqual(most);
    }
  });

  it.each<readonly [string, Partial<Memory>]>([
    ["a level", {}],
    ["a level near the limit", { level: () => 950 }],
    ["a day that swings by a tenth", { level: day(400, 500) }],
    ["collections every 20 min", { garbage: { everyMs: 20 * MINUTE_MS, height: 150 } }],
    ["collections every 50 min", { garbage: { everyMs: 50 * MINUTE_MS, height: 250 } }],
    ["collections every 2 h", { garbage: { everyMs: 2 * HOUR_MS, height: 200 } }],
    ["a step", { level: (ts) => (ts > later ? 600 : 400) }],
    [
      "a cache that fills after the start",
      {
        level: (ts) => 400 + 200 * (1 - Math.exp(-(ts % DAY_MS) / HOUR_MS)),
        releases: [1, 2, 3, 4, 5, 6].map((count) => count * DAY_MS),
      },
    ],
    [
      "a cache that fills over an evening",
      { level: (ts) => 400 + 200 * (1 - Math.exp(-ts / (3 * HOUR_MS))) },
    ],
    ["a growth that would need a week", { level: leaking(0, 2) }],
  ])("stays closed in seven days of %s", (_, changes) => {
    for (const seed of IS_LONG ? [1, 2] : [1]) {
      const said = run(memory(given({ forMs: 7 * DAY_MS, ...changes, seed })));
      expect(openings(said)).toBe(0);
    }
  });

  /** Processes for a week each, with a level that wanders: by `step` MB every ten minutes, pulled back by `pull`. */
  function wandering(step: number, pull: number, changes: Partial<Memory>): number {
    let opened = 0;
    for (let seed = 1; seed <= upTo(10); seed += 1) {
      const random = mulberry32(seed + 50);
      const drift: number[] = [];
      let at = 0;
      for (let index = 0; index < 7 * 144; index += 1)
        drift.push((at = (1 - pull) * at + normal(random, 0, step)));
      const swing = day(400, 450);
      const level = (ts: number) => swing(ts) + (drift[Math.floor(ts / 600_000)] ?? 0);
      opened += openings(run(memory(given({ seed, forMs: 7 * DAY_MS, level, ...changes }))));
    }
    return opened;
  }

  it.each<readonly [string, number, number, Partial<Memory>]>([
    ["that wanders and swings", 2, 0.03, { everyMs: 2 * MINUTE_MS }],
    ["without a home", 2, 0, { everyMs: 5 * MINUTE_MS }],
    ["seen every five minutes", 3, 0.02, { everyMs: 5 * MINUTE_MS, noise: 10 }],
    [
      "that is collected slowly",
      2,
      0.03,
      { garbage: { everyMs: 2 * HOUR_MS, height: 60 }, everyMs: 5 * MINUTE_MS },
    ],
  ])(
    `opens at most once in ${7 * upTo(10)} process-days of memory %s`,
    (_, step, pull, changes) => {
      expect(wandering(step, pull, changes)).toBeLessThanOrEqual(1);
    },
  );

  it("is deceived once by a rise that falls by itself, and not again in the days after", () => {
    const nightly = (ts: number) => {
      const hours = (ts % DAY_MS) / HOUR_MS;
      return hours > 2 && hours < 5 ? 400 + 50 * (hours - 2) : 400;
    };
    const said = run(memory(given({ forMs: 7 * DAY_MS, level: nightly })));
    expect(openings(said)).toBe(1);
  });

  it("says that it grows, but is no breach, where no limit is known", () => {
    const said = run(memory(given({ level: leaking(0, 20), limit: null })));
    expect(said.every(({ state }) => state !== "breached")).toBe(true);
    expect(said.at(-1)).toMatchObject({
      state: "inconclusive",
      onset: null,
      evidence: { reason: "growing, limit unknown", limit: null, hoursToLimit: null },
    });
    expect(run(memory(given({ limit: null }))).at(-1)?.state).toBe("healthy");
  });

  it("shows growth, time to the limit with its interval, and the onset", () => {
    const batches = memory(given({ forMs: later + 4 * HOUR_MS, level: leaking(later, 20) }));
    const breach = run(batches).find(({ state }) => state === "breached");
    expect(Math.abs((breach?.onset ?? 0) - later)).toBeLessThan(HOUR_MS);
    const { growthPerHour, hoursToLimit, hoursToLimitLeast, hoursToLimitMost } =
      breach?.evidence ?? {};
    expect(Number(growthPerHour)).toBeGreaterThan(10);
    expect(Number(growthPerHour)).toBeLessThan(25);
    expect(Number(hoursToLimitLeast)).toBeLessThan(Number(hoursToLimit));
    expect(Number(hoursToLimit)).toBeLessThan(Number(hoursToLimitMost));
    expect(Number(hoursToLimit)).toBeLessThanOrEqual(48);
  });

  it("begins anew at a restart, keeps the leak open, and closes when memory stays level", () => {
    const level = (ts: number) => (ts < 10 * HOUR_MS ? 400 + (20 * ts) / HOUR_MS : 400);
    const batches = memory(given({ level }));
    const said = run(batches);
    const stateAt = (hour: number) => said[hour * 60]?.state;
    expect([stateAt(3), stateAt(9), stateAt(11), stateAt(23)]).toEqual([
      "inconclusive",
      "breached",
      "inconclusive",
      "healthy",
    ]);
    expect(said[10 * 60 + 2]).toMatchObject({ state: "inconclusive" });
    expect(said[11 * 60]?.onset).not.toBeNull();
    expect(said[23 * 60]?.onset).toBeNull();
    const states = said.map(({ state }) => state);
    expect(states.lastIndexOf("breached")).toBeLessThanOrEqual(10 * 60);
    expect(states.indexOf("healthy")).toBeGreaterThan(14 * 60);
  });

  it("finds the same leak again after a restart it knows of", () => {
    const level = (ts: number) => 400 + (30 * (ts % (10 * HOUR_MS))) / HOUR_MS;
    const releases = [10 * HOUR_MS, 20 * HOUR_MS];
    const said = run(memory(given({ level, releases, forMs: 30 * HOUR_MS })));
    for (const hour of [9, 19, 29]) expect(said[hour * 60]?.state).toBe("breached");
  });

  it("is not moved by one low look, by null or by silence", () => {
    const batches = memory(given({ level: leaking(0, 20) })).map((batch, index) =>
      index === 600
        ? { ...batch, values: { memory_used: 1 } }
        : index >= 700 && index < 720
          ? { ...batch, values: { memory_used: null } }
          : batch,
    );
    const said = run(batches);
    expect(said[600]?.state).toBe("inconclusive");
    expect(said[601]?.state).toBe("breached");
    expect(said.slice(704, 720).every(({ state }) => state === "missing")).toBe(true);
    expect(said[740]?.state).toBe("breached");
  });

  it("keeps its state small, however long it looks", () => {
    let state = memoryLeak.start;
    for (const batch of memory(given({ forMs: 12 * DAY_MS, everyMs: 5 * MINUTE_MS })))
      ({ state } = memoryLeak.judge(state, batch, memoryLeak.defaults));
    expect(JSON.stringify(state).length).toBeLessThan(16_000);
  });

  const short = record({
    seed: integer({ min: 1, max: 1_000 }),
    perHour: constantFrom(0, 20, 80),
    everyMs: constantFrom(2 * MINUTE_MS, 7 * MINUTE_MS),
    scale: constantFrom(1, 1_024, 1_048_576),
  }).map(({ seed, perHour, everyMs, scale }) => ({
    scale,
    batches: memory(given({ seed, everyMs, level: leaking(3 * HOUR_MS, perHour) })),
  }));

  it("judges alike from a stored state, on a prefix, and in another unit", () => {
    assert(
      property(short, ({ batches, scale }) => {
        const whole = run(batches);
        expect(run(batches, true)).toEqual(whole);
        const most = Math.floor(batches.length * 0.6);
        expect(run(batches.slice(0, most))).toEqual(whole.slice(0, most));
        const scaled = batches.map(({ ts, values }) => ({
          ts,
          values: {
            memory_used: (values["memory_used"] ?? 0) * scale,
            memory_limit: (values["memory_limit"] ?? 0) * scale,
          },
        }));
        const states = (said: readonly Judgement[]) => said.map(({ state }) => state);
        expect(states(run(scaled))).toEqual(states(whole));
      }),
      { numRuns: 12 },
    );
  });
});
