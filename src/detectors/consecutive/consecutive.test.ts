import { array, assert, constantFrom, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";

import { problem, type ProblemCode } from "../../domain/problem.ts";
import type { Sample } from "../../domain/sample.ts";
import { CONSECUTIVE_DEFAULTS, CONSECUTIVE_START, judge } from "./index.ts";

/** `1` up, `0` down, `?` could not look, `s` refused by our own switch, `z` asleep. */
function sampleOf(letter: string, ts: number): Sample {
  const value = letter === "1" ? 1 : letter === "0" ? 0 : null;
  const code: ProblemCode | null =
    (
      { s: "refused-by-switch", z: "target-asleep", "?": "dns-failed" } as Record<
        string,
        ProblemCode
      >
    )[letter] ?? null;
  return {
    target: "postgres",
    probe: "postgres",
    name: "up",
    ts,
    value,
    ...(code === null ? {} : { problem: problem(code) }),
  };
}

function run(series: string, everyMs = 1, isStored = false) {
  let state = CONSECUTIVE_START;
  return Array.from(series, (letter, index) => {
    if (isStored) state = JSON.parse(JSON.stringify(state));
    const sample = sampleOf(letter, 1_000 + index * everyMs);
    const judged = judge(state, sample, CONSECUTIVE_DEFAULTS);
    state = judged.state;
    return judged.verdict;
  });
}

const LETTER = { healthy: "h", breached: "B", inconclusive: "i", missing: "m" } as const;

describe("consecutive", () => {
  it.each([
    ["11", "ih", "two successes make it healthy after a start"],
    ["000", "iiB", "three failures open, also right after a start"],
    ["110011", "ihiihh", "two failures do not open"],
    ["11000", "ihiiB", "the third failure opens"],
    ["1100011", "ihiiBih", "two successes close"],
    ["110001000", "ihiiBiBBB", "one success does not close"],
    ["11???", "ihiim", "three looks that cannot say are missing data, not health"],
    ["11000???11", "ihiiBiimih", "missing data does not close a breach"],
    ["1100?0", "ihiiiB", "a look that cannot say does not interrupt a streak"],
    ["11sssss", "ihiiiii", "our own switch's refusal is neither missing nor a failure"],
    ["11zzzzz11", "ihiiiiihh", "sleep is neither missing nor a failure"],
    ["11000zzzz11", "ihiiBiiiiih", "and does not close a breach"],
    ["?????", "iimmm", "nothing ever seen is missing"],
  ])("%s → %s: %s", (series, states) => {
    expect(
      run(series)
        .map((verdict) => LETTER[verdict.state])
        .join(""),
    ).toBe(states);
  });

  it("dates the onset at the first failure of the streak that opened", () => {
    const verdicts = run("1101000");
    expect(verdicts.at(-1)).toMatchObject({ state: "breached", onset: 1_004, failing: false });
    expect(verdicts.at(5)).toMatchObject({ state: "inconclusive", failing: true });
  });

  /** Looks every 10 s: `"3d 9u"` are three failures and nine successes. */
  function looks(text: string): string {
    return text
      .split(" ")
      .map((part) => (part.endsWith("d") ? "0" : "1").repeat(Number.parseInt(part)))
      .join("");
  }

  const CYCLE = "3d 9u ";
  it.each([
    ["60u 3d 2u", "one outage of 30 s"],
    ["60u 90d 2u", "one of 15 minutes"],
    ["90d 2u", "one that was there at the start"],
    ["60u 3d 9u 3d 2u", "two outages"],
    ["60u 3d 60u 3d 60u 3d 90u 3d 2u", "one outage every ten minutes or more seldom"],
    [`60u ${"2d 2u ".repeat(40)}2u`, "failures that never make an outage"],
  ])("%s ends as promptly as it may: %s", (text) => {
    const verdicts = run(looks(text), 10_000);
    expect(verdicts.at(-1)).toMatchObject({ state: "healthy", onset: null });
    expect(verdicts.some(({ evidence }) => evidence.numbers !== undefined)).toBe(false);
  });

  it("does not believe health while it flaps, from the third recovery on, and says so", () => {
    const third = run(looks(`60u ${CYCLE.repeat(2)}3d 2u`), 10_000).at(-1);
    expect(third).toMatchObject({ state: "inconclusive", failing: false, onset: null });
    expect(third?.evidence.numbers).toMatchObject({
      reason: expect.stringContaining("flapping"),
      flapStarts: 30,
      flapEnds: 20,
    });
    expect(Number(third?.evidence.numbers?.["flapPercent"])).toBeGreaterThanOrEqual(30);
    const fourth = run(looks(`60u ${CYCLE.repeat(3)}3d`), 10_000).at(-1);
    expect(fourth).toMatchObject({ state: "breached", failing: false });
  });

  it("believes it again when the changes have become few, some minutes later", () => {
    const series = looks(`60u ${CYCLE.repeat(8)}240u`);
    const states = run(series, 10_000).map(({ state }) => LETTER[state]);
    const quiet = states.slice(60 + 8 * 12);
    const first = quiet.indexOf("h");
    expect(first).toBeGreaterThan(60);
    expect(first).toBeLessThan(120);
    expect(new Set(quiet.slice(first))).toEqual(new Set(["h"]));
    expect(new Set(quiet.slice(0, first))).toEqual(new Set(["i"]));
  });

  it("does not fall into flapping for want of looks, nor take them for health", () => {
    const verdicts = run(looks(`60u ${CYCLE.repeat(3)}`) + "?".repeat(400) + "11", 10_000);
    expect(verdicts.at(-1)?.state).toBe("inconclusive");
    const states = verdicts.slice(-402, -2).map(({ state }) => state);
    expect(new Set(states.slice(2))).toEqual(new Set(["missing"]));
  });

  it("judges the same from a stored state, and a prefix the same as the whole, in a small state", () => {
    const parts = array(
      tuple(integer({ min: 1, max: 12 }), constantFrom("0", "1", "?", "s")).map(([count, letter]) =>
        letter.repeat(count),
      ),
      { maxLength: 40 },
    ).map((all) => all.join(""));
    assert(
      property(parts, (series) => {
        const whole = run(series, 10_000);
        expect(run(series, 10_000, true)).toEqual(whole);
        const half = Math.floor(series.length / 2);
        expect(run(series.slice(0, half), 10_000)).toEqual(whole.slice(0, half));
        let state = CONSECUTIVE_START;
        for (const [index, letter] of Array.from(series).entries())
          ({ state } = judge(state, sampleOf(letter, index * 10_000), CONSECUTIVE_DEFAULTS));
        expect(state.flaps.states.length).toBeLessThanOrEqual(21);
      }),
    );
  });

  it("never opens without three failures since the last success, and never closes without two successes", () => {
    assert(
      property(array(constantFrom("0", "1", "?", "s"), { maxLength: 60 }), (letters) => {
        const verdicts = run(letters.join(""));
        verdicts.forEach((verdict, index) => {
          const looks = letters
            .slice(0, index + 1)
            .filter((letter) => letter === "0" || letter === "1");
          const could = letters[index] === "0" || letters[index] === "1";
          if (verdict.state === "breached" && verdicts[index - 1]?.state === "healthy")
            expect.unreachable();
          if (verdict.state === "healthy") expect(could && looks.at(-1) === "1").toBe(true);
          if (verdict.state === "breached") expect(could && looks.at(-1) === "0").toBe(true);
          if (verdict.state === "missing") expect(could).toBe(false);
        });
      }),
    );
  });
});
