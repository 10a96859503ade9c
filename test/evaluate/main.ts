/**
 * `npm run evaluate`: plays every case and prints the tables and the targets. Exit code 1 when a target is missed. `--write` also
 * writes test/evaluate/results.ndjson and the tables of docs/detection.md; a word plays only the cases whose name holds it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { defaultRules } from "../../src/config/default-rules.ts";
import { CASES } from "./cases.ts";
import { run } from "./run.ts";
import type { Score } from "./score.ts";
import { smallestShare } from "./smallest.ts";
import { TRICKLE } from "./systems.ts";
import { linesOf, nameOf, tablesOf } from "./table.ts";
import { TARGETS } from "./targets.ts";

const PAGE = join(import.meta.dirname, "../../docs/detection.md");
const RESULTS = join(import.meta.dirname, "results.ndjson");

const rules = await defaultRules(["api"]);
const isWriting = process.argv.includes("--write");
const only = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? "";
const results: { [name: string]: readonly Score[] } = {};
for (const one of CASES) {
  const name = nameOf(one);
  if (!name.includes(only)) continue;
  const scores = Array.from({ length: one.runs }, (_, number) => run(one, number, rules));
  results[name] = scores;
  process.stderr.write(`${name}\n`);
}

const least = TRICKLE.map((system) => {
  const share = only === "" ? smallestShare(system, rules) : null;
  return `- ${system.name}: ${share === null ? "none" : `${share * 100} %`}`;
});
const tables = [
  tablesOf(results),
  "",
  "The smallest share of errors that is found within an hour at 0.1 request/s:",
  "",
  ...least,
].join("\n");
const missed = TARGETS.filter(({ isMet }) => !isMet(results));
process.stdout.write(`${tables}\n\n`);
for (const target of TARGETS)
  process.stdout.write(`${missed.includes(target) ? "missed" : "held  "}  ${target.says}\n`);
if (isWriting && only === "") {
  writeFileSync(RESULTS, linesOf(results));
  const [before = "", after = ""] = readFileSync(PAGE, "utf8").split(
    /<!-- tables -->[^]*<!-- end -->/,
  );
  writeFileSync(PAGE, `${before}<!-- tables -->\n\n${tables}\n\n<!-- end -->${after}`);
}
process.exitCode = missed.length === 0 ? 0 : 1;
