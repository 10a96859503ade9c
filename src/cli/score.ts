import { InvalidArgumentError, type Command } from "commander";

import { HOUR_MS, MINUTE_MS, type Instant, type Millis } from "../domain/time.ts";
import { earned, RULES } from "../score/earn.ts";
import { readScore } from "../score/read.ts";
import { renderScore } from "../score/text.ts";
import { askBooks } from "./books.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly data?: string;
  readonly json?: boolean;
  readonly since?: Instant;
}

/** `score` says how often each act would have helped, hurt or made no difference, and whether its next mode is earned. */
export function register(program: Command, io: Io): void {
  program
    .command("score")
    .description(
      "how often each act in shadow would have helped or hurt, and whether it has earned the next mode (exit code 1: none has)",
    )
    .option("--since <time>", "only acts wanted since (7d, 12h, or a date; default: all)", sinceOf)
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .option("--json", "print JSON")
    .action(async (options: Options) => {
      const asked = await askBooks(dataFolder(io, options.data), async (records, signal) => ({
        ok: true,
        answer: await readScore(records, options.since ?? null, signal),
      }));
      if (!asked.ok) {
        io.err(asked.sentence);
        return io.exit(1);
      }
      const score = asked.answer;
      const modes = score.totals.map(earned);
      io.out(
        options.json === true
          ? JSON.stringify({ ...score, earned: modes, rules: RULES }, null, 2)
          : renderScore(score),
      );
      if (!modes.some(({ isEarned }) => isEarned)) io.exit(1);
    });
}

const UNITS: { readonly [unit: string]: Millis } = { m: MINUTE_MS, h: HOUR_MS, d: 24 * HOUR_MS };

function sinceOf(text: string): Instant {
  const length = /^(\d+)(m|h|d)$/.exec(text);
  if (length !== null) return Date.now() - Number(length[1]) * (UNITS[length[2] ?? ""] ?? 0);
  const date = Date.parse(text);
  if (!/^\d{4}-/.test(text) || Number.isNaN(date))
    throw new InvalidArgumentError(
      "a length of time such as 7d or 12h, or a date such as 2026-03-01T20:00:00Z, is expected.",
    );
  return date;
}
