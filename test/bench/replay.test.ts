import { describe, expect, it } from "vitest";

import { measureReplay } from "./replay.ts";

/**
 * `npm run bench` in small, with room for a machine at full load, which counts up to three times as much as an idle one: it finds what
 * became several times as slow, and the bench the rest. CPU time is bounded, because the clock on the wall counts other tests too.
 */
describe("replay of a long recording", () => {
  it("takes two days of six signals in its stride and is quiet", { timeout: 60_000 }, async () => {
    const { lines, cpuSeconds, peakMb, output } = await measureReplay(2);
    expect(lines).toBe(103_680);
    expect(output).toEqual([]);
    expect(cpuSeconds).toBeLessThan(8);
    expect(peakMb).toBeLessThan(250);
  });
});
