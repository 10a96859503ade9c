import * as fc from "fast-check";
import { Counter, Gauge, Histogram, Registry, type RegistryContentType } from "prom-client";
import { describe, expect, test } from "vitest";

import { parsePage, type Page, type Sample } from "./page.ts";

const LIMITS = { samplesMax: 50_000, mustEnd: false };

describe("a page of the text format", () => {
  test("with help, types, escapes, timestamps and numbers of every shape", () => {
    const page = read(
      String.raw`# HELP http_requests_total The total number of \\ requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total { method = "post" , code="400", }   3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
a:b{x="{,}=#"}${"\t"}NaN
small -.5e-3
least -Inf
odd{x="\q"} 1.` + "\r\n",
    );
    expect(page.types).toEqual(new Map([["http_requests_total", "counter"]]));
    expect(listOf(page)).toEqual([
      ["http_requests_total", { method: "post", code: "200" }, 1027],
      ["http_requests_total", { method: "post", code: "400" }, 3],
      [
        "msdos_file_access_time_seconds",
        { path: "C:\\DIR\\FILE.TXT", error: 'Cannot find file:\n"FILE.TXT"' },
        1458255915,
      ],
      ["metric_without_timestamp_and_labels", {}, 12.47],
      ["something_weird", { problem: "division by zero" }, Infinity],
      ["a:b", { x: "{,}=#" }, Number.NaN],
      ["small", {}, -0.0005],
      ["least", {}, -Infinity],
      ["odd", { x: "\\q" }, 1],
    ]);
  });

  test("of OpenMetrics, with units, exemplars, created series and its end", () => {
    const text = `# TYPE foo_seconds histogram
# UNIT foo_seconds seconds
# HELP foo_seconds Some \\"help\\"
foo_seconds_bucket{le="0.01"} 0
foo_seconds_bucket{le="0.1"} 8 # {} 0.054
foo_seconds_bucket{le="+Inf"} 17 1520879607.789 # {trace_id="KOO5S4vxi0o"} 9.8 1520879607.789
foo_seconds_count 17
foo_seconds_created 1520430000.123
# TYPE bar counter
bar_total{a="#"} 1.0 # {trace_id="x"} 1
# EOF
`;
    const page = read(text, { ...LIMITS, mustEnd: true });
    expect(page.types.get("bar")).toBe("counter");
    expect(listOf(page)).toEqual([
      ["foo_seconds_bucket", { le: "0.01" }, 0],
      ["foo_seconds_bucket", { le: "0.1" }, 8],
      ["foo_seconds_bucket", { le: "+Inf" }, 17],
      ["foo_seconds_count", {}, 17],
      ["foo_seconds_created", {}, 1520430000.123],
      ["bar_total", { a: "#" }, 1],
    ]);
  });

  test.each([Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE] as const)(
    "as prom-client writes it: %s",
    async (type) => {
      const registry: Registry<RegistryContentType> = new Registry();
      registry.setContentType(type);
      const registers = [registry];
      const counter = new Counter({ name: "c_total", help: "h\n\\", labelNames: ["l"], registers });
      counter.inc({ l: 'a"\\\nb' }, 3);
      new Gauge({ name: "g", help: "h", registers }).set(-1.5);
      const shape = { name: "h_seconds", help: "h", buckets: [0.1, 1], registers };
      new Histogram(shape).observe(0.5);
      const page = read(await registry.metrics(), {
        ...LIMITS,
        mustEnd: type === Registry.OPENMETRICS_CONTENT_TYPE,
      });
      const flat = listOf(page);
      expect(flat).toContainEqual(["c_total", { l: 'a"\\\nb' }, 3]);
      expect(flat).toContainEqual(["g", {}, -1.5]);
      expect(flat).toContainEqual(["h_seconds_bucket", { le: "0.1" }, 0]);
      expect(flat).toContainEqual(["h_seconds_bucket", { le: "+Inf" }, 1]);
    },
  );

  test("that is empty is a page", () => {
    expect(listOf(read(""))).toEqual([]);
    expect(listOf(read("\n# just a remark\n#\n"))).toEqual([]);
  });
});

