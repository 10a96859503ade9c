import { describe, expect, it } from "vitest";

import { HOUR_MS } from "../domain/time.ts";
import { outside, windowOf } from "./windows.ts";

describe("windows around incidents", () => {
  it("begin two hours before the opening and end an hour after the end, if there is one", () => {
    expect(windowOf({ openedAt: 5 * HOUR_MS, closedAt: 6 * HOUR_MS })).toEqual({
      from: 3 * HOUR_MS,
      to: 7 * HOUR_MS,
    });
    expect(windowOf({ openedAt: 5 * HOUR_MS, closedAt: null }).to).toBe(Infinity);
  });

  it.each<[string, readonly [number, number][], readonly [number, number][]]>([
    ["nothing", [], [[10, 20]]],
    [
      "one before and one after",
      [
        [1, 9],
        [21, 30],
      ],
      [[10, 20]],
    ],
    [
      "one in the middle",
      [[13, 15]],
      [
        [10, 12],
        [16, 20],
      ],
    ],
    [
      "overlapping ones",
      [
        [11, 17],
        [12, 14],
        [16, 18],
      ],
      [
        [10, 10],
        [19, 20],
      ],
    ],
    ["one at the edge", [[5, 10]], [[11, 20]]],
    ["one over all", [[5, 25]], []],
    [
      "one without an end",
      [
        [15, Infinity],
        [16, 17],
      ],
      [[10, 14]],
    ],
  ])("leave out %s", (_name, windows, left) => {
    const given = windows.map(([from, to]) => ({ from, to }));
    expect(outside(given, { from: 10, to: 20 })).toEqual(left.map(([from, to]) => ({ from, to })));
  });
});
