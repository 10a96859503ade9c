import { array, assert, constantFrom, property } from "fast-check";
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

function run(series: string) {
  let state = CONSECUTIVE_START;
  return Array.from(series, (letter, index) => {
    const judged = judge(state, sampleOf(letter, 1_000 + index), CONSECUTIVE_DEFAULTS);
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
