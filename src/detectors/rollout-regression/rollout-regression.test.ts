import { assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import { upTo } from "../../../test/support/long.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { Batch, Judgement } from "../batch.ts";
import { rolloutRegression, type RolloutState } from "./index.ts";
import { arrivalOf } from "./release.ts";
import { bursty, traffic, type Traffic } from "./traffic.fixture.ts";

function run(batches: readonly Batch[], isStored = false): Judgement[] {
  let state: RolloutState = rolloutRegression.start;
  return batches.map((batch) => {
    if (isStored) state = JSON.parse(JSON.stringify(state));
    const judged = rolloutRegression.judge(state, batch, rolloutRegression.defaults);
    state = judged.state;
    return judged.judgement;
  });
}

/** An hour of the first version, then 40 minutes of the second, at 5 requests/s and 10 s. */
function given(changes: Partial<Traffic>): Traffic {
  return {
    seed: 1,
    forMs: 100 * MINUTE_MS,
    everyMs: 10 * SECOND_MS,
    perSecond: 5,
    releases: [{ ts: HOUR_MS, id: "v2" }],
    failing: () => 0.002,
    ...changes,
  };
}

/** Minutes from the release to the first breach, for five seeds; `null` for none. */
function delays(changes: Partial<Traffic>): (number | null)[] {
  return Array.from({ length: 5 }, (_, index) => {
    const batches = traffic(given({ ...changes, seed: index + 1 }));
    const found = batches[run(batches).findIndex(({ state }) => state === "breached")];
    return found === undefined ? null : (found.ts - HOUR_MS) / MINUTE_MS;
  });
}

const after = (before: number, later: number) => (ts: number) => (ts > HOUR_MS ? later : before);

describe("rollout-regression", () => {
  it.each<readonly [string, number, Partial<Traffic>]>([
    ["two points more errors", 10, { failing: after(0.002, 0.022) }],
    ["two points from none", 10, { failing: after(0, 0.02) }],
    ["every request failing", 6, { failing: after(0.002, 1) }],
    ["twice the latency, in buckets", 10, { latency: "buckets", slower: after(1, 2) }],
    ["twice the p95", 10, { latency: "p95", slower: after(1, 2) }],
    ["twice the p95 each minute", 10, { latency: "p95", slower: after(1, 2), everyMs: MINUTE_MS }],
    ["half failing at 0.1 request/s", 10, { perSecond: 0.1, failing: after(0.002, 0.5) }],
  ])("finds %s within %i min", (_, most, changes) => {
    for (const delay of delays(changes)) expect(delay ?? Infinity).toBeLessThanOrEqual(most);
  });

  it.each<readonly [string, Partial<Traffic>]>([
    ["the same service", { latency: "buckets" }],
    ["the same service by p95", { latency: "p95" }],
    ["a share that stays high", { failing: () => 0.03 }],
    ["half a point more", { failing: after(0.002, 0.0045) }],
    [
      "two minutes of errors at the switch",
      {
        failing: (ts) => (ts > HOUR_MS && ts <= HOUR_MS + 2 * MINUTE_MS ? 0.3 : 0.002),
      },
    ],
    [
      "a cold start",
      {
        latency: "buckets",
        slower: (ts) => (ts > HOUR_MS && ts <= HOUR_MS + 2 * MINUTE_MS ? 5 : 1),
      },
    ],
    ["errors that began before", { failing: (ts) => (ts > 55 * MINUTE_MS ? 0.1 : 0.002) }],
    [
      "errors that began a minute before and got worse",
      { failing: (ts) => (ts > HOUR_MS ? 0.3 : ts > 59 * MINUTE_MS ? 0.1 : 0.002) },
    ],
    [
      "errors that began just before, still few",
      {
        failing: (ts) => (ts > 54 * MINUTE_MS ? 0.03 : 0.002),
      },
    ],
    [
      "slowness that began before",
      {
        latency: "buckets",
        slower: (ts) => (ts > 52 * MINUTE_MS ? 3 : 1),
      },
    ],
    [
      "the deployment that is live already",
      {
        failing: after(0.002, 0.1),
        releases: [
          { ts: MINUTE_MS, id: "d1@abc" },
          { ts: HOUR_MS, id: "d2@abc" },
        ],
      },
    ],
    [
      "nothing to compare with",
      {
        releases: [{ ts: 5 * MINUTE_MS, id: "v2" }],
        failing: (ts) => (ts > 5 * MINUTE_MS ? 0.2 : 0),
      },
    ],
    [
      "a tenth failing of three requests an hour",
      {
        perSecond: 0.001,
        failing: after(0, 0.1),
      },
    ],
  ])("does not open on %s", (_, changes) => {
    expect(delays(changes)).toEqual(Array.from({ length: 5 }, () => null));
  });

  it("says healthy ten minutes after a good release, and inconclusive where traffic is too thin", () => {
    const batches = traffic(given({ latency: "buckets" }));
    const good = run(batches);
    const at = batches.findIndex(({ ts }) => ts === HOUR_MS);
    expect(new Set(good.slice(at, at + 60).map(({ state }) => state))).toEqual(
      new Set(["inconclusive"]),
    );
    expect(good.at(-1)?.state).toBe("healthy");
    expect(run(traffic(given({ perSecond: 0.02 }))).at(-1)?.state).toBe("inconclusive");
  });

  it("leaves the cold start out of latency", () => {
    const slower = (ts: number) => (ts > HOUR_MS && ts <= 62 * MINUTE_MS ? 5 : 1);
    const batches = traffic(given({ latency: "buckets", slower }));
    const at = batches.findIndex(({ ts }) => ts === 72 * MINUTE_MS);
    expect(run(batches)[at]?.state).toBe("healthy");
  });

  it.each<readonly [readonly string[], string | undefined, string]>([
    [[], "d1@a", "release"],
    [["a"], "d2@a", "same"],
    [["a"], undefined, "none"],
    [["a"], "d2@b", "release"],
    [["a", "b"], "d3@a", "return"],
    [["d1"], "d1", "same"],
  ])("%j, then %s: %s", (known, deployment, arrival) => {
    expect(arrivalOf(known, deployment)).toBe(arrival);
  });

  it("closes once after a rollback, when all was good for long enough", () => {
    const failing = (ts: number) => (ts > HOUR_MS && ts <= 80 * MINUTE_MS ? 0.1 : 0.002);
    const releases = [
      { ts: MINUTE_MS, id: "v1" },
      { ts: HOUR_MS, id: "v2" },
      { ts: 80 * MINUTE_MS, id: "v1" },
    ];
    const batches = traffic(given({ failing, releases }));
    const said = run(batches);
    const changes = said.flatMap(({ state }, index) =>
      state === said[index - 1]?.state ? [] : [[state, (batches[index]?.ts ?? 0) / MINUTE_MS]],
    );
    expect(changes.map(([state]) => state)).toEqual([
      "inconclusive",
      "breached",
      "inconclusive",
      "healthy",
    ]);
    expect(changes[2]?.[1]).toBe(80);
    expect(changes[3]?.[1]).toBeGreaterThanOrEqual(85);
    expect(changes[3]?.[1]).toBeLessThanOrEqual(90);
  });

  it("shows its numbers, and dates the onset at the release", () => {
    const batches = traffic(given({ failing: after(0.002, 0.2) }));
    const breach = run(batches).find(({ state }) => state === "breached");
    expect(breach?.onset ?? 0).toBeGreaterThan(HOUR_MS);
    expect(breach?.onset ?? 0).toBeLessThanOrEqual(HOUR_MS + MINUTE_MS);
    expect(breach?.evidence).toMatchObject({
      share: "failed requests",
      deployment: "v2",
      releasedAt: HOUR_MS,
      onset: "start of the first window worse than before the release",
    });
    for (const name of ["beforeBad", "beforeAll", "afterBad", "logEvidence", "threshold"])
      expect(breach?.evidence[name]).toBeTypeOf("number");
  });

  it.each([
    ["nobody asks", 0, 0, true],
    ["most of the few fail", 1, 2, false],
  ])(
    "says after a rollback how many requests it lacks where %s: %j of %j",
    (_, failed, requests, isLacking) => {
      const releases = [
        { ts: 10_000, id: "v1" },
        { ts: HOUR_MS, id: "v2" },
      ];
      const bad = traffic(given({ releases, failing: after(0.002, 0.5), forMs: 80 * MINUTE_MS }));
      const calm = Array.from({ length: 60 }, (_, index) => ({
        ts: 80 * MINUTE_MS + (index + 1) * 10_000,
        // Asked for once in ten minutes, so that there are never enough of them.
        values: index % 30 === 1 ? { failed, requests } : { failed: 0, requests: 0 },
        ...(index === 0 ? { deployment: "v1" } : {}),
      }));
      const judged = run([...bad, ...calm]).slice(bad.length);
      expect(judged.some(({ state }) => state !== "inconclusive")).toBe(false);
      const told = judged.map(({ needsRequests }) => needsRequests ?? 0);
      // Not before it was quiet for five minutes.
      const shown = isLacking ? Array(30).fill(20) : Array(30).fill(0);
      expect(told.slice(0, 30)).toEqual(Array(30).fill(0));
      expect(told.slice(-28)).toEqual(shown.slice(-28));
    },
  );

  it("tells silence from health: null and absence are missing, never good", () => {
    const batches = traffic(given({}));
    const silent = Array.from({ length: 10 }, (_, index) => ({
      ts: 100 * MINUTE_MS + (index + 1) * 10_000,
      values: { requests: null, failed: null },
    }));
    const states = run([...batches, ...silent])
      .slice(-10)
      .map(({ state }) => state);
    expect(states).toEqual([...Array(3).fill("inconclusive"), ...Array(7).fill("missing")]);
  });

  it(`opens nothing in ${upTo(30)} days with a release every few hours, short bursts and a daily rhythm`, () => {
    const forMs = upTo(30) * 24 * HOUR_MS;
    const releases = Array.from({ length: 150 }, (_, index) => ({
      ts: (5 + index * 4.7) * HOUR_MS,
      id: `v${index}`,
    }));
    const failing = bursty(5, forMs, 0.002, 0.08);
    for (const perSecond of [5, 0.1]) {
      const quiet = { seed: 3, forMs, everyMs: MINUTE_MS, perSecond, swing: 3, releases, failing };
      expect(run(traffic(quiet)).filter(({ state }) => state === "breached")).toEqual([]);
    }
  });

  const short = record({
    seed: integer({ min: 1, max: 1_000 }),
    failing: constantFrom(0, 0.05, 0.3),
    latency: constantFrom("buckets" as const, "p95" as const),
    everyMs: constantFrom(30_000, 60_000, 300_000),
  }).map(({ seed, failing, latency, everyMs }) =>
    traffic(given({ seed, failing: after(0.002, failing), latency, everyMs, perSecond: 1 })),
  );

  it("judges the same from a stored state, and a prefix the same as the whole", () => {
    assert(
      property(short, (batches) => {
        const whole = run(batches);
        expect(run(batches, true)).toEqual(whole);
        const most = Math.floor(batches.length * 0.7);
        expect(run(batches.slice(0, most))).toEqual(whole.slice(0, most));
      }),
      { numRuns: 15 },
    );
  });
});
