import type { Command } from "commander";

import { MACHINES } from "../../state-machines/index.ts";
import { mermaid } from "../../state-machines/mermaid.ts";
import type { Io } from "./io.ts";

/** `graph` prints a state machine as a Mermaid diagram. */
export function register(program: Command, io: Io): void {
  program
    .command("graph")
    .description("print a state machine as a Mermaid diagram")
    .argument("<machine>", `one of ${Object.keys(MACHINES).join(", ")}`)
    .option("--json", "print JSON: the diagram, the machine's version and its bounds")
    .action((name: string, options: { readonly json?: boolean }) => {
      const definition = Object.hasOwn(MACHINES, name) ? MACHINES[name] : undefined;
      if (definition === undefined) {
        io.err(`There is no machine "${name}". Known are: ${Object.keys(MACHINES).join(", ")}.`);
        return io.exit(2);
      }
      const { machine, version, bounds } = definition;
      const diagram = mermaid(machine);
      io.out(
        options.json === true
          ? JSON.stringify({ version: 1, machine: name, machineVersion: version, bounds, diagram })
          : diagram.trimEnd(),
      );
    });
}
