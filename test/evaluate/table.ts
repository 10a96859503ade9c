import type { Millis } from "../../src/domain/time.ts";
import { CASES, type Case } from "./cases.ts";
import { medianDelay, total, worstDelay, type Score } from "./score.ts";

/** Every run of every case, by the case's name: what is committed beside the table. */
export interface Results {
  readonly [name: string]: readonly Score[];
}

export function nameOf({ kind, system }: Case): string {
  return `${kind} | ${system.name}`;
}

/** One line for each case, so that a change shows as the lines it concerns. */
export function linesOf(results: Results): string {
  const lines = Object.entries(results).map(([name, runs]) => JSON.stringify({ name, runs }));
  return `${lines.join("\n")}\n`;
}

export function resultsOf(lines: string): Results {
  const written = lines.trimEnd().split("\n");
  return Object.fromEntries(
    written.map((line) => {
      const { name, runs } = JSON.parse(line) as { name: string; runs: readonly Score[] };
      return [name, runs];
    }),
  );
}

/** The results as the tables of docs/detection.md: what was found, and what quiet time opened. */
export function tablesOf(results: Results): string {
  const rows = CASES.flatMap((one) => {
    const scores = results[nameOf(one)];
    return scores === undefined ? [] : [{ one, score: total(scores) }];
  });
  const faults = rows.filter(({ one }) => !one.isQuiet);
  const quiet = rows.filter(({ one }) => one.isQuiet);
  return [
    "| Failure | System | Found | False | Median delay | Worst delay |",
    "|---|---|---|---|---|---|",
    ...faults.map(({ one, score }) =>
      rowOf([
        one.kind,
        one.system.name,
        `${score.found} of ${score.faults}`,
        String(score.falseOnes.length),
        spell(medianDelay(score)),
        spell(worstDelay(score)),
      ]),
    ),
    "",
    "| Quiet system | Days | False incidents |",
    "|---|---|---|",
    ...quiet.map(({ one, score }) =>
      rowOf([one.system.name, String(Math.round(score.days)), countsOf(score.falseOnes)]),
    ),
  ].join("\n");
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function countsOf(kinds: readonly string[]): string {
  const groups = Object.entries(Object.groupBy(kinds, (kind) => kind));
  return groups.length === 0
    ? "0"
    : groups.map(([kind, list]) => `${list?.length ?? 0} ${kind}`).join(", ");
}

function spell(ms: Millis | null): string {
  if (ms === null) return "–";
  return ms < 600_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
