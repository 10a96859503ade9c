import { array, assert, constantFrom, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import { MINUTE_MS } from "../../domain/time.ts";
import type { Batch, Judgement } from "../batch.ts";
import { type Bound, threshold, type ThresholdState } from "./index.ts";

function run(batches: readonly Batch[], bounds: readonly Bound[], isStored = false): Judgement[] {
  let state: ThresholdState = threshold.start;
  return batches.map((batch) => {
    if (isStored) state = JSON.parse(JSON.stringify(state));
    const judged = threshold.judge(state, batch, { bounds });
    state = judged.state;
    return judged.judgement;
  });
}

/** One reading a minute: a digit, `?` looked and got nothing, `-` not looked at. */
function series(text: string, signal = "cpu_used"): Batch[] {
  return Array.from(text).flatMap((letter, index): Batch[] => {
    if (letter === "-") return [];
    const value = letter === "?" ? null : Number(letter);
    return [{ ts: index * MINUTE_MS, values: { [signal]: value } }];
  });
}

const LETTER = { healthy: "h", breached: "B", inconclusive: "i", missing: "m" } as const;

function letters(said: readonly Judgement[]): string {
  return said.map(({ state }) => LETTER[state]).join("");
}

const HIGH: Bound = { signal: "cpu_used", above: 6, closeAt: 4, of: [2, 3], lastsMs: 0 };

describe("threshold", () => {
  it.each<readonly [string, string, Partial<Bound>, string]>([
    ["1111", "ihhh", {}, "on the good side"],
    ["1199", "ihiB", {}, "two of three open"],
    ["119191", "ihihBi", {}, "also with a good one between"],
    ["191119", "iihhhi", {}, "one does not"],
    ["6666", "ihhh", {}, "the bound itself is not beyond it"],
    ["99511", "iBBih", {}, "between the bounds it stays; two calm ones close"],
    ["991911", "iBiBih", {}, "one calm one does not"],
    ["9999", "iiBB", { lastsMs: 2 * MINUTE_MS }, "not before it has lasted"],
    ["9911111", "iiihhhh", { lastsMs: 2 * MINUTE_MS }, "and not when it ends before"],
    ["99911111", "iiBiihhh", { lastsMs: 2 * MINUTE_MS }, "closing has to last as well"],
    ["99????11", "iBiiimih", {}, "what is not known neither opens nor closes"],
    ["???", "iii", {}, "nothing ever seen is no health"],
    ["11----99", "ihiB", {}, "a gap is not a row"],
    ["1119----9", "ihhii", {}, "and two bad ones around a gap are not two of three"],
    ["9", "B", { of: [1, 1] }, "one of one opens at once"],
  ])("%s → %s: %s %s", (text, states, changes) => {
    expect(letters(run(series(text), [{ ...HIGH, ...changes }]))).toBe(states);
  });

  it("judges below as it judges above", () => {
    const low: Bound = { signal: "inflight", below: 3, closeAt: 5, of: [2, 3], lastsMs: 0 };
    expect(letters(run(series("772245511", "inflight"), [low]))).toBe("ihiBBihiB");
  });

  it("hears nothing without a bound, and only what its bounds name", () => {
    expect(threshold.readsWith?.(threshold.defaults)).toEqual([]);
    expect(threshold.readsWith?.({ bounds: [HIGH, HIGH] })).toEqual(["cpu_used"]);
    expect(run(series("999"), [])[2]).toMatchObject({ state: "inconclusive", onset: null });
  });

  it("lets the worst of several bounds speak, with its numbers and its onset", () => {
    const other: Bound = { signal: "value", above: 100, of: [1, 1], lastsMs: 0 };
    const batches = series("1199").map(({ ts, values }) => ({
      ts,
      values: { ...values, value: 5 },
    }));
    const said = run(batches, [other, HIGH]);
    expect(letters(said)).toBe("ihiB");
    expect(said[2]).toMatchObject({ failing: true, onset: 2 * MINUTE_MS });
    expect(said[3]).toMatchObject({
      failing: false,
      onset: 2 * MINUTE_MS,
      evidence: { signal: "cpu_used", value: 9, threshold: 6, side: "above", bad: 2, openOf: 3 },
    });
  });

  const readings = array(
    record({
      gap: constantFrom(1, 1, 1, 2, 9),
      cpu_used: constantFrom(1, 5, 9, null, undefined),
      value: constantFrom(1, 9, null, undefined),
    }),
    { maxLength: 60 },
  ).map((steps) => {
    let ts = 0;
    return steps.map(({ gap, ...values }) => ({ ts: (ts += gap * MINUTE_MS), values }));
  });

  it("judges the same from a stored state, and a prefix the same as the whole", () => {
    const bounds: Bound[] = [HIGH, { signal: "value", below: 3, of: [3, 4], lastsMs: MINUTE_MS }];
    assert(
      property(readings, (batches) => {
        const whole = run(batches, bounds);
        expect(run(batches, bounds, true)).toEqual(whole);
        const half = Math.floor(batches.length / 2);
        expect(run(batches.slice(0, half), bounds)).toEqual(whole.slice(0, half));
      }),
    );
  });

  it("never opens on, nor is healthy after, a look that saw nothing", () => {
    assert(
      property(readings, (batches) => {
        run(batches, [HIGH]).forEach(({ state }, index) => {
          const value = batches[index]?.values.cpu_used;
          if (value === null) expect(["inconclusive", "missing"]).toContain(state);
        });
      }),
    );
  });
});
