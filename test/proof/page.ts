import { coverageOf, type Share } from "./coverage.ts";
import type { Exploration } from "./explore.ts";

const HEAD = [
  "Machine",
  "States",
  "Transitions",
  "Sides of guards",
  "Reachable states",
  "Ways between them",
  "Diagram",
];

/** The table of docs/machines.md: what is declared and met, and how many states that makes with counters and timers. */
export function tableOf(
  explored: readonly (readonly [string, readonly [Exploration, Exploration]])[],
): string {
  const rows = explored.map(([name, [opened, cameBack]]) => {
    const { states, transitions, branches } = coverageOf(opened);
    const nodes = [...opened.nodes, ...cameBack.nodes];
    const ways = nodes.reduce((sum, { edges }) => sum + edges.length, 0);
    return [
      `\`${name}\``,
      ...[states, transitions, branches].map(share),
      count(nodes.length),
      count(ways),
      `[${name}.mmd](machines/${name}.mmd)`,
    ];
  });
  const [head = "", ...lines] = [HEAD, ...rows].map((row) => `| ${row.join(" | ")} |`);
  return [head, `|${"---|".repeat(HEAD.length)}`, ...lines].join("\n");
}

function share({ met, declared }: Share): string {
  return `${met} of ${declared}`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** The page with its table made anew. */
export function pageWith(page: string, table: string): string {
  const [before, after] = page.split(/<!-- table -->[^]*<!-- end -->/);
  if (before === undefined || after === undefined)
    throw new Error("the page has no place for its table");
  return `${before}<!-- table -->\n\n${table}\n\n<!-- end -->${after}`;
}