describe("one wrong line refuses the page and is named", () => {
  test.each([
    ["<html>", 1, 'expected the name of a metric, found "<html>"'],
    ["a 1\nb\n", 2, 'expected a number behind b, found ""'],
    ["a 1\n\n# x\nb one\n", 4, 'expected a number behind b, found "one"'],
    ["a 0x10\n", 1, 'expected a number behind a, found "0x10"'],
    ["a 1_000\n", 1, 'expected a number behind a, found "1_000"'],
    ['a{b="c} 1\n', 1, 'expected a label, found "b="c} 1"'],
    ['a{b="c" d="e"} 1\n', 1, 'expected "," or "}", found " d="e"} 1"'],
    ['a{b="c",b="d"} 1\n', 1, "the label b stands twice"],
    ['a{1b="c"} 1\n', 1, 'expected a label, found "1b="c"} 1"'],
    ["a 1 soon\n", 1, 'expected a timestamp, found "soon"'],
    ["a 1 2 3\n", 1, 'expected the end of the line, found " 3"'],
    ["a 1 # {b} 1\n", 1, 'expected a label, found "b} 1"'],
    ["a 1 # {} x\n", 1, "expected the number of an exemplar"],
    ["a 1\n# EOF\nb 2\n", 3, "something stands behind # EOF"],
    [`a{b="${"c".repeat(20_000)}"} 1\n`, 1, "longer than 16384 characters"],
    ["a 1\na 2\na 3\n", 3, "more than 2 series"],
  ])("%j", (text, line, why) => {
    expect(parsePage(text, { samplesMax: 2, mustEnd: false })).toEqual({ ok: false, line, why });
  });

  test("also one that lacks its end", () => {
    const cut = parsePage("# TYPE a counter\na_total 1\n", { ...LIMITS, mustEnd: true });
    expect(cut).toEqual({ ok: false, line: 2, why: "the page ends without # EOF" });
  });
});

test("whatever is printed is read as it was", () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 12 }), fc.boolean(), (written, isOpen) => {
      const text = written.map((one) => print(one, isOpen)).join("") + (isOpen ? "# EOF\n" : "");
      const names = new Set(written.map(({ name }) => name));
      const expected = [...names].flatMap((name) => written.filter((one) => one.name === name));
      expect(listOf(read(text, { ...LIMITS, mustEnd: isOpen }))).toEqual(
        expected.map(({ name, labels, value }) => [name, labels, value]),
      );
    }),
    { numRuns: 400 },
  );
});

test("nothing is thrown at any text", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      'a{b="',
      '"}',
      "\\",
      " 1\n",
      "# EOF\n",
      "# TYPE a counter\n",
      " # {",
      "{",
      ",",
      "=",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const parsed = parsePage(pieces.join(""), LIMITS);
      if (!parsed.ok) expect(parsed.line).toBeGreaterThan(0);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["backslashes", `a{b="${"\\\\".repeat(4 << 20)}"} 1\n`],
  ["open quotes", `a{b="${'\\"'.repeat(8_000)}\n`.repeat(500)],
  ["labels", `a{${'b="c",'.repeat(2_000)}} 1\n`.repeat(600)],
  ["spaces", `a${" ".repeat(16_000)}\n`.repeat(500)],
  ["empty lines", "\n".repeat(8 << 20)],
  [
    "a good page",
    'http_requests_total{method="GET",handler="/a/b",status="2xx"} 1\n'.repeat(130_000),
  ],
])("eight megabytes of %s are read in bounded time", (_, text) => {
  // Processor time of this process: whatever else the machine does is not in it.
  const begun = process.cpuUsage();
  parsePage(text, { ...LIMITS, samplesMax: 200_000 });
  expect(process.cpuUsage(begun).user).toBeLessThan(3_000_000);
});

interface Written {
  readonly name: string;
  readonly labels: { readonly [name: string]: string };
  readonly value: number;
  readonly ts: number | null;
}

const series: fc.Arbitrary<Written> = fc.record({
  name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/),
  labels: fc.dictionary(
    fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/),
    fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\r", "")),
    { maxKeys: 4, noNullPrototype: true },
  ),
  // A zero is printed without its sign.
  value: fc.double().map((value) => (value === 0 ? 0 : value)),
  ts: fc.option(fc.integer({ min: 0, max: 2 ** 41 })),
});

function print({ name, labels, value, ts }: Written, isOpen: boolean): string {
  const inside = Object.entries(labels).map(([label, text]) => {
    const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    return `${label}="${escaped}"`;
  });
  const number = Number.isFinite(value) || Number.isNaN(value) ? String(value) : infinite(value);
  const time = ts === null ? "" : ` ${isOpen ? ts / 1_000 : ts}`;
  return `${name}{${inside.join(",")}} ${number}${time}${isOpen ? ' # {t="#"} 1' : ""}\n`;
}

function infinite(value: number): string {
  return value > 0 ? "+Inf" : "-Inf";
}

function read(text: string, limits = LIMITS): Page {
  const parsed = parsePage(text, limits);
  if (!parsed.ok) throw new Error(`line ${parsed.line}: ${parsed.why}`);
  return parsed.page;
}

function listOf({ samples }: Page) {
  return [...samples].flatMap(([name, list]) =>
    list.map(({ labels, value }: Sample) => [name, Object.fromEntries(labels), value]),
  );
}
