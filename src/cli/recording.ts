import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";

import { createLineReader } from "../replay/line-reader.ts";
import type { ReadLine } from "../replay/lines.ts";

/** Longer than any line of a recording; a file without line ends must not fill the memory. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const WRONG_MAX = 20;

/** A recording that can be read more than once, each time as it was when it was opened. */
export interface Recording extends Disposable {
  /** The lines as they are read, a bounded bunch at a time. */
  bunches(): AsyncIterable<Bunch>;
}

export interface Bunch {
  /** The number of the first line. */
  readonly first: number;
  /** `null` for one that is empty. */
  readonly lines: readonly (ReadLine | null)[];
}

/**
 * Opens a file. Standard input (`-`), a pipe, whatever can be read only once, is put into a temporary file first. Rejects when it
 * cannot be read.
 */
export async function openRecording(file: string, cwd: string): Promise<Recording> {
  const path = resolve(cwd, file);
  if (file !== "-" && statSync(path).isFile()) return recordingOf(path, () => {});
  const folder = mkdtempSync(join(tmpdir(), "signalman-replay-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const spool = join(folder, "samples.ndjson");
    const input = file === "-" ? process.stdin : createReadStream(path);
    await pipeline(input, createWriteStream(spool));
    return recordingOf(spool, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

function recordingOf(path: string, remove: () => void): Recording {
  const { size } = statSync(path);
  return { bunches: () => bunchesOf(path, size), [Symbol.dispose]: remove };
}

async function* bunchesOf(path: string, size: number): AsyncGenerator<Bunch> {
  if (size === 0) return;
  // A file that is still being written ends for us where it ended at first.
  const input = createReadStream(path, { highWaterMark: CHUNK_BYTES, end: size - 1 });
  const read = createLineReader();
  const lineOf = (bytes: Buffer, from: number, to: number): ReadLine | null =>
    isEmpty(bytes, from, to) ? null : read(bytes, from, to);
  /** Pieces of a line whose end was not read yet. */
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let first = 1;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    begun.push(chunk);
    begunBytes += chunk.length;
    if (chunk.includes(LINE_END)) {
      const bytes = begun.length === 1 ? chunk : Buffer.concat(begun);
      const lines: (ReadLine | null)[] = [];
      let from = 0;
      for (let to = bytes.indexOf(LINE_END); to >= 0; to = bytes.indexOf(LINE_END, from)) {
        lines.push(lineOf(bytes, from, to));
        from = to + 1;
      }
      yield { first, lines };
      first += lines.length;
      begun = [bytes.subarray(from)];
      begunBytes = bytes.length - from;
    }
    if (begunBytes > LINE_BYTES_MAX) throw new Error(`line ${first} is too long`);
  }
  const bytes = Buffer.concat(begun);
  yield { first, lines: [lineOf(bytes, 0, bytes.length)] };
}

function isEmpty(bytes: Buffer, from: number, to: number): boolean {
  // Most lines begin with a brace; only the others are worth a text.
  return from === to || (bytes[from] !== BRACE && bytes.toString("utf8", from, to).trim() === "");
}

const LINE_END = 0x0a;
const BRACE = 0x7b;

/** What a whole recording holds, or everything that is wrong with it: half a recording would tell half the truth. */
export type Examined =
  | {
      readonly ok: true;
      readonly targets: readonly string[];
      /** Hashes of the configurations under which its decisions were made; none where it holds samples only. */
      readonly rules: ReadonlySet<string>;
    }
  | { readonly ok: false; readonly wrong: readonly string[] };

export async function examine(recording: Recording, file: string): Promise<Examined> {
  const wrong: string[] = [];
  const targets = new Set<string>();
  const rules = new Set<string>();
  let last = -Infinity;
  for await (const bunch of recording.bunches()) {
    for (const [index, read] of bunch.lines.entries()) {
      if (read === null) continue;
      const number = bunch.first + index;
      const ts = momentOf(read);
      if (read.kind === "wrong") wrong.push(`${file}:${number}  ${read.message}`);
      else if (ts !== null && ts < last)
        wrong.push(`${file}:${number}  "ts" goes back; expected time order`);
      else last = ts ?? last;
      if (read.kind === "sample" && read.line.target !== null) targets.add(read.line.target);
      if (read.kind === "fact" && read.line.fact === "watching") rules.add(read.line.rules);
      if (wrong.length >= WRONG_MAX) break;
    }
    if (wrong.length >= WRONG_MAX) break;
  }
  if (wrong.length === 0) return { ok: true, targets: [...targets], rules };
  const more = wrong.length >= WRONG_MAX ? " or more" : "";
  return { ok: false, wrong: [...wrong, `${wrong.length}${more} faults in ${file}`] };
}

function momentOf(read: ReadLine): number | null {
  if (read.kind === "wrong") return null;
  return read.kind === "other" ? read.ts : read.line.ts;
}
