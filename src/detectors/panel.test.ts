import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { array, assert, constantFrom, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import type { Observation, Values } from "../domain/observation.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import { BATCH_DETECTORS } from "./index.ts";
import { createPanel, type Judged, type Panel, type PanelSettings } from "./panel.ts";

const HEALTHY: Values = { up: 1, failed: 0, requests: 60, memory_used: 400 };

function panelOf(more: Partial<PanelSettings> = {}): Panel {
  return createPanel({ target: "api", probe: "metrics", opens: "service-down", ...more });
}

function look(ts: number, values: Values, more: Partial<Observation> = {}): Observation {
  return { target: "api", probe: "metrics", ts, tookMs: 5, values, ...more };
}

/** Looks at these moments, in seconds. */
function looking(panel: Panel, seconds: readonly number[], values: Values = HEALTHY): void {
  for (const second of seconds) panel.judge(look(second * SECOND_MS, values));
}

function every(seconds: number, from: number, until: number): number[] {
  return Array.from({ length: (until - from) / seconds }, (_, index) => from + index * seconds);
}

function names(judged: readonly Judged[]): string[] {
  return judged.map(({ verdict }) => verdict.signal.name);
}

/** The first second at which something is overdue. */
function silentAt(panel: Panel, from: number, until: number): number | null {
  for (let second = from; second <= until; second += 1)
    if (panel.overdue(second * SECOND_MS).length > 0) return second;
  return null;
}

it("seats the detectors of every folder, in their turns", () => {
  // `up` is judged look by look, by the panel itself.
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "consecutive")
    .map((entry) => entry.name);
  const registry = readFileSync(join(import.meta.dirname, "registry.ts"), "utf8");
  const registered = [...registry.matchAll(/from "\.\/([a-z-]+)\/index\.ts"/g)].map(
    ([, name = ""]) => name,
  );
  expect(registered.toSorted()).toEqual(folders.toSorted());
  expect(BATCH_DETECTORS.slice(0, 2).map(({ name }) => name)).toEqual(["error-share", "burn-rate"]);
  const turns = BATCH_DETECTORS.map(({ turn }) => turn ?? Infinity);
  expect(turns).toEqual(turns.toSorted((a, b) => a - b));
});

describe("a probe that falls silent", () => {
  it("is missing after three of its usual intervals, with every signal it told, once", () => {
    const panel = panelOf();
    looking(panel, every(20, 0, 200));
    expect(panel.overdue(180 * SECOND_MS + 3 * 20 * SECOND_MS)).toEqual([]);
    const said = panel.overdue(180 * SECOND_MS + 3 * 20 * SECOND_MS + 1);
    expect(names(said)).toEqual([
      "up",
      ...BATCH_DETECTORS.map(({ name }) => name).filter((name) =>
        [
          "error-share",
          "burn-rate",
          "rollout-regression",
          "flood",
          "saturation",
          "memory-leak",
        ].includes(name),
      ),
    ]);
    for (const { verdict } of said) {
      expect(verdict).toMatchObject({ state: "missing", at: 240 * SECOND_MS + 1 });
      expect(verdict.evidence.numbers?.["reason"]).toContain("has not looked");
    }
    expect(said[0]?.verdict.before).toBe("healthy");
    expect(panel.overdue(900 * SECOND_MS)).toEqual([]);
  });

  it("is given thirty seconds, however fast it usually looks", () => {
    const panel = panelOf();
    looking(panel, every(1, 0, 60));
    expect(silentAt(panel, 60, 120)).toBe(59 + 31);
  });

  it("looks again: its silence is over, health has still to be found out, and it may fall silent again", () => {
    const panel = panelOf();
    looking(panel, every(10, 0, 120));
    expect(silentAt(panel, 120, 300)).toBe(141);
    const [again] = panel.judge(look(300 * SECOND_MS, HEALTHY));
    expect(again?.verdict).toMatchObject({ before: "missing", state: "healthy" });
    expect(panel.overdue(325 * SECOND_MS)).toEqual([]);
    expect(silentAt(panel, 326, 500)).toBe(331);
  });

  it("does not end a breach, nor forget when it began", () => {
    const panel = panelOf();
    looking(panel, every(10, 0, 60));
    looking(panel, every(10, 60, 100), { up: 0 });
    const [silent] = panel.overdue(400 * SECOND_MS);
    expect(silent?.verdict).toMatchObject({
      state: "missing",
      before: "breached",
      onset: 60 * SECOND_MS,
    });
    const [once, twice] = [400, 410].map((s) => panel.judge(look(s * SECOND_MS, { up: 1 }))[0]);
    expect(once?.verdict).toMatchObject({ before: "missing", state: "inconclusive" });
    expect(twice?.verdict).toMatchObject({ state: "healthy" });
  });

  it("is not overdue for a look that found nothing: that is the signal's word, not the probe's silence", () => {
    const panel = panelOf();
    looking(panel, every(10, 0, 60));
    looking(panel, every(10, 60, 300), { up: null });
    expect(panel.overdue(300 * SECOND_MS)).toEqual([]);
  });

  it("is not overdue after one look or two, because nobody knows its pace yet", () => {
    const panel = panelOf();
    expect(panel.overdue(MINUTE_MS)).toEqual([]);
    looking(panel, [0]);
    expect(silentAt(panel, 0, 7_200)).toBeNull();
    looking(panel, [7_201]);
    expect(silentAt(panel, 7_201, 9_000)).toBeNull();
  });

  it("goes by the slowest of its paces: nearer looks at a failure do not make the usual ones late", () => {
    const panel = panelOf();
    looking(panel, every(60, 0, 600));
    looking(panel, every(5, 600, 900), { up: 0 });
    expect(silentAt(panel, 900, 1_000)).toBeNull();
    looking(panel, every(60, 1_000, 1_300));
    expect(silentAt(panel, 1_240, 1_500)).toBe(1_240 + 181);
  });

  it("bears one long pause among many looks", () => {
    const panel = panelOf();
    looking(panel, [...every(10, 0, 100), 125, ...every(10, 130, 200)]);
    expect(silentAt(panel, 190, 400)).toBe(190 + 31);
  });
});

