import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Command } from "commander";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { register } from "./replay.ts";

describe("signalman replay", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "signalman-replay-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function run(
    text: string,
    ...more: string[]
  ): Promise<{ out: string[]; err: string[]; code: number }> {
    writeFileSync(join(folder, "s.ndjson"), text);
    const told = { out: [] as string[], err: [] as string[], code: 0 };
    const program = new Command().exitOverride();
    register(program, {
      env: {},
      cwd: folder,
      out: (line) => void told.out.push(line),
      err: (line) => void told.err.push(line),
      exit: (code) => {
        told.code = code;
      },
    });
    await program.parseAsync(["node", "signalman", "replay", "--samples", "s.ndjson", ...more]);
    return told;
  }

  const series = (target: string, values: readonly (number | null)[]): string =>
    values
      .map((value, index) =>
        JSON.stringify({ ts: 1_000 + index * 10_000, target, signal: "up", value }),
      )
      .join("\n");

  it.each([
    ["postgres", "database-down"],
    ["redis", "redis-down"],
    ["api", "service-down"],
  ])("opens %s as %s", async (target, kind) => {
    const { out, code } = await run(`${series(target, [1, 1, 0, 0, 0])}\n`);
    expect(code).toBe(0);
    expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([
      { event: "open", ts: 41_000, kind, target, id: expect.stringMatching(/^[0-9a-f]{10}$/) },
    ]);
  });

  it("opens a crash loop on a counter of restarts, and gives the numbers in the notice's incident", async () => {
    const counts = [...Array.from({ length: 20 }, () => 0), 1, 2, 3, 4];
    const lines = counts.map((value, index) =>
      JSON.stringify({ ts: index * 60_000, signal: "restarts", value }),
    );
    const { out } = await run(`${lines.join("\n")}\n`);
    expect(out.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { event: "open", kind: "crash-loop", target: "app", ts: 22 * 60_000 },
    ]);
  });

  it("lists what is wrong with line numbers, prints nothing and exits 2", async () => {
    const { out, err, code } = await run(
      '{"ts":5,"signal":"up","value":1}\nnonsense\n{"ts":4,"signal":"up","value":1}\n',
    );
    expect(code).toBe(2);
    expect(out).toEqual([]);
    expect(err.join("\n")).toContain("s.ndjson:2  expected one JSON object a line");
    expect(err.join("\n")).toContain('s.ndjson:3  "ts" goes back');
  });

  it("names what is wrong with events too, and passes over what it does not know", async () => {
    const { out, err, code } = await run(
      '{"ts":5,"event":"pause","id":"p","cause":null}\n{"ts":4,"event":"party"}\n',
    );
    expect(code).toBe(2);
    expect(out).toEqual([]);
    expect(err.join("\n")).toContain('s.ndjson:1  "event": "pause" is not whole: "pause"');
    expect((await run('{"event":"party"}\n{"ts":1,"fact":"weather"}\n')).code).toBe(0);
  });

  it("reads standard input, however its lines end, and leaves nothing behind", async () => {
    const bin = join(import.meta.dirname, "..", "..", "bin", "signalman");
    const input = series("postgres", [1, 1, 0, 0, 0]).replaceAll("\n", "\r\n");
    const { stdout, exitCode } = await execa(process.execPath, [bin, "replay", "--samples", "-"], {
      input,
      env: { TMPDIR: folder },
      reject: false,
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ event: "open", kind: "database-down" });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses a file without line ends before it fills the memory", async () => {
    const { err, code } = await run("x".repeat(17 * 1024 * 1024));
    expect(code).toBe(2);
    expect(err.join("\n")).toContain("line 1 is too long");
  });

  it("says which file is not there", async () => {
    const { err, code } = await run("", "--config", "nowhere.yaml");
    expect(code).toBe(2);
    expect(err.join("\n")).toContain("nowhere.yaml");
  });
});
