import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { describe, expect, it } from "vitest";

import { IS_LONG } from "../support/long.ts";
const BIN = join(import.meta.dirname, "..", "..", "bin", "signalman");

interface Result {
  readonly passed: boolean;
  readonly expectations: readonly {
    readonly name: string;
    readonly met: boolean;
    readonly found: string;
  }[];
  readonly incidents: readonly { readonly state: string; readonly cause: string | null }[];
  readonly restarts: number;
  readonly slack: readonly string[];
}

async function play(fault: string): Promise<{
  readonly exitCode: number | undefined;
  readonly result: Result;
  readonly kept: readonly string[];
}> {
  const out = mkdtempSync(join(tmpdir(), "signalman-gameday-test-"));
  try {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [BIN, "gameday", "database-down", "--fault", fault, "--json", "--out", out],
      { env: { PATH: process.env["PATH"] }, extendEnv: false, reject: false },
    );
    if (stdout === "") throw new Error(stderr);
    return { exitCode, result: JSON.parse(stdout) as Result, kept: readdirSync(out) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

describe("gameday database-down", { timeout: 120_000 }, () => {
  it.each([
    ["kill", "crashed"],
    // What differs is the cause, and that is a table of its own (`src/core/diagnose.test.ts`).
    ...(IS_LONG
      ? [
          ["pause", "not-answering"],
          ["refuse", "refusing-connections"],
        ]
      : []),
  ])("--fault %s is healed, and the cause is named: %s", async (fault, cause) => {
    const { exitCode, result, kept } = await play(fault);
    expect(result.expectations.filter(({ met }) => !met)).toEqual([]);
    expect(result.expectations.length).toBeGreaterThan(10);
    expect(exitCode).toBe(0);
    expect(result.incidents).toMatchObject([{ cause }]);
    expect(kept).toEqual(
      expect.arrayContaining([
        "daemon.log",
        "data",
        "report.md",
        "report.json",
        "result.json",
        "slack.json",
      ]),
    );
  });

  // What a restart that did not help leads to is told in `src/core/decide.test.ts` and `src/core/unlucky-orders.test.ts`.
  it.runIf(IS_LONG)("--fault restart-fails exits 1, is escalated, and Slack says so", async () => {
    const { exitCode, result } = await play("restart-fails");
    expect(exitCode).toBe(1);
    expect(result).toMatchObject({
      passed: false,
      restarts: 1,
      incidents: [{ state: "escalated" }],
    });
    expect(result.slack.at(-1)).toContain("Needs a person: Database down: postgres");
  });
});
