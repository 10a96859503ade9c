import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import { upTo } from "../../../test/support/long.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { Batch, BatchDetector, Judgement } from "../batch.ts";
import { dailyRhythm, mulberry32, normal, poisson, type Random } from "../testing.ts";
import { abuse, type BurstState, complaints } from "./index.ts";
import type { BurstSettings } from "./settings.ts";

const DAY_MS = 24 * HOUR_MS;
type Burst = BatchDetector<BurstState, BurstSettings>;

function run(detector: Burst, batches: readonly Batch[], isStored = false): Judgement[] {
  let state = detector.start;
  return batches.map((batch) => {
    if (isStored) state = JSON.parse(JSON.stringify(state));
    const judged = detector.judge(state, batch, detector.defaults);
    state = judged.state;
    return judged.judgement;
  });
}

interface Given {
  readonly seed?: number;
  readonly everyMs?: number;
  readonly forMs: number;
  /** Events a minute. */
  readonly perMinute: (ts: number, random: Random) => number;
  readonly signal?: string;
}

function counted({ seed = 1, everyMs = 10 * SECOND_MS, forMs, perMinute, signal }: Given): Batch[] {
  const random = mulberry32(seed);
  return Array.from({ length: forMs / everyMs }, (_, index) => {
    const ts = index * everyMs;
    const count = poisson(random, (perMinute(ts, random) * everyMs) / MINUTE_MS);
    return { ts, values: { [signal ?? "auth_failures"]: count } };
  });
}

function openings(said: readonly Judgement[]): number {
  return said.filter(({ onset }, index) => onset !== null && !(said[index - 1]?.onset ?? null))
    .length;
}

const START = 26 * HOUR_MS;

