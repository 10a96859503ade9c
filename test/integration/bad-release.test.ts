import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { describe, expect, it } from "vitest";

/**
 * The daemon, as a process of its own, finds a bad release on the twin by itself, takes it back and keeps it back; and tells a dead
 * database from a bad release. Slow, because detectors must first see what is well and in the end see that it is well again.
 */
const BIN = join(import.meta.dirname, "..", "..", "bin", "signalman");
const isLong = process.env["SIGNALMAN_LONG_TESTS"] === "1";

interface Result {
  readonly expectations: readonly { readonly met: boolean }[];
  readonly incidents: readonly { readonly kind: string; readonly ending: string | null }[];
}

async function play(scenario: string, fault: string): Promise<Result> {
  const out = mkdtempSync(join(tmpdir(), "signalman-gameday-test-"));
  try {
    const { stdout, stderr } = await execa(
      process.execPath,
      [BIN, "gameday", scenario, "--fault", fault, "--json", "--out", out],
      { env: { PATH: process.env["PATH"] }, extendEnv: false, reject: false },
    );
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout) as Result;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function expectMet(scenario: string, fault: string): Promise<Result> {
  const result = await play(scenario, fault);
  expect(result.expectations.filter(({ met }) => !met)).toEqual([]);
  expect(result.expectations.length).toBeGreaterThan(5);
  return result;
}

describe("game days with a release", { timeout: 240_000 }, () => {
  it.runIf(isLong).each(["errors", "slow", "crash-at-start", "crash-under-load"])(
    "bad-release --fault %s is found, rolled back once, and kept back",
    async (fault) => {
      await expectMet("bad-release", fault);
    },
  );

  it("both-at-once: exactly one restart and one rollback, in that order, both verified", async () => {
    const { incidents } = await expectMet("both-at-once", "bad-release");
    expect(incidents.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["database-down", "rollout-regression"]),
    );
  });

  it.skipIf(!isLong).each([1, 2, 3])(
    "both-at-once with a good release: nobody blames it (run %i)",
    async () => {
      const { incidents } = await expectMet("both-at-once", "good-release");
      expect(incidents.some(({ kind }) => kind === "rollout-regression")).toBe(false);
    },
  );
});