describe("what a detector hears of", () => {
  /** Moments after which each detector has spoken. */
  function spoken(observations: readonly Observation[], more: Partial<PanelSettings> = {}) {
    const panel = panelOf(more);
    return observations.map((one) => names(panel.judge(one)).filter(isKnown).toSorted());
  }

  /** One that comes later is none of this table's business. */
  const KNOWN =
    `up abuse anomaly burn-rate certificate complaints crash-loop error-share flood latency-shift
    memory-leak rollout-regression saturation threshold`.split(/\s+/);
  const isKnown = (name: string): boolean => KNOWN.includes(name);

  it.each<readonly [string, Values, Partial<Observation>, readonly string[]]>([
    ["up", { up: 1 }, {}, ["up"]],
    ["a value", { value: 3 }, {}, ["anomaly"]],
    ["a value that is null", { value: null }, {}, ["anomaly"]],
    ["refused sign-ins", { auth_failures: 1 }, {}, ["abuse"]],
    ["complaints", { complaints: 0 }, {}, ["complaints"]],
    ["restarts", { restarts: 0 }, {}, ["crash-loop", "memory-leak"]],
    ["memory", { memory_used: 1, memory_limit: 2 }, {}, ["memory-leak", "saturation"]],
    [
      "buckets",
      {},
      { buckets: [{ le: Infinity, count: 1 }] },
      ["latency-shift", "rollout-regression"],
    ],
    ["nothing that is judged", { cpu_used: 1 }, {}, []],
  ])("is, of %s, what it reads", (_, values, more, heard) => {
    expect(spoken([look(0, values, more)])).toEqual([heard]);
  });

  it("is a deployment as well, but nobody falls silent who was told of nothing else", () => {
    const panel = panelOf();
    for (const second of every(10, 0, 100))
      panel.judge(look(second * SECOND_MS, { up: 1 }, { deployment: "d1" }));
    expect(names(panel.overdue(MINUTE_MS * 5))).toEqual(["up"]);
  });

  it("is not the silence of another signal: each goes by its own moments", () => {
    const panel = panelOf();
    const states: string[] = [];
    // Restarts are told every five minutes, everything else every ten seconds.
    for (const second of every(10, 0, 3_600)) {
      const values = second % 300 === 0 ? { ...HEALTHY, restarts: 2 } : HEALTHY;
      for (const { verdict } of panel.judge(look(second * SECOND_MS, values)))
        if (verdict.signal.name === "crash-loop") states.push(verdict.state);
    }
    expect(states.length).toBe(12);
    expect(states).not.toContain("missing");
    expect(states.at(-1)).toBe("healthy");
  });

  it("is, for bounds that people set, the signals they name", () => {
    const bounds = [{ signal: "cpu_used", above: 0.9, of: [1, 1], lastsMs: 0 }];
    const more = { detectors: { threshold: { bounds } } };
    const judged = spoken([look(0, { cpu_used: 0.95 }), look(1, { inflight: 1 })], more);
    expect(judged[0]).toEqual(["threshold"]);
    expect(judged[1]).not.toContain("threshold");
  });

  it("opens what the probe says for up, and what the detector says for the rest", () => {
    const judged = panelOf({ opens: "database-down" }).judge(look(0, { up: 1, value: 1 }));
    const opened = judged.map(({ verdict, opens }) => [verdict.signal.name, opens] as const);
    expect(opened.slice(0, 2)).toEqual([
      ["up", "database-down"],
      ["anomaly", "unclassified"],
    ]);
  });
});

