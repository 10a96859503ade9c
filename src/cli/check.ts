import { resolve } from "node:path";

import type { Command } from "commander";

import { deadEndsOf } from "../config/dead-ends.ts";
import { reasonAboutDetection } from "../config/detection.ts";
import { explain } from "../config/explain.ts";
import { loadConfig } from "../config/load.ts";
import { reasonAboutSafety } from "../config/safety.ts";
import type { Io } from "./io.ts";

/** `check` reads the configuration as the daemon would and lists everything that is wrong with it. */
export function register(program: Command, io: Io): void {
  program
    .command("check")
    .description("read the configuration as the daemon would and list everything that is wrong")
    .argument("[file]", "the configuration (default: SIGNALMAN_CONFIG, else ./signalman.yaml)")
    .option("--json", "print the result as JSON")
    .action(async (file: string | undefined, options: { readonly json?: boolean }) => {
      const source = resolve(io.cwd, file ?? io.env["SIGNALMAN_CONFIG"] ?? "signalman.yaml");
      const loaded = await loadConfig(source, io.env, { walks: true });
      const faults = loaded.ok ? [] : loaded.faults;
      const warnings = loaded.ok ? loaded.config.warnings : [];
      const detection = loaded.ok ? reasonAboutDetection(loaded.config).lines : [];
      const safety = loaded.ok
        ? [...reasonAboutSafety(loaded.config).lines, ...deadEndsOf(loaded.config).lines]
        : [];
      if (options.json === true) {
        io.out(
          JSON.stringify({ file: source, ok: loaded.ok, faults, warnings, detection, safety }),
        );
      } else if (loaded.ok) {
        for (const warning of warnings) io.out(`warning: ${warning}`);
        io.out("What is seen, and how soon at the latest:");
        for (const line of detection) io.out(`  ${line}`);
        io.out("What may be done about it:");
        for (const line of safety) io.out(`  ${line}`);
        io.out(
          `${source}: nothing wrong. Guards ${loaded.config.targets.map(({ name }) => name).join(", ")}.`,
        );
      } else {
        io.err(explain(faults, source));
      }
      io.exit(loaded.ok ? 0 : 2);
    });
}
