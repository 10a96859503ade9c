import { InvalidArgumentError, type Command } from "commander";

import { askBooks, askStory } from "./books.ts";
import { listed, renderList, type Listed } from "../report/list.ts";
import { renderShown, show } from "../report/show.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";
import { pauseLine } from "./pause.ts";
import { plain } from "../report/words.ts";

interface Options {
  readonly data?: string;
  readonly json?: boolean;
  readonly limit: number;
}

/** `incidents` lists them, newest first; with an id it shows one. */
export function register(program: Command, io: Io): void {
  program
    .command("incidents")
    .description("list the incidents, newest first; with an id (or its beginning) show one")
    .argument("[id]", "id of an incident, or the beginning of one")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .option("--limit <count>", "how many to list", countOf, 50)
    .option("--json", "print JSON")
    .action((id: string | undefined, options: Options) =>
      id === undefined ? list(io, options) : showOne(io, id, options),
    );
}

async function list(io: Io, options: Options): Promise<void> {
  const now = Date.now();
  const asked = await askBooks(dataFolder(io, options.data), async (records, signal) => {
    const rows: Listed[] = [];
    for (const incident of await records.incidents(options.limit, signal)) {
      rows.push(listed(incident, await records.attempts(incident.id, signal), now));
    }
    return { ok: true, answer: rows };
  });
  if (!asked.ok) return refuse(io, asked.sentence);
  io.out(
    options.json === true
      ? JSON.stringify({ version: 1, incidents: asked.answer }, null, 2)
      : withPause(io, options, renderList(asked.answer)),
  );
}

async function showOne(io: Io, id: string, options: Options): Promise<void> {
  const asked = await askBooks(dataFolder(io, options.data), (records, signal) =>
    askStory(records, id, signal),
  );
  if (!asked.ok) return refuse(io, asked.sentence);
  const shown = show(asked.answer);
  io.out(
    options.json === true
      ? JSON.stringify(shown, null, 2)
      : withPause(io, options, renderShown(shown, Date.now())),
  );
}

function withPause(io: Io, options: Options, text: string): string {
  const line = pauseLine(io, dataFolder(io, options.data));
  return line === null ? text : `${plain(line)}\n${text}`;
}

function refuse(io: Io, sentence: string): void {
  io.err(sentence);
  io.exit(1);
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new InvalidArgumentError("a whole number from 1 to 10000 is expected.");
  return count;
}
