import { expect, it } from "vitest";

import { Duration, DurationOrNever } from "./duration.ts";

const GOOD: readonly (readonly [string, number])[] = [
  ["250ms", 250],
  ["1ms", 1],
  ["10s", 10_000],
  ["1.5s", 1_500],
  ["2m", 120_000],
  ["1h", 3_600_000],
  [" 10s ", 10_000],
];

it.each(GOOD)("reads %j", (text, ms) => {
  expect(Duration.parse(text)).toBe(ms);
});

it.each(["", "10", "0s", "-1s", "10 s", "s", "1d", "1e3s", "0.1ms", "ten seconds", 10, null])(
  "refuses %j",
  (value) => {
    expect(Duration.safeParse(value).error?.issues[0]?.message).toMatch(
      /^expected a length of time/,
    );
  },
);

it("reads zero as never where that has a meaning, and nothing else below a millisecond", () => {
  expect(["0s", "0ms", "2m"].map((text) => DurationOrNever.parse(text))).toEqual([0, 0, 120_000]);
  for (const text of ["0.1ms", "-1s", "0", "never"])
    expect(DurationOrNever.safeParse(text).success).toBe(false);
});
