import { once } from "node:events";
import { createWriteStream, renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { finished } from "node:stream/promises";

import type { Command } from "commander";

import type { Instant, Millis } from "../domain/time.ts";
import type { Entry } from "../domain/world.ts";
import type { Records } from "../ports/store.ts";
import { mergeLines } from "../replay/merge.ts";
import { openRecords, type RecordsResult } from "../storage/sqlite/index.ts";
import { windowOf, type Window } from "../storage/windows.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly data?: string;
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
  readonly incident?: string;
}

/** Millions of lines take a minute; a disk that hangs must not hang a person too. */
const READ_MS: Millis = 15 * 60_000;
const ENTRIES_PAGE = 500;

/** `record` exports what was seen and what happened, in the format that `replay` reads. */
export function register(program: Command, io: Io): void {
  program
    .command("record")
    .description("export samples, events and facts as NDJSON, for replay")
    .requiredOption("--out <file>", "the file to write; - for standard output")
    .option("--from <time>", "not what was before (a date, or ms since 1970)")
    .option("--to <time>", "not what came after")
    .option("--incident <id>", "the time around an incident: from 2 h before it to 1 h after it")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .action(async (options: Options) => {
      const asked = timeAsked(options);
      if (typeof asked === "string") {
        io.err(asked);
        return io.exit(2);
      }
      const folder = dataFolder(io, options.data);
      const opened = await openRecords({ folder });
      if (opened.kind !== "open") {
        io.err(
          opened.kind === "absent"
            ? `There is no journal in ${folder} yet. Start the daemon (signalman start), or name its data folder with --data.`
            : `The books in ${folder} cannot be read: ${opened.problem.detail}`,
        );
        return io.exit(1);
      }
      try {
        await exportTo(io, options, opened, asked);
      } catch (error) {
        io.err(`Nothing was exported: ${error instanceof Error ? error.message : String(error)}`);
        io.exit(1);
      } finally {
        await opened.records.close();
      }
    });
}

/** The time that the options name, or the sentence that says what is wrong with them. */
function timeAsked({ from, to, incident }: Options): Window | string {
  if (incident !== undefined && (from !== undefined || to !== undefined))
    return "--incident names a time already: leave out --from and --to";
  const window = { from: momentOf(from, 0), to: momentOf(to, Date.now()) };
  for (const [option, given, read] of [
    ["--from", from, window.from],
    ["--to", to, window.to],
  ] as const) {
    if (Number.isNaN(read))
      return `${option} ${given}: expected a date such as 2026-03-01T20:00:00Z, or ms since 1970`;
  }
  return window.from <= window.to ? window : "--from is after --to";
}

function momentOf(text: string | undefined, fallback: Instant): Instant {
  if (text === undefined) return fallback;
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}

type Books = Extract<RecordsResult, { kind: "open" }>;

async function exportTo(io: Io, options: Options, books: Books, asked: Window): Promise<void> {
  const signal = AbortSignal.timeout(READ_MS);
  const { records, samples } = books;
  const window =
    options.incident === undefined ? asked : await around(records, options.incident, signal);
  const { from, to } = window;
  const lines = mergeLines({
    samples: samples.between(from, to, signal),
    entries: entriesOf(records, signal),
    from,
    to,
  });
  const told = options.out === "-" ? await print(io, lines) : await write(io, options.out, lines);
  const summary = `${told.samples} samples of ${told.targets.size} targets and ${told.events} events in ${options.out}`;
  if (options.out === "-") io.err(summary);
  else io.out(summary);
}

async function around(records: Records, idOrPrefix: string, signal: AbortSignal): Promise<Window> {
  const incident = await records.incident(idOrPrefix, signal);
  if (incident === null)
    throw new Error(`there is no incident "${idOrPrefix}". All of them: signalman incidents`);
  const { from, to } = windowOf(incident);
  return { from, to: Math.min(to, Date.now()) };
}

async function* entriesOf(records: Records, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
  for (let after = 0; ;) {
    const page = await records.entries({ after, limit: ENTRIES_PAGE }, signal);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.seq;
  }
}

type Lines = AsyncIterable<readonly object[]>;

/** What was written, for people. */
interface Told {
  samples: number;
  events: number;
  readonly targets: Set<string>;
}

/** The lines as text, each ended; `told` counts them. */
function textOf(lines: readonly object[], told: Told): string {
  let text = "";
  for (const line of lines) {
    if ("signal" in line) told.samples += 1;
    if ("event" in line) told.events += 1;
    if ("target" in line) told.targets.add(String(line.target));
    text += `${JSON.stringify(line)}\n`;
  }
  return text;
}

async function print(io: Io, lines: Lines): Promise<Told> {
  const told: Told = { samples: 0, events: 0, targets: new Set() };
  for await (const bunch of lines)
    if (bunch.length > 0) io.out(textOf(bunch, told).slice(0, -"\n".length));
  return told;
}

/** Under another name until it is whole: half a recording would tell half the truth. */
async function write(io: Io, out: string, lines: Lines): Promise<Told> {
  const path = resolve(io.cwd, out);
  const part = `${path}.part`;
  const told: Told = { samples: 0, events: 0, targets: new Set() };
  const file = createWriteStream(part);
  try {
    await once(file, "open");
    for await (const bunch of lines)
      if (!file.write(textOf(bunch, told))) await once(file, "drain");
    file.end();
    await finished(file);
    renameSync(part, path);
  } catch (error) {
    file.destroy();
    rmSync(part, { force: true });
    throw error;
  }
  return told;
}
