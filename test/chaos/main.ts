import { enableCompileCache } from "node:module";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { playInChild } from "./children.ts";
import type { Plant } from "./plants.ts";
import type { Outcome } from "./run.ts";

enableCompileCache();

const HELP = `The simulation: the real daemon in a world of memory, on a clock of its own, with faults out of a seed.

  npm run chaos                      10,000 seeds, on every core
  npm run chaos -- --seeds 500       so many; --from N begins with N
  npm run chaos -- --seed 4711       one seed, with the story of it
  npm run chaos -- --twin            50 seeds on the twin, with real processes; --seed N one of them
  npm run chaos -- --plant NAME      with a bug put in on purpose; "--plant list" names them

Exit code 0: everything held. 1: it names the seeds that broke a rule. 2: bad usage.
`;

const options = {
  seed: { type: "string" },
  seeds: { type: "string" },
  from: { type: "string", default: "1" },
  plant: { type: "string" },
  twin: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Seeds that one child plays; then a new one begins, so that its memory stays small. */
const CHUNK = 100;
const SHOWN_MAX = 20;

process.exitCode = await main();

async function main(): Promise<number> {
  let given;
  try {
    given = parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  const { seed, from, twin, plant } = given;
  const seeds = given.seeds ?? (twin ? "50" : "10000");
  const wrong = [seed, seeds, from].find((text) => text !== undefined && !/^\d{1,9}$/.test(text));
  if (given.help || wrong !== undefined) {
    if (wrong !== undefined) process.stderr.write(`expected a whole number, found "${wrong}"\n\n`);
    process[given.help ? "stdout" : "stderr"].write(HELP);
    return given.help ? 0 : 2;
  }
  if (plant !== undefined) {
    const { sow, PLANTS } = await import("./plants.ts");
    const sown = plant === "list" ? null : sow(plant);
    if (sown !== null)
      return seed === undefined
        ? find(sown, Number(from), Number(given.seeds ?? 200))
        : tellOne(Number(seed));
    {
      const names = PLANTS.map(({ name, what }) => `${name.padEnd(28)}${what}\n`).join("");
      process[plant === "list" ? "stdout" : "stderr"].write(names);
      return plant === "list" ? 0 : 2;
    }
  }
  if (twin) {
    const { playOnTwin } = await import("./twin.ts");
    const first = Number(seed ?? from);
    // What the twin's clients keep open would hold the process for minutes.
    process.exit(await playOnTwin(first, seed === undefined ? Number(seeds) : 1));
  }
  if (seed !== undefined) return tellOne(Number(seed));
  if (process.send !== undefined || plant !== undefined)
    return playHere(Number(from), Number(seeds));
  return playOnAllCores(Number(from), Number(seeds));
}

/** One seed with everything that happens in it. */
async function tellOne(seed: number): Promise<number> {
  const { run } = await import("./run.ts");
  const outcome = await run(seed, (at, who, text) => {
    process.stdout.write(`${(at / 1_000).toFixed(1).padStart(7)} ${who.padEnd(8)} ${text}\n`);
  });
  process.stdout.write(`${JSON.stringify(outcome.plan)}\n`);
  return conclude([outcome]);
}

/** Plays seeds until the planted bug is found; 0 when it was not. */
async function find({ name, breaks }: Plant, from: number, count: number): Promise<number> {
  const { run } = await import("./run.ts");
  for (let seed = from; seed < from + count; seed += 1) {
    const outcome = await run(seed);
    if (!outcome.violations.some(({ rule }) => rule === breaks)) continue;
    process.stdout.write(`${name} is found after ${seed - from + 1} seeds\n${wordsOf(outcome)}\n`);
    return 1;
  }
  process.stdout.write(`${name} is not found in ${count} seeds from ${from} on\n`);
  return 0;
}

async function playHere(from: number, count: number): Promise<number> {
  const { run } = await import("./run.ts");
  const outcomes: Outcome[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const outcome = await run(seed);
    process.send?.(outcome);
    outcomes.push(outcome);
  }
  return process.send === undefined ? conclude(outcomes) : 0;
}

async function playOnAllCores(from: number, count: number): Promise<number> {
  const outcomes: Outcome[] = [];
  let next = from;
  const hear = (outcome: Outcome): void => {
    outcomes.push(outcome);
    if (outcome.violations.length > 0) process.stdout.write(`${wordsOf(outcome)}\n`);
    if (outcomes.length % 500 === 0) process.stdout.write(`${outcomes.length} of ${count}\n`);
  };
  const worker = async (): Promise<void> => {
    while (next < from + count) {
      const first = next;
      const seeds = Math.min(CHUNK, from + count - first);
      next += seeds;
      if (!(await playInChild(first, seeds, hear)))
        process.stdout.write(`a process died while it played seeds from ${first} on\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const missing = count - outcomes.length;
  if (missing > 0)
    process.stdout.write(`${missing} seeds were not played to their end
`);
  return Math.max(conclude(outcomes), missing > 0 ? 1 : 0);
}

function conclude(outcomes: readonly Outcome[]): number {
  const broken = outcomes.filter(({ violations }) => violations.length > 0);
  const sums: Record<string, number> = {};
  for (const { counts } of outcomes)
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  const what = Object.entries(sums).map(([name, sum]) => `${sum} ${name}`);
  process.stdout.write(`${outcomes.length} seeds: ${what.join(", ")}\n`);
  for (const outcome of broken.slice(0, SHOWN_MAX)) process.stdout.write(`${wordsOf(outcome)}\n`);
  const word = broken.length === 0 ? "every rule held" : `${broken.length} seeds broke a rule`;
  process.stdout.write(`${word}\n`);
  return broken.length === 0 ? 0 : 1;
}

function wordsOf({ seed, violations }: Outcome): string {
  const lines = violations.map(({ rule, text, at }) => `  ${at / 1_000} s: ${rule}: ${text}`);
  return [`seed ${seed} (npm run chaos -- --seed ${seed})`, ...lines].join("\n");
}