describe("abuse", () => {
  it.each<readonly [string, (ts: number) => number]>([
    ["one refusal in two minutes", () => 0.5],
    ["two a minute", () => 2],
    ["thirty a minute", () => 30],
    ["the rhythm of a day", (ts) => dailyRhythm(ts, 1, 30)],
  ])("finds twenty times as many within two minutes of a run: %s", (_, usual) => {
    for (const everyMs of [10 * SECOND_MS, MINUTE_MS]) {
      for (const seed of [1, 2, 3]) {
        const perMinute = (ts: number) => usual(ts) * (ts >= START ? 20 : 1);
        const batches = counted({ seed, everyMs, forMs: START + HOUR_MS / 2, perMinute });
        const said = run(abuse, batches);
        const found = said.findIndex(({ state }) => state === "breached");
        expect(openings(said)).toBe(1);
        expect((batches[found]?.ts ?? Infinity) - START).toBeGreaterThan(0);
        expect((batches[found]?.ts ?? Infinity) - START).toBeLessThanOrEqual(2 * MINUTE_MS);
      }
    }
  });

  it.each<readonly [string, Given["perMinute"]]>([
    ["hardly anybody", () => 0.02],
    ["two a minute", () => 2],
    ["the rhythm of a day", (ts) => dailyRhythm(ts, 1, 30)],
    ["counts that are burstier than chance", (_, random) => 2 * Math.exp(normal(random, 0, 1))],
  ])(
    `is silent for ${upTo(30)} days of %s every minute, and for ${upTo(7)} every 10 s`,
    (_, perMinute) => {
      expect(
        openings(run(abuse, counted({ everyMs: MINUTE_MS, forMs: upTo(30) * DAY_MS, perMinute }))),
      ).toBe(0);
      expect(openings(run(abuse, counted({ forMs: upTo(7) * DAY_MS, perMinute })))).toBe(0);
    },
  );

  /** A quiet app of one look a minute, and then these counts. */
  function quietThen(counts: readonly (number | null)[], detector = abuse): Judgement[] {
    const values = [...Array.from({ length: 24 * 60 }, () => 0), ...counts];
    const signal = detector.reads[0] ?? "";
    return run(
      detector,
      values.map((value, index) => ({ ts: index * MINUTE_MS, values: { [signal]: value } })),
    ).slice(-counts.length);
  }

  it("is silent about a few refusals in a quiet app, and about one moment of many", () => {
    for (const counts of [[3], [3, 3, 3], [2, 0, 4, 1], [60], [60, 0, 1, 0]])
      expect(openings(quietThen(counts))).toBe(0);
    expect(quietThen([12, 12]).at(-1)).toMatchObject({
      state: "breached",
      evidence: { count: 24, coveredMs: 2 * MINUTE_MS, floor: 10, usualMost: 0 },
    });
  });

  it("does not count below its floor, however improbable", () => {
    const quiet = Array.from({ length: 2_000 }, () => 0);
    const seen = (counts: readonly number[]) =>
      openings(
        run(
          abuse,
          [...quiet, ...counts].map((count, index) => ({
            ts: index * 10 * SECOND_MS,
            values: { auth_failures: count },
          })),
        ),
      );
    expect(seen([1, 1, 1, 1, 1, 1, 1, 1, 1])).toBe(0);
    expect(seen([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])).toBe(1);
  });

  it("stays open while it goes on, and closes after five calm minutes", () => {
    const said = quietThen([20, 20, 20, 20, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(said.map(({ state }) => state[0]).join("")).toBe("hbbbbiiiiihh");
    expect(said[3]?.onset).toBe((24 * 60 + 1) * MINUTE_MS);
    expect(said.at(-1)?.onset).toBeNull();
  });

  it("takes a level that lasted for six hours for the new usual", () => {
    const said = quietThen(Array.from({ length: 9 * 60 }, () => 20));
    expect(said[5 * 60]?.state).toBe("breached");
    expect(said.at(-1)).toMatchObject({ state: "healthy", onset: null });
    expect(openings(said)).toBe(1);
  });

  it("never takes null for a count, and says missing when there is none for long", () => {
    const said = quietThen([20, null, null, null, null, null, 0]);
    expect(said.map(({ state }) => state[0]).join("")).toBe("hiiimmh");
    expect(run(abuse, [{ ts: 0, values: { auth_failures: 500 } }])[0]?.state).toBe("inconclusive");
    expect(abuse.judge(abuse.start, { ts: 0, values: {} }, abuse.defaults).judgement.state).toBe(
      "inconclusive",
    );
  });

  const readings = record({
    seed: integer({ min: 1, max: 1_000 }),
    everyMs: constantFrom(10 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS),
    from: integer({ min: 100, max: 250 }),
    holes: array(integer({ min: 0, max: 300 }), { maxLength: 30 }),
  }).map(({ seed, everyMs, from, holes }) =>
    counted({
      seed,
      everyMs,
      forMs: 300 * everyMs,
      perMinute: (ts) => (ts >= from * everyMs && ts < (from + 20) * everyMs ? 40 : 2),
    }).flatMap(({ ts, values }, index) =>
      holes.includes(index)
        ? index % 2 === 0
          ? []
          : [{ ts, values: { auth_failures: null } }]
        : [{ ts, values }],
    ),
  );

  it("judges the same from a stored state, and a prefix the same as the whole", () => {
    assert(
      property(readings, (batches) => {
        const whole = run(abuse, batches);
        expect(run(abuse, batches, true)).toEqual(whole);
        expect(run(abuse, batches.slice(0, 150))).toEqual(whole.slice(0, 150));
        whole.forEach(({ state }, index) => {
          if (batches[index]?.values["auth_failures"] === null)
            expect(["inconclusive", "missing"]).toContain(state);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("keeps its state small, however often it looks", () => {
    let state = abuse.start;
    const batches = counted({ everyMs: SECOND_MS, forMs: DAY_MS, perMinute: () => 2 });
    for (const batch of batches) ({ state } = abuse.judge(state, batch, abuse.defaults));
    expect(JSON.stringify(state).length).toBeLessThan(4_000);
  });

  it("judges complaints the same way, more slowly and from five on", () => {
    expect(complaints.reads).toEqual(["complaints"]);
    expect(quietThen([1, 0, 1, 0, 0, 1], complaints).every(({ onset }) => onset === null)).toBe(
      true,
    );
    const said = quietThen([2, 1, 1, 2], complaints);
    expect(said.map(({ state }) => state[0]).join("")).toBe("hhhb");
  });
});
