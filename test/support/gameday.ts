import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { expect } from "vitest";

const BIN = join(import.meta.dirname, "..", "..", "bin", "signalman");

/** What `gameday --json` prints, as far as tests read it. */
export interface Result {
  readonly expectations: readonly {
    readonly name: string;
    readonly met: boolean;
    readonly found: string;
  }[];
  readonly incidents: readonly { readonly kind: string; readonly ending: string | null }[];
}

/** Plays a game day by the command line, in processes of its own, and fails unless everything that is expected of it is met. */
export async function expectMet(scenario: string, fault: string): Promise<Result> {
  const out = mkdtempSync(join(tmpdir(), "signalman-gameday-test-"));
  try {
    const { stdout, stderr } = await execa(
      process.execPath,
      [BIN, "gameday", scenario, "--fault", fault, "--json", "--out", out],
      { env: { PATH: process.env["PATH"] }, extendEnv: false, reject: false },
    );
    if (stdout === "") throw new Error(stderr);
    const result = JSON.parse(stdout) as Result;
    expect(result.expectations.filter(({ met }) => !met)).toEqual([]);
    expect(result.expectations.length).toBeGreaterThan(5);
    return result;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
