import { resolve } from "node:path";

import type { Command } from "commander";

import { defaultRules } from "../config/default-rules.ts";
import { explain } from "../config/explain.ts";
import { loadConfig } from "../config/load.ts";
import { panelsFor } from "../config/panels.ts";
import type { ReadLine } from "../replay/lines.ts";
import { NOTHING, type Output } from "../replay/output.ts";
import { createReplay, type Replay, type ReplayParts } from "../replay/replay.ts";
import type { Io } from "./io.ts";
import { examine, openRecording, type Examined, type Recording } from "./recording.ts";

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
      try {
        using recording = await openRecording(options.samples, io.cwd);
        await replayAll(io, options, recording);
      } catch (error) {
        io.err(`${options.samples}  ${error instanceof Error ? error.message : String(error)}`);
        io.exit(2);
      }
    });
}

async function replayAll(io: Io, options: Options, recording: Recording): Promise<void> {
  const examined = await examine(recording, options.samples);
  if (!examined.ok) {
    io.err(examined.wrong.join("\n"));
    return io.exit(2);
  }
  const ground = await groundOf(io, options.config, examined);
  if (ground === null) return io.exit(2);
  const replay = createReplay({ ...ground, verbose: options.verbose === true });
  for await (const bunch of recording.bunches()) {
    const out: Output[] = [];
    for (const read of bunch.lines)
      if (read !== null) for (const line of play(replay, read)) out.push(line);
    write(io, out);
  }
  write(io, replay.end());
}

function play(replay: Replay, read: ReadLine): readonly Output[] {
  switch (read.kind) {
    case "sample":
      return replay.take(read.line);
    case "event":
      return replay.hear(read.line);
    case "fact":
      return replay.learn(read.line);
    case "other":
    case "wrong":
      return NOTHING;
  }
}

function write(io: Io, lines: readonly Output[]): void {
  if (lines.length > 0) io.out(lines.map((line) => JSON.stringify(line)).join("\n"));
}

type Ground = Pick<ReplayParts, "rules" | "onlyTarget" | "judgeFor">;

async function groundOf(
  io: Io,
  config: string | undefined,
  { targets: named, rules: recorded }: Extract<Examined, { ok: true }>,
): Promise<Ground | null> {
  if (config === undefined) {
    if (recorded.size > 0) io.err(OTHER_RULES);
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
  if ([...recorded].some((hash) => hash !== rules.hash)) io.err(OTHER_RULES);
  return { rules, onlyTarget: targets[0]?.name ?? "app", judgeFor: panelsFor(targets) };
}

const OTHER_RULES =
  "Note: the recording holds decisions that were made under another configuration. For the same decisions name that one with --config.";
