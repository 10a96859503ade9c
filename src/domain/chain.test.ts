import { expect, it } from "vitest";

import { headText, linkOf, NO_HASH, readHead } from "./chain.ts";

it("is what anybody can compute from the stored columns, with their types and lengths", () => {
  // printf '%064di1;i1000.5;t3;éxn;t0;' 0 | sha256sum
  const hash = "e7518648127339b326f4a3e4a262bd58774b8109eaa3a19eb03969d60d5ec2aa";
  expect(linkOf(NO_HASH, [1, 1000.5, "éx", null, ""])).toBe(hash);
  expect(linkOf(NO_HASH, [1n, 1000.5, Buffer.from("éx"), null, new Uint8Array()])).toBe(hash);
});

it.each([
  ["a byte that moves to the next column", ["ab", "c"], ["a", "bc"]],
  ["nothing and an empty text", [null], [""]],
  ["a number and its text", [1], ["1"]],
  ["a column more", ["a"], ["a", null]],
  ["text that looks like a separator", ["a", "b"], ["at1;b"]],
])("tells apart: %s", (_case, one, other) => {
  expect(linkOf(NO_HASH, one)).not.toBe(linkOf(NO_HASH, other));
  expect(linkOf("1".repeat(64), one)).not.toBe(linkOf(NO_HASH, one));
});

it("is read as people copy it", () => {
  const hash = linkOf(NO_HASH, [1]);
  const shown = headText({ seq: 1_234, hash });
  expect(shown).toMatch(/^1234:[0-9a-f]{12}$/);
  const short = { seq: 1_234, hash: hash.slice(0, 12) };
  for (const text of [shown, `journal ${shown}`, ` #${shown} `, shown.toUpperCase()])
    expect(readHead(text)).toEqual(short);
  expect(readHead(`1234:${hash}`)).toEqual({ seq: 1_234, hash });
  for (const text of [
    "",
    "1234",
    "0:9f2c41d07a3b",
    "12:9f2c41d07a3",
    `1:${hash}0`,
    "1:9f2c41d07a3g",
  ])
    expect(readHead(text)).toBeNull();
});
