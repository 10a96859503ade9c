import { expect, it } from "vitest";

import { hint, nearest } from "./suggest.ts";

const KNOWN = ["targets", "switches", "slack", "modes", "railway"];

const ROWS: readonly (readonly [string, string | null])[] = [
  ["targets", "targets"],
  ["targts", "targets"],
  ["tragets", "targets"],
  ["Targets", "targets"],
  ["mode", "modes"],
  ["slak", "slack"],
  ["x", null],
  ["", null],
  ["notifications", null],
  ["t".repeat(10_000), null],
];

it.each(ROWS)("finds what %j was meant to be", (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});

it("offers what there is when nothing is near", () => {
  expect(hint("zzzz", ["a", "b"])).toBe("; known here: a, b");
  expect(hint("zzzz", [])).toBe("");
});
