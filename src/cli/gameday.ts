import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Argument, Option, type Command } from "commander";

import {
  FAULTS,
  playDatabaseDown,
  type Fault,
  type Observation,
} from "../gameday/database-down.ts";
import { judge, type Expectation } from "../gameday/expectations.ts";
import { renderMarkdown } from "../report/markdown.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly fault: Fault;
  readonly json?: boolean;
  readonly out?: string;
}

/** `gameday` plays a failure on the twin and exits 1 when the daemon does not live up to its promises. */
export function register(program: Command, io: Io): void {
  program
    .command("gameday")
    .description("break the local twin on purpose and check what Signalman does about it")
    .addArgument(
      new Argument("[scenario...]", "what fails")
        .choices(["database-down"])
        .default(["database-down"]),
    )
    .addOption(new Option("--fault <fault>", "how it fails").choices([...FAULTS]).default("kill"))
    .option("--json", "print the result as JSON")
    .option("--out <dir>", "keep journal, logs, Slack messages and result there")
    .action(async (_scenarios: readonly string[], options: Options) => {
      const cancel = new AbortController();
      const onSignal = (): void => cancel.abort();
      process.once("SIGTERM", onSignal);
      process.once("SIGINT", onSignal);
      const say = (text: string): void => {
        if (options.json !== true) io.out(`  ${new Date().toISOString().slice(11, 23)}  ${text}`);
      };
      try {
        const out = options.out === undefined ? null : resolve(io.cwd, options.out);
        if (out !== null) mkdirSync(out, { recursive: true });
        const seen = await playDatabaseDown({
          fault: options.fault,
          folder: out === null ? null : join(out, "data"),
          signal: cancel.signal,
          onMoment: say,
        });
        const expectations = judge(seen);
        if (out !== null) keep(out, seen, expectations);
        io.out(
          options.json === true
            ? JSON.stringify(resultOf(seen, expectations))
            : render(seen, expectations),
        );
        io.exit(expectations.every(({ met }) => met) ? 0 : 1);
      } catch (error) {
        io.err(error instanceof Error ? error.message : String(error));
        io.exit(1);
      } finally {
        process.off("SIGTERM", onSignal);
        process.off("SIGINT", onSignal);
      }
    });
}

function resultOf(seen: Observation, expectations: readonly Expectation[]): object {
  return {
    scenario: "database-down",
    fault: seen.fault,
    passed: expectations.every(({ met }) => met),
    expectations,
    incidents: seen.incidents.map(
      ({ id, kind, target, state, ending, cause, onset, openedAt, closedAt }) => ({
        id,
        kind,
        target,
        state,
        ending,
        cause,
        onset,
        openedAt,
        closedAt,
      }),
    ),
    restarts: seen.restarts,
    slack: seen.slack.map(({ text }) => text),
  };
}

function render(seen: Observation, expectations: readonly Expectation[]): string {
  const failed = expectations.filter(({ met }) => !met).length;
  return [
    "",
    ...expectations.map(({ name, met, found }) => `  ${met ? "✔" : "✘"} ${name}: ${found}`),
    "",
    "  What Slack shows:",
    ...seen.slack.flatMap(({ text }) => text.split("\n").map((line) => `    ${line}`)),
    "",
    failed === 0
      ? `  database-down (${seen.fault}): all ${expectations.length} expectations met`
      : `  database-down (${seen.fault}): ${failed} of ${expectations.length} expectations not met`,
  ].join("\n");
}

function keep(out: string, seen: Observation, expectations: readonly Expectation[]): void {
  const write = (name: string, value: unknown): void =>
    writeFileSync(
      join(out, name),
      typeof value === "string" ? value : `${JSON.stringify(value, null, 2)}\n`,
    );
  write("result.json", resultOf(seen, expectations));
  write("slack.json", seen.slack);
  write("daemon.log", seen.log);
  write("report.json", seen.report);
  if (seen.report !== null) write("report.md", renderMarkdown(seen.report));
  write("visits.ndjson", seen.visits.map((visit) => JSON.stringify(visit)).join("\n"));
}
