import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

import type { Command } from "commander";

import { defaultRules } from "../config/default-rules.ts";
import { explain } from "../config/explain.ts";
import { loadConfig } from "../config/load.ts";
import { panelsFor } from "../config/panels.ts";
import { readLine, type SampleLine } from "../replay/lines.ts";
import { createReplay, type Output, type ReplayParts } from "../replay/replay.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly config?: string;
  readonly samples: string;
  readonly verbose?: boolean;
}

/** `replay` shows what Signalman would have seen and opened on recorded samples. Nothing is carried out. */
export function register(program: Command, io: Io): void {
  program
    .command("replay")
    .description(
      "judge recorded samples (NDJSON) with the production rules and another clock; nothing is carried out",
    )
    .requiredOption(
      "--samples <file>",
      "the recording: one JSON object a line, in time order; - for standard input",
    )
    .option(
      "--config <file>",
      "the configuration (default: shipped defaults with the targets of the recording)",
    )
    .option("--verbose", "also states, intents and notices")
    .action(async (options: Options) => {
      const read = await readAll(io, options.samples);
      if (read === null) return io.exit(2);
      const ground = await groundOf(io, options.config, read);
      if (ground === null) return io.exit(2);
      const replay = createReplay({ ...ground, verbose: options.verbose === true });
      for (const line of read) write(io, replay.take(line));
      write(io, replay.end());
    });
}

function write(io: Io, lines: readonly Output[]): void {
  for (const line of lines) io.out(JSON.stringify(line));
}

/** Every line, or null after everything wrong was told: half a recording would tell half the truth. */
async function readAll(io: Io, file: string): Promise<readonly SampleLine[] | null> {
  const lines: SampleLine[] = [];
  const wrong: string[] = [];
  let number = 0;
  try {
    const input = file === "-" ? process.stdin : createReadStream(resolve(io.cwd, file));
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (text.trim() === "") continue;
      const read = readLine(text);
      if (read.kind === "wrong") wrong.push(`${file}:${number}  ${read.message}`);
      if (read.kind !== "sample") continue;
      const last = lines.at(-1);
      if (last !== undefined && read.line.ts < last.ts)
        wrong.push(`${file}:${number}  "ts" goes back; expected time order`);
      else lines.push(read.line);
      if (wrong.length >= WRONG_MAX) break;
    }
  } catch (error) {
    wrong.push(`${file}  ${error instanceof Error ? error.message : String(error)}`);
  }
  if (wrong.length === 0) return lines;
  io.err(
    [
      ...wrong,
      `${wrong.length}${wrong.length >= WRONG_MAX ? " or more" : ""} faults in ${file}`,
    ].join("\n"),
  );
  return null;
}

const WRONG_MAX = 20;

type Ground = Pick<ReplayParts, "rules" | "onlyTarget" | "judgeFor">;

async function groundOf(
  io: Io,
  config: string | undefined,
  lines: readonly SampleLine[],
): Promise<Ground | null> {
  if (config === undefined) {
    const named = [...new Set(lines.flatMap(({ target }) => target ?? []))];
    const targets = named.length === 0 ? ["app"] : named;
    return {
      rules: await defaultRules(targets),
      onlyTarget: targets[0] ?? "app",
      judgeFor: panelsFor([]),
    };
  }
  const loaded = await loadConfig(resolve(io.cwd, config), io.env);
  if (!loaded.ok) {
    io.err(explain(loaded.faults, config));
    return null;
  }
  const { targets, rules } = loaded.config;
  return {
    rules: { ...rules, modes: { default: "shadow" } },
    onlyTarget: targets[0]?.name ?? "app",
    judgeFor: panelsFor(targets),
  };
}
