import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Command } from "commander";

import { Duration } from "../config/duration.ts";
import { isOn } from "../config/environment.ts";
import { hint } from "../config/suggest.ts";
import { partsOf, type Pause, pauseWords, scopeWords, untilWords } from "../domain/pause.ts";
import { layPause, pausePath, readPause, removePause } from "../storage/pause-file.ts";
import { readTargetNames } from "../storage/target-names.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";
import { byCommandLine } from "./who.ts";

interface Options {
  readonly data?: string;
  readonly target?: string;
  readonly includingUndo?: boolean;
  readonly for?: string;
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
    .option("--for <length>", "how long, for example 2h (default: until it is resumed)")
    .option("--by <name>", "who says so; shown to everybody (default: your user name)")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .action((options: Options) => pause(io, options));
  program
    .command("resume")
    .description("let Signalman act again")
    .option("--target <name>", "only what is paused under this name; other pauses stay")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .action((options: { readonly data?: string; readonly target?: string }) => resume(io, options));
}

function pause(io: Io, options: Options): void {
  const folder = dataFolder(io, options.data);
  const length = options.for === undefined ? null : Duration.safeParse(options.for);
  if (length !== null && !length.success) {
    io.err(`--for: ${length.error.issues[0]?.message ?? "expected a length of time"}`);
    return io.exit(2);
  }
  const known = readTargetNames(folder);
  if (options.target !== undefined && known !== null && !known.includes(options.target)) {
    const more = known.length === 0 ? "" : ` Guarded: ${known.join(", ")}.`;
    io.err(
      `--target: nothing is paused, there is no target "${options.target}"${hint(options.target, known)}${more}`,
    );
    return io.exit(2);
  }
  const now = Date.now();
  const wanted: Pause = {
    by: byCommandLine(options.by),
    since: now,
    target: options.target ?? null,
    includingUndo: options.includingUndo === true,
    ...(length === null ? {} : { until: now + length.data }),
  };
  const { meeting, pause: standing, replaced } = layPause(folder, wanted, now);
  if (meeting === "stands") return leave(io, standing, wanted);
  if (!existsSync(join(folder, "journal.db"))) {
    io.err(
      `No daemon has ever used ${folder}, so nothing is paused by this; it counts from a first start there. Name the daemon's data folder with --data or SIGNALMAN_DATA.`,
    );
    return io.exit(1);
  }
  io.out(`Paused: ${scopeWords(wanted)}, ${untilWords(wanted)} (${pausePath(folder)}).`);
  if (replaced !== null) io.out(`It takes the place of the pause before: ${pauseWords(replaced)}.`);
  for (const one of standing.also ?? []) io.out(`Paused too: ${pauseWords(one)}.`);
  if (options.target !== undefined && known === null)
    io.out(
      `No daemon has told its targets yet: if none is called "${options.target}", everything is paused.`,
    );
  const only = wanted.target === null ? "" : ` --target ${wanted.target}`;
  io.out(`To go on: signalman resume${standing.also === undefined ? "" : only}`);
}

/** What is wanted is paused already, and is neither narrowed nor shortened in silence. */
function leave(io: Io, standing: Pause, wanted: Pause): void {
  const isSame = partsOf(standing).some(
    (one) =>
      one.target === wanted.target &&
      one.includingUndo === wanted.includingUndo &&
      one.until === wanted.until,
  );
  if (isSame) return io.out(`Paused already: ${pauseWords(standing)}.`);
  io.err(
    [
      `Nothing was changed: what stands holds all of that and more: ${pauseWords(standing)}.`,
      "For only yours: signalman resume, then pause again.",
    ].join("\n"),
  );
  io.exit(1);
}

function resume(io: Io, options: { readonly data?: string; readonly target?: string }): void {
  const folder = dataFolder(io, options.data);
  const { target = null } = options;
  const { lifted, left } = removePause(folder, Date.now(), target);
  const of = target === null ? "" : ` for "${target}" alone`;
  io.out(
    lifted === null
      ? `Nothing was paused${of} in ${folder}.`
      : `Resumed: what was held goes on. It was paused: ${pauseWords(lifted)}.`,
  );
  if (left !== null) io.out(`Still paused: ${pauseWords(left)}.`);
  if (isOn(io.env["SIGNALMAN_PAUSED"]?.trim() || null)) {
    io.err("Still paused by SIGNALMAN_PAUSED in the environment.");
    io.exit(1);
  } else if (lifted === null) io.exit(1);
}

/** The pause that a command can see, as a line for people; null when there is none. */
export function pauseLine(io: Io, folder: string): string | null {
  const isByEnvironment = isOn(io.env["SIGNALMAN_PAUSED"]?.trim() || null);
  const standing = readPause(folder, isByEnvironment, Date.now());
  return standing === null ? null : `Paused: ${pauseWords(standing)}.`;
}
