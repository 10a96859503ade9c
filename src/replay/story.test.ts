import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { canonical } from "../domain/json.ts";
import { readLine } from "./lines.ts";
import type { Output } from "./output.ts";
import { createReplay } from "./replay.ts";
import { judgeFor, live, RULES, stories } from "./story.fixture.ts";

/** Plays lines; gives what was decided and what was written, each with the moment of its line. */
function play(lines: readonly string[]) {
  const decisions: string[] = [];
  const out: Output[] = [];
  const replay = createReplay({
    rules: RULES,
    onlyTarget: "api",
    judgeFor,
    verbose: true,
    onDecision: (event, decision) => decisions.push(canonical({ event, decision })),
  });
  for (const text of lines) {
    const read = readLine(text);
    if (read.kind === "sample") out.push(...replay.take(read.line));
    else if (read.kind === "event") out.push(...replay.hear(read.line));
    else if (read.kind === "fact") out.push(...replay.learn(read.line));
    else throw new Error(`${text}: ${JSON.stringify(read)}`);
  }
  out.push(...replay.end());
  return { decisions, out };
}

function tsOf(line: string): number {
  return (JSON.parse(line) as { ts: number }).ts;
}

describe("the recording of any story", { timeout: 60_000 }, () => {
  it("replays to the same decisions, byte for byte, whatever happened in one moment", async () => {
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(stories(), async (story) => {
        const { entries, lines } = await live(story);
        expect(lines.map(tsOf)).toEqual(lines.map(tsOf).toSorted((a, b) => a - b));
        const { decisions } = play(lines);
        expect(decisions).toEqual(
          entries.map(({ event, decision }) => canonical({ event, decision })),
        );
        if (entries.some(({ decision }) => decision.incident !== null)) opened += 1;
      }),
      { numRuns: 150 },
    );
    expect(opened).toBeGreaterThan(30);
  });

  it("agrees again from the next start on when a kill has cost the samples of the last look", async () => {
    await fc.assert(
      fc.asyncProperty(stories({ crashes: 2 }), async (story) => {
        const { entries, lines } = await live([...story, { do: "restart", afterMs: 0 }, ...story]);
        const start = entries.findLastIndex(({ event }) => event.type === "start");
        const life = entries
          .slice(start)
          .map(({ event, decision }) => canonical({ event, decision }));
        expect(play(lines).decisions.slice(-life.length)).toEqual(life);
      }),
      { numRuns: 60 },
    );
  });

  it("says the same twice, and a cut changes nothing that was said before it", async () => {
    await fc.assert(
      fc.asyncProperty(stories(), fc.nat({ max: 10_000 }), async (story, at) => {
        const { lines } = await live(story);
        const whole = play(lines);
        expect(play(lines)).toEqual(whole);
        const cut = tsOf(lines[at % lines.length] ?? "");
        const part = play(lines.filter((line) => tsOf(line) <= cut));
        expect(part.out).toEqual(whole.out.filter(({ ts }) => ts <= cut));
        expect(part.decisions).toEqual(whole.decisions.slice(0, part.decisions.length));
      }),
      { numRuns: 60 },
    );
  });
});
