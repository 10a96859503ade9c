import { resolve } from "node:path";

import type { Command } from "commander";

import { explain } from "../config/explain.ts";
import { loadConfig } from "../config/load.ts";
import type { Finding } from "../doctor/finding.ts";
import { examine } from "../doctor/index.ts";
import { VERSION } from "../version.ts";
import type { Io } from "./io.ts";

/** `doctor` asks Railway and the switches, read-only, what of the configuration's wishes can be had. */
export function register(program: Command, io: Io): void {
  program
    .command("doctor")
    .description(
      "ask Railway and the switches, read-only, whether what the configuration wants can be done",
    )
    .option(
      "--config <file>",
      "the configuration (default: SIGNALMAN_CONFIG, else ./signalman.yaml)",
    )
    .option("--json", "print the result as JSON")
    .action(async (options: { readonly config?: string; readonly json?: boolean }) => {
      const source = resolve(
        io.cwd,
        options.config ?? io.env["SIGNALMAN_CONFIG"] ?? "signalman.yaml",
      );
      const loaded = await loadConfig(source, io.env);
      if (!loaded.ok) {
        io.err(explain(loaded.faults, source));
        return io.exit(2);
      }
      const findings = await examine(loaded.config, VERSION);
      const ok = findings.every(({ answer }) => answer !== "no");
      if (options.json === true) io.out(JSON.stringify({ version: 1, ok, findings }));
      else io.out(shown(findings, ok));
      io.exit(ok ? 0 : 1);
    });
}

function shown(findings: readonly Finding[], ok: boolean): string {
  const lines = findings.map(
    ({ about, name, answer, detail }) =>
      `${answer.padEnd(9)} ${`${about} ${name}`.trim()}: ${detail}`,
  );
  const refused = findings.filter(({ answer }) => answer === "no").length;
  const last = ok
    ? "Nothing that the configuration wants is known to be impossible. Whether a write is allowed only its first time proves."
    : `${refused === 1 ? "One thing" : `${refused} things`} that the configuration wants cannot be done.`;
  return [...lines, last].join("\n");
}
