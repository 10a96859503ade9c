import { describe, expect, it } from "vitest";

import { counts, every, letters, run, times, type Values } from "./error-share.fixture.ts";
import { fewestRequests } from "./reading.ts";

const QUIET = times(60, counts(0, 50));

describe("hand-made series, ten seconds apart after ten quiet minutes", () => {
  it.each<readonly [string, readonly Values[], string]>([
    ["a total outage opens with the second look", times(4, counts(50, 50)), "iBBB"],
    ["one bad look is no breach", [counts(25, 50), ...times(9, counts(0, 50))], "iiiiiihhhh"],
    ["10 % must last 75 s", times(9, counts(5, 50)), "iiiiiiiBB"],
    ["0.9 % is allowed", times(12, counts(9, 1_000)), "hhhhhhhhhhhh"],
    ["a ratio with requests is a count", times(3, { error_ratio: 1, requests: 50 }), "iBB"],
    ["null is not zero", times(5, { failed: null, requests: 50 }), "iiimm"],
    ["failed without requests is no share", times(5, { failed: 7 }), "iiimm"],
    ["no requests are no failures", times(5, counts(0, 0)), "hhhhh"],
    ["a counter reset is no breach", [counts(-70, 50), ...times(4, counts(0, 5))], "iiiih"],
    ["more failed than there were cannot be", times(3, counts(60, 50)), "iii"],
    ["nothing about requests for long is missing", times(5, { memory_used: 5 }), "iiimm"],
    ["four failed requests are too few", times(2, counts(2, 2)), "hi"],
    ["the fifth is enough", times(3, counts(2, 2)), "hiB"],
  ])("%s", (_name, series, states) => {
    expect(letters(run(every(10, [...QUIET, ...series])).slice(60))).toBe(states);
  });

  it("is inconclusive until it knows what usually fails, yet sees an outage", () => {
    expect(letters(run(every(10, times(40, counts(1, 50)))))).toMatch(/^i{25,30}h+$/);
    expect(letters(run(every(10, times(5, counts(50, 50)))))).toBe("iiBBB");
    expect(letters(run(every(10, times(8, counts(15, 50)))))).toBe("iiiiiiii");
  });

  it("dates the onset before the first bad look and keeps its numbers", () => {
    const judged = run(every(10, [...QUIET, ...times(9, counts(5, 50))]));
    expect(judged.at(-3)).toMatchObject({ state: "inconclusive", failing: true, onset: 600_000 });
    expect(judged.at(-1)).toMatchObject({
      state: "breached",
      failing: false,
      onset: 600_000,
      evidence: { failed: 45, requests: 450, share: 0.1, threshold: 0.01, windowMs: 90_000 },
    });
  });

  it("closes after calm minutes, once, and not while looks give nothing", () => {
    const bad = times(6, counts(50, 50));
    const calm = letters(run(every(10, [...QUIET, ...bad, ...times(60, counts(0, 50))])).slice(66));
    expect(calm).toMatch(/^B{5,7}i{15,20}h+$/);
    const blind = times(60, { failed: null, requests: null });
    expect(letters(run(every(10, [...QUIET, ...bad, ...blind])).slice(66))).toMatch(/^iiim+$/);
    const idle = times(60, counts(0, 0));
    expect(letters(run(every(10, [...QUIET, ...bad, ...idle])).slice(66))).toMatch(/^B+i+$/);
  });

  it("says how many requests it lacks when it is calm and nobody asks, and only then", () => {
    const bad = times(12, counts(25, 50));
    const lacking = (after: readonly Values[]) =>
      run(every(10, [...QUIET, ...bad, ...after]))
        .slice(QUIET.length + bad.length)
        .map(({ needsRequests }) => needsRequests ?? 0);
    // Three calm minutes first, and then three times the requests among which one would have failed.
    expect(lacking(times(30, counts(0, 0)))).toEqual([...Array(22).fill(0), ...Array(8).fill(6)]);
    expect(lacking(times(30, counts(0, 50))).every((needs) => needs === 0)).toBe(true);
    expect(lacking(times(30, counts(1, 2))).every((needs) => needs === 0)).toBe(true);
    const blind = times(30, { failed: null, requests: null });
    expect(lacking(blind).every((needs) => needs === 0)).toBe(true);
  });

  it("starts anew after a gap: one bad look before and one after are no breach", () => {
    const before = every(10, [...QUIET, counts(50, 50)]);
    const after = [660, 670].map((s) => ({ ts: s * 1_000, values: counts(50, 50) }));
    expect(letters(run([...before, ...after]).slice(60))).toBe("iiB");
  });

  it("opens at once at five minutes' distance, and on the second look at one minute", () => {
    const slow = [...times(12, counts(1, 1_500)), counts(150, 1_500)];
    expect(run(every(300, slow)).at(-1)?.state).toBe("breached");
    const fast = [...times(30, counts(0, 300)), ...times(2, counts(30, 300))];
    expect(letters(run(every(60, fast)).slice(30))).toBe("iB");
  });

  it("does not take a blip and its echo for a breach", () => {
    const twice = [...QUIET, ...times(2, counts(20, 50)), ...times(60, counts(0, 50))];
    expect(letters(run(every(10, twice)))).not.toContain("B");
    const echo = [...times(30, counts(0, 30)), counts(10, 30), ...times(2, counts(1, 30))];
    expect(letters(run(every(60, echo)))).not.toContain("B");
  });

  it("reads a lone ratio as the fewest requests, and wants three of them", () => {
    expect([0.0127, 1, 0.5, 0.0001, 1 / 3].map(fewestRequests)).toEqual([79, 1, 2, 1_000, 3]);
    const quiet = times(100, {}).map((_, index) => ({ error_ratio: index % 2 === 0 ? 0 : 0.0127 }));
    const judged = run(every(10, [...quiet, ...times(4, { error_ratio: 0.8571 })]));
    expect(letters(judged.slice(100))).toBe("iiBB");
    const lone = run(every(10, [...times(100, { error_ratio: 0 }), { error_ratio: 1 }]));
    expect(lone.at(-1)?.state).not.toBe("breached");
  });
});
