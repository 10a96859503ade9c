import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createLineReader } from "./line-reader.ts";
import { readLine } from "./lines.ts";

/** Written as people and programs do, and a little wrong. */
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc.tuple(fc.nat(), fc.nat()).map(([whole, broken]) => `${whole}.${broken}`),
  fc.constantFrom(
    "null",
    "-0",
    "-1.50",
    "00",
    "01.5",
    ".5",
    "1.",
    "-",
    "1e3",
    "1E-3",
    "+1",
    "1,2",
    '"1"',
    "12345678901234567.25",
  ),
);
const name = fc.constantFrom("api", "データ", "a b", 'a"b', "a\\u0062", "", "a\tb");
const line = fc
  .record({
    ts: fc.oneof(fc.nat().map(String), number),
    target: fc.option(name),
    signal: fc.constantFrom("up", "requests", "latency_p95_ms", "deployment", "ups"),
    value: number,
    probe: fc.option(name),
    more: fc.constantFrom("", "", "", " ", "\r", "}", ',"le":1'),
  })
  .map(({ ts, target, signal, value, probe, more }) => {
    const head = target === null ? "" : `"target":"${target}",`;
    const tail = probe === null ? "" : `,"probe":"${probe}"`;
    return `{"ts":${ts},${head}"signal":"${signal}","value":${value}${tail}}${more}`;
  });

describe("the reader of lines", () => {
  it("reads from bytes what a text would tell, line after line, wherever they lie", () => {
    let samples = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), (lines) => {
        const read = createLineReader();
        const twice = [...lines, ...lines];
        const bytes = Buffer.from(twice.join("\n"));
        let from = 0;
        for (const text of twice) {
          const to = from + Buffer.byteLength(text);
          const found = read(bytes, from, to);
          expect(found, text).toEqual(readLine(text));
          if (found.kind === "sample") samples += 1;
          from = to + 1;
        }
      }),
      { numRuns: 300 },
    );
    expect(samples).toBeGreaterThan(200);
  });
});
