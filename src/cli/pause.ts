import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

import type { Command } from "commander";

import { pausePath, readPause, removePause, writePause } from "../storage/pause-file.ts";
import { dataFolder } from "./data-folder.ts";
import { isOn } from "../config/environment.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly data?: string;
  readonly target?: string;
  readonly includingUndo?: boolean;
  readonly by?: string;
}

/** `pause` and `resume` write and remove one file: they work when everything else is down. */
export function register(program: Command, io: Io): void {
  program
    .command("pause")
    .description(
      "let Signalman watch and do nothing, within a second; switches that must end are still ended",
    )
    .option("--target <name>", "only this target")
    .option("--including-undo", "end no switches either; they end by themselves at their time")
    .option("--by <name>", "who says so; shown to everybody (default: your user name)")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .action((options: Options) => {
      const folder = dataFolder(io, options.data);
      writePause(folder, {
        by: options.by ?? userName(),
        since: Date.now(),
        target: options.target ?? null,
        includingUndo: options.includingUndo === true,
      });
      if (!existsSync(join(folder, "journal.db"))) {
        io.err(
          `No daemon has ever used ${folder}, so nothing is paused by this; it counts from a first start there. Name the daemon's data folder with --data or SIGNALMAN_DATA.`,
        );
        return io.exit(1);
      }
      io.out(
        `Paused${options.target === undefined ? "" : ` for ${options.target}`}: ${pausePath(folder)} is there. To go on: signalman resume`,
      );
    });
  program
    .command("resume")
    .description("let Signalman act again")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .action((options: Options) => {
      const folder = dataFolder(io, options.data);
      const was = removePause(folder);
      io.out(was ? "Resumed: what was held goes on." : `Nothing was paused in ${folder}.`);
      if (readPause(folder, isOn(io.env["SIGNALMAN_PAUSED"]?.trim() || null)) !== null) {
        io.err("Still paused by SIGNALMAN_PAUSED in the environment.");
        io.exit(1);
      } else if (!was) io.exit(1);
    });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "somebody";
  }
}
