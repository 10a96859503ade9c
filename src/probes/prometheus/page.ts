/** One line with a value. Labels in the order of the page; their values without escapes. */
export interface Sample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** A page of metrics: samples by their full name (`…_bucket`, `…_total`), and the types that the page declares. */
export interface Page {
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  /** By the name of the family, which in OpenMetrics lacks the counter's `_total`. */
  readonly types: ReadonlyMap<string, string>;
}

/** `line` counts from 1; `why` may hold text of strangers. */
export type Parsed =
  | { readonly ok: true; readonly page: Page }
  | { readonly ok: false; readonly line: number; readonly why: string };

export interface ParseLimits {
  readonly samplesMax: number;
  /** OpenMetrics ends with `# EOF`; a page without it is a part of one. */
  readonly mustEnd: boolean;
}

/**
 * Reads the text format of Prometheus (0.0.4) and OpenMetrics 1.0. Timestamps and exemplars are checked and left out. One
 * wrong line refuses the whole page, because what stands beside it may be wrong as well. Never throws; time and memory
 * grow with the length of the text.
 */
export function parsePage(text: string, limits: ParseLimits): Parsed {
  const samples = new Map<string, Sample[]>();
  const types = new Map<string, string>();
  let count = 0;
  let line = 0;
  let hasEnd = false;
  for (let at = 0; at < text.length;) {
    line += 1;
    const feed = text.indexOf("\n", at);
    const end = feed === -1 ? text.length : feed;
    const start = at;
    at = end + 1;
    if (end - start > LINE_LENGTH_MAX && text[start] !== "#")
      return wrong(line, `longer than ${LINE_LENGTH_MAX} characters`);
    const content = text.slice(start, Math.min(end, start + LINE_LENGTH_MAX)).trim();
    if (content === "") continue;
    if (hasEnd) return wrong(line, "something stands behind # EOF");
    if (content.startsWith("#")) {
      hasEnd = END.test(content);
      const [, name, type] = TYPE.exec(content) ?? [];
      if (name !== undefined && type !== undefined) types.set(name, type);
      continue;
    }
    const read = readSample(content);
    if (typeof read === "string") return wrong(line, read);
    count += 1;
    if (count > limits.samplesMax) return wrong(line, `more than ${limits.samplesMax} series`);
    const others = samples.get(read.name);
    if (others === undefined) samples.set(read.name, [read]);
    else others.push(read);
  }
  if (limits.mustEnd && !hasEnd) return wrong(line, "the page ends without # EOF");
  return { ok: true, page: { samples, types } };
}

/** Longer ones are no metrics; it also keeps the work on one line small. */
const LINE_LENGTH_MAX = 16_384;
const TYPE = /^#[ \t]+TYPE[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]+([a-z]+)$/;
const END = /^#[ \t]+EOF$/;
const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const OPEN = /[ \t]*\{/y;
const CLOSE = /[ \t]*,?[ \t]*\}/y;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"([^"\\]*(?:\\[^][^"\\]*)*)"/y;
const COMMA = /[ \t]*,/y;
const VALUE = /[ \t]*([^ \t#{},"]+)/y;
const TIMESTAMP = /[ \t]+([^ \t#{},"]+)/y;
const EXEMPLAR = /[ \t]+#(?=[ \t]*\{)/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

/** The sample, or what is wrong with the line. */
function readSample(content: string): (Sample & { readonly name: string }) | string {
  const cursor = { content, at: 0 };
  const name = take(cursor, NAME)?.[0];
  if (name === undefined) return `expected the name of a metric, found "${near(cursor)}"`;
  const labels = readLabels(cursor);
  if (typeof labels === "string") return labels;
  const word = take(cursor, VALUE)?.[1];
  const value = word === undefined ? null : numberOf(word);
  if (value === null) return `expected a number behind ${name}, found "${word ?? near(cursor)}"`;
  const after = checkTimestamp(cursor) ?? checkExemplar(cursor);
  if (after !== null) return after;
  if (cursor.at < content.length) return `expected the end of the line, found "${near(cursor)}"`;
  return { name, labels, value };
}

interface Cursor {
  readonly content: string;
  at: number;
}

function readLabels(cursor: Cursor): ReadonlyMap<string, string> | string {
  if (take(cursor, OPEN) === null) return NO_LABELS;
  const labels = new Map<string, string>();
  while (take(cursor, CLOSE) === null) {
    if (labels.size > 0 && take(cursor, COMMA) === null)
      return `expected "," or "}", found "${near(cursor)}"`;
    const [, name, value] = take(cursor, LABEL) ?? [];
    if (name === undefined || value === undefined)
      return `expected a label, found "${near(cursor)}"`;
    if (labels.has(name)) return `the label ${name} stands twice`;
    labels.set(name, value.includes("\\") ? unescaped(value) : value);
  }
  return labels;
}

function checkTimestamp(cursor: Cursor): string | null {
  const before = cursor.at;
  const word = take(cursor, TIMESTAMP)?.[1];
  if (word === undefined) cursor.at = before;
  else if (!NUMBER.test(word)) return `expected a timestamp, found "${word}"`;
  return null;
}

function checkExemplar(cursor: Cursor): string | null {
  if (take(cursor, EXEMPLAR) === null) return null;
  const labels = readLabels(cursor);
  if (typeof labels === "string") return labels;
  const word = take(cursor, VALUE)?.[1];
  if (word === undefined || numberOf(word) === null) return "expected the number of an exemplar";
  return checkTimestamp(cursor);
}

function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.content);
  if (match !== null) cursor.at = pattern.lastIndex;
  return match;
}

/** As Go writes numbers; `null` for anything else, such as the hexadecimal ones that `Number` would take. */
function numberOf(word: string): number | null {
  if (NUMBER.test(word)) return Number(word);
  if (INFINITE.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  return /^nan$/i.test(word) ? Number.NaN : null;
}

/** An unknown escape stands for itself, as in Prometheus' own reader. */
function unescaped(value: string): string {
  return value.replaceAll(/\\([^])/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
}

const ESCAPES: { readonly [letter: string]: string } = { n: "\n", "\\": "\\", '"': '"' };
const NO_LABELS: ReadonlyMap<string, string> = new Map();

function near({ content, at }: Cursor): string {
  return content.slice(at, at + 40);
}

function wrong(line: number, why: string): Parsed {
  return { ok: false, line, why };
}
