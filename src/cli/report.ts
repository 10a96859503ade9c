import { Option, type Command } from "commander";

import { askBooks, askStory } from "./books.ts";
import { renderMarkdown } from "../report/markdown.ts";
import { reportOn } from "../report/report.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly data?: string;
  readonly json?: boolean;
  readonly format: "md" | "json";
}

/** `report` prints the post-incident report; every line of it names where it can be looked up. */
export function register(program: Command, io: Io): void {
  program
    .command("report")
    .description("print the post-incident report of an incident, open or closed")
    .argument("<id>", "id of an incident, or the beginning of one")
    .addOption(
      new Option("--format <format>", "how to print it").choices(["md", "json"]).default("md"),
    )
    .option("--json", "the same as --format json")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .action(async (id: string, options: Options) => {
      const asked = await askBooks(dataFolder(io, options.data), (records, signal) =>
        askStory(records, id, signal),
      );
      if (!asked.ok) {
        io.err(asked.sentence);
        return io.exit(1);
      }
      const report = reportOn(asked.answer, Date.now());
      const isJson = options.json === true || options.format === "json";
      io.out(isJson ? JSON.stringify(report, null, 2) : renderMarkdown(report).trimEnd());
    });
}
