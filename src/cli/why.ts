import type { Command } from "commander";

import { askBooks, askStory } from "./books.ts";
import { explain } from "../report/why.ts";
import { refusalsOf, renderRefusals } from "../report/why-not.ts";
import { renderWhy } from "../report/why-text.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly data?: string;
  readonly json?: boolean;
  readonly not?: string;
}

/** `why` tells from the journal what led to each act; `--not` why an act was not done. */
export function register(program: Command, io: Io): void {
  program
    .command("why")
    .description("tell from the journal what led to each act of an incident, and what held it back")
    .argument("<id>", "id of an incident, or the beginning of one")
    .option("--not <action>", "only why this action (or switch) was not done, for example restart")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .option("--json", "print JSON")
    .action(async (id: string, options: Options) => {
      const asked = await askBooks(dataFolder(io, options.data), (records, signal) =>
        askStory(records, id, signal),
      );
      if (!asked.ok) {
        io.err(asked.sentence);
        return io.exit(1);
      }
      if (options.not !== undefined) return whyNot(io, options.not, asked.answer, options.json);
      const why = explain(asked.answer);
      io.out(options.json === true ? JSON.stringify(why, null, 2) : renderWhy(why, Date.now()));
    });
}

function whyNot(
  io: Io,
  action: string,
  story: Parameters<typeof explain>[0],
  json: boolean | undefined,
): void {
  const refusals = refusalsOf(story, action);
  io.out(json === true ? JSON.stringify(refusals, null, 2) : renderRefusals(refusals));
}
