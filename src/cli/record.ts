import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { resolve } from "node:path";
import { finished } from "node:stream/promises";

import type { Command } from "commander";

import { openRecords } from "../storage/sqlite/index.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly data?: string;
  readonly out: string;
}

/** `record` exports what was seen, in the format that `replay` reads. */
export function register(program: Command, io: Io): void {
  program
    .command("record")
    .description("export the recorded samples as NDJSON, for replay")
    .requiredOption("--out <file>", "the file to write")
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .action(async (options: Options) => {
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
        const samples = await opened.samples.between(0, Date.now(), AbortSignal.timeout(READ_MS));
        const file = createWriteStream(resolve(io.cwd, options.out));
        const targets = new Set<string>();
        for (const { ts, target, probe, name, value, ...more } of samples) {
          targets.add(target);
          if (
            !file.write(`${JSON.stringify({ ts, target, probe, signal: name, value, ...more })}\n`)
          )
            await once(file, "drain");
        }
        file.end();
        await finished(file);
        io.out(`${samples.length} samples of ${targets.size} targets in ${options.out}`);
      } catch (error) {
        io.err(`Nothing was exported: ${error instanceof Error ? error.message : String(error)}`);
        io.exit(1);
      } finally {
        await opened.records.close();
      }
    });
}

const READ_MS = 60_000;
