import { SIGNALS, type SignalName } from "../domain/sample.ts";
import { readLine, type ReadLine } from "./lines.ts";

/** Reads the line of these bytes from one place up to another, where it or the input ends. */
export type LineReader = (bytes: Buffer, from: number, to: number) => ReadLine;

/**
 * Nearly every line is written as `{"ts":1,"target":"api","signal":"up","value":1,"probe":"http"}`, with or without target and
 * probe, and is like one of the moment before but for its two numbers. So the numbers are read from the bytes and the rest is only
 * compared with what was read before: a fifth of the time of a text and its JSON, and a twentieth of the schema's. Whatever is
 * written otherwise is read by those.
 */
export function createLineReader(): LineReader {
  const heads = new Map<string, Head>();
  let last: Head | null = null;

  /** The head that begins here; most often the one that followed the last one before. */
  const headAt = (bytes: Buffer, from: number, to: number): Head | null => {
    const before: Head | null = last;
    const expected: Head | null = before?.next ?? null;
    if (expected !== null && isAt(bytes, from, expected.bytes)) return (last = expected);
    const length = bytes.subarray(from, to).indexOf(VALUE);
    if (length < 0) return null;
    const written = bytes.toString("latin1", from, from + length + VALUE.length);
    const head = heads.get(written) ?? headOf(Buffer.from(written, "latin1"));
    if (head === null) return null;
    if (heads.size >= MOST_HEADS) heads.clear();
    heads.set(written, head);
    if (before !== null) before.next = head;
    return (last = head);
  };

  return (bytes, from, to) => {
    const usual = usualLine(bytes, from, to, headAt);
    return usual ?? readLine(bytes.toString("utf8", from, to));
  };
}

/** What stands between the two numbers of a line, and how it usually goes on. */
interface Head {
  readonly bytes: Buffer;
  readonly target: string | null;
  readonly name: SignalName;
  /** What stands behind the value. */
  tail: Tail;
  /** The head of the line after it, the last time. */
  next: Head | null;
}

interface Tail {
  readonly bytes: Buffer;
  readonly probe: string | null;
}

function usualLine(
  bytes: Buffer,
  from: number,
  to: number,
  headAt: (bytes: Buffer, from: number, to: number) => Head | null,
): ReadLine | null {
  if (!isAt(bytes, from, BEGIN)) return null;
  const ts = numberAt(bytes, from + BEGIN.length);
  // Not a number, or none that can be a moment.
  if (!(ts >= 0)) return null;
  const head = headAt(bytes, numberEnd, to);
  if (head === null) return null;
  const valueFrom = numberEnd + head.bytes.length;
  const isNull = isAt(bytes, valueFrom, NULL);
  const value = isNull ? null : numberAt(bytes, valueFrom);
  if (Number.isNaN(value)) return null;
  const tailFrom = isNull ? valueFrom + NULL.length : numberEnd;
  const { tail } = head;
  if (tailFrom + tail.bytes.length !== to || !isAt(bytes, tailFrom, tail.bytes)) {
    const other = tailOf(bytes.subarray(tailFrom, to));
    if (other === null) return null;
    head.tail = other;
  }
  const { target, name } = head;
  return { kind: "sample", line: { ts, target, probe: head.tail.probe, name, value } };
}

/** Where the number that was read last ends: the reader's cursor. */
let numberEnd = 0;

/**
 * The number that begins here, NaN for one with more than 15 digits or an exponent: below, the digits and the power of ten are
 * exact, so that one division rounds as reading the text does.
 */
function numberAt(bytes: Buffer, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  let digits = 0;
  let point = -1;
  let at = first;
  for (; ; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) digits = 10 * digits + (byte - ZERO);
    else if (byte === POINT && point < 0) point = at;
    else break;
  }
  numberEnd = at;
  const whole = (point < 0 ? at : point) - first;
  const broken = point < 0 ? 0 : at - point - 1;
  const isOdd = whole === 0 || (whole > 1 && bytes[first] === ZERO) || (point >= 0 && broken === 0);
  if (isOdd || whole + broken > MOST_DIGITS) return Number.NaN;
  const value = broken === 0 ? digits : digits / 10 ** broken;
  return first === from ? value : -value;
}

function isAt(bytes: Buffer, from: number, expected: Buffer): boolean {
  for (let index = 0; index < expected.length; index += 1)
    if (bytes[from + index] !== expected[index]) return false;
  return true;
}

function headOf(bytes: Buffer): Head | null {
  const [, target = null, signal = ""] = HEAD.exec(bytes.toString("utf8")) ?? [];
  const name = NUMERIC.get(signal);
  return name === undefined ? null : { bytes, target, name, tail: PLAIN, next: null };
}

function tailOf(bytes: Buffer): Tail | null {
  const found = TAIL.exec(bytes.toString("utf8"));
  // A copy, because these are part of a large piece of the file.
  return found === null ? null : { bytes: Buffer.from(bytes), probe: found[1] ?? null };
}

const BEGIN = Buffer.from('{"ts":');
const VALUE = Buffer.from('"value":');
const NULL = Buffer.from("null");
const HEAD = /^,(?:"target":"([^"\\\p{Cc}]+)",)?"signal":"([a-z0-9_]+)","value":$/u;
const TAIL = /^(?:,"probe":"([^"\\\p{Cc}]+)")?\}$/u;
const PLAIN: Tail = { bytes: Buffer.from("}"), probe: null };
const [ZERO, NINE, POINT, MINUS] = [0x30, 0x39, 0x2e, 0x2d];
const MOST_DIGITS = 15;
/** More than that many targets and signals are read anew now and then. */
const MOST_HEADS = 4_096;

const NUMERIC: ReadonlyMap<string, SignalName> = new Map(
  SIGNALS.filter((name) => name !== "deployment" && name !== "latency_bucket").map((name) => [
    name,
    name,
  ]),
);
