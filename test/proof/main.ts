/**
 * `npm run machines`: walks all machines, prints how much that is and whatever does not hold. Exit code 1 when something does not.
 * `--write` also writes the table of docs/machines.md and the diagrams in docs/machines/.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { loadRunbooks } from "../../src/config/runbooks.ts";
import { MACHINES } from "../../state-machines/index.ts";
import { mermaid } from "../../state-machines/mermaid.ts";
import { coverageOf } from "./coverage.ts";
import { exploreBoth } from "./explore.ts";
import { INVARIANTS } from "./invariants.ts";
import { pageWith, tableOf } from "./page.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const PAGE = join(DOCS, "machines.md");

const read = await loadRunbooks();
if (!read.ok) throw new Error("the shipped runbooks are wrong: signalman check names the faults");
const explored = Object.entries(MACHINES).map(
  ([name, { machine }]) => [name, exploreBoth(machine)] as const,
);
const table = tableOf(explored);
process.stdout.write(`${table}\n\n`);
let broken = 0;
for (const [name, both] of explored) {
  const wrong = [
    ...coverageOf(both[0]).missed,
    ...INVARIANTS.flatMap(({ name: invariant, check }) =>
      both.flatMap((one) => check(one, read.runbooks)).map((where) => `${invariant}: ${where}`),
    ),
  ];
  for (const line of wrong) process.stdout.write(`${name}: ${line}\n`);
  broken += wrong.length;
}
process.stdout.write(`${INVARIANTS.length} invariants, ${broken} broken\n`);
if (process.argv.includes("--write")) {
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, "utf8"), table));
  for (const [name, [{ machine }]] of explored)
    writeFileSync(join(DOCS, "machines", `${name}.mmd`), mermaid(machine));
}
process.exitCode = broken === 0 ? 0 : 1;
