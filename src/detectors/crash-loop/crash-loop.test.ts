import { array, assert, constantFrom, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import { MINUTE_MS } from "../../domain/time.ts";
import type { Batch, Judgement } from "../batch.ts";
import { mulberry32, poisson } from "../testing.ts";
import { crashLoop, type CrashLoopState } from "./index.ts";

function run(batches: readonly Batch[], isStored = false): Judgement[] {
  let state: CrashLoopState = crashLoop.start;
  return batches.map((batch) => {
    if (isStored) state = JSON.parse(JSON.stringify(state));
    const judged = crashLoop.judge(state, batch, crashLoop.defaults);
    state = judged.state;
    return judged.judgement;
  });
}

/** One reading a minute: a digit, `?` looked and got nothing, `-` not looked at, `D` a new release beside the last digit. */
function series(text: string): Batch[] {
  let last = 0;
  let releases = 0;
  return Array.from(text).flatMap((letter, index): Batch[] => {
    const ts = index * MINUTE_MS;
    if (letter === "-") return [];
    if (letter === "?") return [{ ts, values: { restarts: null } }];
    if (letter === "D")
      return [{ ts, values: { restarts: last }, deployment: `d${(releases += 1)}` }];
    last = Number(letter);
    return [{ ts, values: { restarts: last } }];
  });
}

const LETTER = { healthy: "h", breached: "B", inconclusive: "i", missing: "m" } as const;

function letters(text: string): string {
  return run(series(text))
    .map(({ state }) => LETTER[state])
    .join("");
}

describe("crash-loop", () => {
  it.each([
    ["0000000000000000", "iiiiiiiiiiiiiiih", "healthy after one whole window"],
    ["0123", "iiiB", "the third restart opens"],
    ["000123000", "iiiiiBiii", "a counter that fell begins anew and ends nothing"],
    ["0003", "iiii", "one jump is not a loop"],
    ["00033334", "iiiiiiiB", "one jump and one more restart are"],
    ["9", "i", "a large first count says nothing"],
    ["9999", "iiii", "and does not become a loop by staying"],
    ["22210011", "iiiiiiii", "resets are not restarts"],
    ["000?????111", "iiiiiimmiii", "a gap is missing, and what happened in it has no moment"],
    ["00---------9", "iii", "two looks are too few to know what a gap is"],
    ["000---------3", "iiii", "a rise during a gap is no loop"],
    ["00001------23", "iiiiiii", "nor does it add to one"],
    ["D123", "iiiB", "what is live at the first look is no release"],
    ["0D123", "iiiii", "a release restarts on purpose"],
    ["0D123456", "iiiiiiiB", "but not for long"],
    ["0001112222222222222222222", "iiiiiiiiiiiiiiiiiiiiihhhh", "two are not a loop"],
  ])("%s → %s: %s", (text, states) => {
    expect(letters(text)).toBe(states);
  });

  it("closes a whole window after the last restart, and dates the onset at the look before the first", () => {
    const said = run(series(`0000123${"3".repeat(20)}`));
    expect(said[6]).toMatchObject({
      state: "breached",
      onset: 3 * MINUTE_MS,
      evidence: { restarts: 3, threshold: 3, moments: 3, windowMs: 15 * MINUTE_MS, count: 3 },
    });
    const states = said.map(({ state }) => LETTER[state]).join("");
    expect(states).toBe(`iiiiiiB${"B".repeat(12)}ii${"h".repeat(6)}`);
    expect(said.at(-1)).toMatchObject({ onset: null, failing: false });
  });

  it("calls one restart nothing that fails, because one of ours is one too; two are on their way", () => {
    const failing = run(series("0001112")).map((said) => said.failing);
    expect(failing).toEqual([false, false, false, false, false, false, true]);
  });

  it("spreads what happened between two distant looks over that time", () => {
    const hourly = [0, 1, 2, 4, 6, 8].map((restarts, hour) => ({
      ts: hour * 60 * MINUTE_MS,
      values: { restarts },
    }));
    expect(run(hourly).some(({ state }) => state === "breached")).toBe(false);
  });

  it("finds a loop with growing pauses within five minutes, looking every 10 s", () => {
    // Back-off as of Kubernetes: 10 s, doubled, after a minute of trying.
    let restarts = 0;
    let next = 30 * MINUTE_MS;
    let pause = 10_000;
    const batches = Array.from({ length: 360 }, (_, index) => {
      const ts = index * 10_000;
      if (ts >= next) {
        restarts += 1;
        next = ts + 20_000 + pause;
        pause = Math.min(2 * pause, 300_000);
      }
      return { ts, values: { restarts } };
    });
    const found = batches[run(batches).findIndex(({ state }) => state === "breached")]?.ts;
    expect((found ?? Infinity) - 30 * MINUTE_MS).toBeLessThanOrEqual(5 * MINUTE_MS);
  });

  it("says nothing in 30 days with two lonely crashes and two releases of three replicas a day", () => {
    const random = mulberry32(7);
    let restarts = 0;
    let rolling = 0;
    const batches = Array.from({ length: 30 * 1_440 }, (_, index) => {
      restarts += poisson(random, 2 / 1_440);
      const isRelease = index % 720 === 400;
      if (isRelease) rolling = 3;
      if (rolling > 0) restarts += 1;
      if (rolling > 0) rolling -= 1;
      return {
        ts: index * MINUTE_MS,
        values: { restarts },
        ...(isRelease ? { deployment: `d${index}` } : {}),
      };
    });
    const states = run(batches).map(({ state }) => state);
    expect(states.filter((state) => state === "breached")).toEqual([]);
    expect(states.filter((state) => state === "healthy").length).toBeGreaterThan(35_000);
  });

  const readings = array(
    record({ gap: constantFrom(1, 1, 1, 2, 9), restarts: constantFrom(0, 1, 2, 3, 4, null) }),
    { maxLength: 50 },
  ).map((steps) => {
    let ts = 0;
    return steps.map(({ gap, restarts }) => ({
      ts: (ts += gap * MINUTE_MS),
      values: { restarts },
    }));
  });

  it("judges the same from a stored state, and a prefix the same as the whole", () => {
    assert(
      property(readings, (batches) => {
        const whole = run(batches);
        expect(run(batches, true)).toEqual(whole);
        const half = Math.floor(batches.length / 2);
        expect(run(batches.slice(0, half))).toEqual(whole.slice(0, half));
      }),
    );
  });

  it("never opens on a look that saw no count, or a fallen one", () => {
    assert(
      property(readings, (batches) => {
        run(batches).forEach(({ state }, index) => {
          const now = batches[index]?.values.restarts ?? null;
          const last = batches.slice(0, index).findLast(({ values }) => values.restarts !== null);
          if (now === null) expect(["inconclusive", "missing"]).toContain(state);
          else if (now < (last?.values.restarts ?? now)) expect(state).toBe("inconclusive");
        });
      }),
    );
  });
});
