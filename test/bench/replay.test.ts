import { describe, expect, it } from "vitest";

import { measureReplay } from "./replay.ts";

/** `npm run bench` in small. CPU time is bounded, because the clock on the wall counts what other tests do at the time. */
describe("replay of a long recording", () => {
  it("takes two days of six signals in its stride and is quiet", { timeout: 60_000 }, async () => {
    const { lines, cpuSeconds, peakMb, output } = await measureReplay(2);
    expect(lines).toBe(103_680);
    expect(output).toEqual([]);
    expect(cpuSeconds).toBeLessThan(4);
    expect(peakMb).toBeLessThan(400);
  });
});
