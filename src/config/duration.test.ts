import { expect, it } from "vitest";

import { Duration } from "./duration.ts";

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