describe("the panel", () => {
  const steps = array(
    record({
      gap: constantFrom(5, 10, 10, 10, 60, 300),
      up: constantFrom(0, 1, null, undefined),
      requests: constantFrom(0, 40, null, undefined),
      value: constantFrom(5, 50, null, undefined),
    }),
    { maxLength: 40 },
  ).map((all) => {
    let second = 0;
    return all.map(({ gap, ...values }) => {
      second += gap;
      const told = Object.entries(values).filter(([, value]) => value !== undefined);
      return look(second * SECOND_MS, Object.fromEntries(told));
    });
  });

  /** As the board does it: first what the moment tells, then what is overdue a second before the next. */
  function play(observations: readonly Observation[]): Judged[][] {
    const panel = panelOf();
    return observations.map((one, index) => {
      const next = observations[index + 1]?.ts ?? one.ts + 1;
      return [...panel.judge(one), ...panel.overdue(next - 1)];
    });
  }

  it("says the same of the same looks, and nothing of before a cut changes", () => {
    assert(
      property(steps, (observations) => {
        const whole = play(observations);
        expect(play(observations)).toEqual(whole);
        const half = Math.floor(observations.length / 2);
        const before = play(observations.slice(0, half)).slice(0, -1);
        expect(before).toEqual(whole.slice(0, Math.max(0, half - 1)));
      }),
      { numRuns: 50 },
    );
  });

  it("never says healthy or breached of a signal that was not seen in that moment", () => {
    assert(
      property(steps, (observations) => {
        play(observations).forEach((judged, index) => {
          const values = observations[index]?.values ?? {};
          for (const { verdict } of judged) {
            const isUnseen =
              (verdict.signal.name === "up" && typeof values.up !== "number") ||
              (verdict.signal.name === "anomaly" && typeof values.value !== "number");
            if (isUnseen) expect(["inconclusive", "missing"]).toContain(verdict.state);
          }
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe("what was recorded before a start", () => {
  const ERRORS: Values = { failed: 30, requests: 60 };

  /** An hour of calm and a minute of errors, learnt and not judged. */
  function learnt(): Panel {
    const panel = panelOf();
    for (const second of every(10, 0, 3_600)) panel.learn(look(second * SECOND_MS, HEALTHY));
    for (const second of every(10, 3_600, 3_690)) panel.learn(look(second * SECOND_MS, ERRORS));
    return panel;
  }

  function stateOf(judged: readonly Judged[], name: string) {
    return judged.find(({ verdict }) => verdict.signal.name === name)?.verdict;
  }

  it("is the past of rates: a breach that stands is known at the first look", () => {
    const said = stateOf(learnt().judge(look(3_700 * SECOND_MS, ERRORS)), "error-share");
    expect(said).toMatchObject({ state: "breached", at: 3_700 * SECOND_MS });
    const anew = stateOf(panelOf().judge(look(3_700 * SECOND_MS, ERRORS)), "error-share");
    expect(anew?.state).toBe("inconclusive");
  });

  it("says nothing of whether it answers, and nobody is overdue", () => {
    const panel = panelOf();
    for (const second of every(10, 0, 600))
      panel.learn(look(second * SECOND_MS, { ...HEALTHY, up: 0 }));
    expect(panel.overdue(3_600 * SECOND_MS)).toEqual([]);
    const said = stateOf(panel.judge(look(3_600 * SECOND_MS, { up: 0 })), "up");
    expect(said).toMatchObject({ state: "inconclusive", evidence: { failures: 1 } });
  });

  it("is given time to speak before it is missed", () => {
    const panel = learnt();
    const silent: Values = { failed: null, requests: null };
    const states = every(10, 7_200, 7_260).map(
      (second) => stateOf(panel.judge(look(second * SECOND_MS, silent)), "error-share")?.state,
    );
    expect(states).toEqual([...Array(4).fill("inconclusive"), "missing", "missing"]);
  });
});
