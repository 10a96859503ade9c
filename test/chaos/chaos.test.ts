import { execa } from "execa";
import { describe, expect, it } from "vitest";

import { MAIN, playInChild } from "./children.ts";
import { PLANTS } from "./plants.ts";
import { run } from "./run.ts";

const IS_LONG = process.env["SIGNALMAN_LONG_TESTS"] === "1";

const SEEDS = 200;
/** So many seeds find each planted bug from where it was found last. */
const FOUND_WITHIN = 40;

// Everything runs on a clock of its own; what takes time is the computing.
describe("the daemon in a world of memory", { timeout: 300_000 }, () => {
  it(`holds every rule over ${SEEDS} seeds`, async () => {
    const sums = { acts: 0, approved: 0, lives: 0, incidents: 0, effective: 0, withheld: 0 };
    const broken: string[] = [];
    // In a process of its own: as the command does it, and twice as fast as under the test runner.
    const isWhole = await playInChild(1, SEEDS, ({ seed, violations, counts }) => {
      for (const { rule, text } of violations)
        broken.push(`npm run chaos -- --seed ${seed}: ${rule}: ${text}`);
      for (const name of Object.keys(sums) as (keyof typeof sums)[])
        sums[name] += counts[name] ?? 0;
    });
    expect(broken).toEqual([]);
    expect(isWhole).toBe(true);
    // A simulation in which nothing happens would hold every rule.
    expect(sums.lives).toBeGreaterThan(1.3 * SEEDS);
    expect(sums.incidents).toBeGreaterThan(SEEDS);
    expect(sums.acts).toBeGreaterThan(SEEDS / 2);
    expect(sums.approved).toBeGreaterThan(SEEDS / 40);
    expect(sums.effective).toBeGreaterThan(SEEDS / 8);
    expect(sums.withheld).toBeGreaterThan(SEEDS / 8);
  });

  it("tells the same story of the same seed", async () => {
    const storyOf = async (seed: number): Promise<readonly string[]> => {
      const lines: string[] = [];
      await run(seed, (at, who, text) => lines.push(`${at} ${who} ${text}`));
      return lines;
    };
    const first = await storyOf(3);
    expect(first.length).toBeGreaterThan(50);
    expect(await storyOf(3)).toEqual(first);
  });

  it.each(PLANTS)("finds that $what", async ({ name, near, breaks }) => {
    const from = IS_LONG ? 1 : near;
    const seeds = IS_LONG ? 2 * FOUND_WITHIN + near : FOUND_WITHIN;
    const args = ["--plant", name, "--from", String(from), "--seeds", String(seeds)];
    const { stdout, stderr, exitCode } = await execa(process.execPath, [MAIN, ...args], {
      reject: false,
      env: { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] },
    });
    expect(stdout, stderr).toContain(`${name} is found`);
    expect(stdout).toContain(`${breaks}: `);
    expect(exitCode).toBe(1);
  });
});
