import { assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";

import { md } from "./escape.ts";
import { plain } from "./words.ts";

/** Mostly the signs that matter, close to each other. */
const text = string({
  unit: oneof(
    constantFrom(..."`*_{}[]()|#~!$<>&@\\-+=:/.1 \n\r\t\u001b\u0085\u202e".split(""), "www."),
    constantFrom("a", "ä", "\u{1F600}"),
  ),
  maxLength: 600,
});

describe("md", () => {
  it.each([
    ["a|b", "a\\|b"],
    ["`x`", "\\`x\\`"],
    ["<b>", "&lt;b&gt;"],
    ["a & b", "a &amp; b"],
    ["- item", "\\- item"],
    ["1. item", "1\\. item"],
    ["a\\|b", "a\\\\\\|b"],
    ["https://x.example", "https&#58;//x.example"],
    ["www.x.example", "www&#46;x.example"],
    ["one\ntwo", "one two"],
  ])("%j becomes %j", (text, expected) => expect(md(text)).toBe(expected));

  it("leaves no sign that Markdown would obey in any text", () => {
    assert(
      property(text, (text) => {
        // What is left when every escaped sign is taken away.
        const bare = md(text).replaceAll(/\\./gu, "");
        expect(bare).not.toMatch(/[`*_[\]|<>~\\\n\r]|:\/\/|@|www\./);
        expect(md(text)).not.toMatch(/^\s*([-+=#]|\d+[.)])/);
      }),
    );
  });
});

describe("plain", () => {
  it("is one line without anything a terminal obeys, and bounded", () => {
    assert(
      property(text, (text) => {
        // oxlint-disable-next-line no-control-regex
        expect(plain(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(plain(text).length).toBeLessThanOrEqual(400);
      }),
    );
  });
});
