import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Argument, Option, type Command } from "commander";

import { SCENARIOS, type Played } from "../gameday/scenarios.ts";
import { renderMarkdown } from "../report/markdown.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly fault?: string;
  readonly json?: boolean;
  readonly out?: string;
}

const NAMES = Object.keys(SCENARIOS);
const FAULTS = [...new Set(Object.values(SCENARIOS).flatMap(({ faults }) => faults))];

/** `gameday` plays failures on the twin and exits 1 when the daemon does not live up to its promises. */
export function register(program: Command, io: Io): void {
  program
    .command("gameday")
    .description("break the local twin on purpose and check what Signalman does about it")
    .addArgument(new Argument("[scenario...]", "what fails").choices(NAMES).default([NAMES[0]]))
    .addOption(
      new Option("--fault <fault>", "how it fails (default: the first way)").choices(FAULTS),
    )
    .option("--json", "print the result as JSON, one line for each scenario")
    .option("--out <dir>", "keep journal, logs, Slack messages and result there")
    .addHelpText(
      "after",
      `\nScenarios, and how they fail:\n${Object.entries(SCENARIOS)
        .map(([name, { summary, faults }]) => `  ${name}  ${summary}: ${faults.join(", ")}`)
        .join("\n")}`,
    )
    .action((scenarios: readonly string[], options: Options) => playAll(io, scenarios, options));
}

async function playAll(io: Io, scenarios: readonly string[], options: Options): Promise<void> {
  for (const name of scenarios) {
    const faults = SCENARIOS[name]?.faults ?? [];
    if (options.fault === undefined || faults.includes(options.fault)) continue;
    io.err(`${name} does not fail by "${options.fault}", only by ${faults.join(", ")}`);
    return io.exit(2);
  }
  const cancel = new AbortController();
  const onSignal = (): void => cancel.abort();
  process.once("SIGTERM", onSignal);
  process.once("SIGINT", onSignal);
  try {
    let isPassed = true;
    for (const name of scenarios)
      isPassed = (await playOne(io, name, options, cancel.signal)) && isPassed;
    io.exit(isPassed ? 0 : 1);
  } catch (error) {
    io.err(error instanceof Error ? error.message : String(error));
    io.exit(1);
  } finally {
    process.off("SIGTERM", onSignal);
    process.off("SIGINT", onSignal);
  }
}

async function playOne(
  io: Io,
  name: string,
  options: Options,
  signal: AbortSignal,
): Promise<boolean> {
  const scenario = SCENARIOS[name];
  const fault = options.fault ?? scenario?.faults[0];
  if (scenario === undefined || fault === undefined) throw new Error(`no scenario "${name}"`);
  const out = options.out === undefined ? null : resolve(io.cwd, options.out);
  if (out !== null) mkdirSync(out, { recursive: true });
  const played = await scenario.play(fault, {
    folder: out === null ? null : join(out, "data"),
    signal,
    onMoment: (text) => {
      if (options.json !== true) io.out(`  ${new Date().toISOString().slice(11, 23)}  ${text}`);
    },
  });
  const result = resultOf(name, fault, played);
  if (out !== null) keep(out, played, result);
  io.out(options.json === true ? JSON.stringify(result) : render(`${name} (${fault})`, played));
  return played.expectations.every(({ met }) => met);
}

function resultOf(scenario: string, fault: string, { seen, expectations }: Played): object {
  return {
    scenario,
    fault,
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
    restarts: seen.state.counters.restarts["Postgres"] ?? 0,
    slack: seen.slack.map(({ text }) => text),
  };
}

function render(name: string, { seen, expectations }: Played): string {
  const failed = expectations.filter(({ met }) => !met).length;
  return [
    "",
    ...expectations.map((one) => `  ${one.met ? "✔" : "✘"} ${one.name}: ${one.found}`),
    "",
    "  What Slack shows:",
    ...seen.slack.flatMap(({ text }) => text.split("\n").map((line) => `    ${line}`)),
    "",
    failed === 0
      ? `  ${name}: all ${expectations.length} expectations met`
      : `  ${name}: ${failed} of ${expectations.length} expectations not met`,
  ].join("\n");
}

function keep(out: string, { seen }: Played, result: object): void {
  const write = (name: string, value: unknown): void =>
    writeFileSync(
      join(out, name),
      typeof value === "string" ? value : `${JSON.stringify(value, null, 2)}\n`,
    );
  write("result.json", result);
  write("slack.json", seen.slack);
  write("daemon.log", seen.log);
  write("report.json", seen.report);
  if (seen.report !== null) write("report.md", renderMarkdown(seen.report));
  write("visits.ndjson", seen.visits.map((visit) => JSON.stringify(visit)).join("\n"));
}
