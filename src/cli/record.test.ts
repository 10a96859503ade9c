import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { aCommit, anIncident, aSample } from "../../test/contracts/store.rows.ts";
import { HOUR_MS } from "../domain/time.ts";
import { readLine } from "../replay/lines.ts";
import { openSqliteStore } from "../storage/sqlite/index.ts";
import { register } from "./record.ts";

const signal = new AbortController().signal;
const T = 1_700_000_000_000;

describe("signalman record", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "signalman-record-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function run(...args: string[]) {
    const told = { out: [] as string[], err: [] as string[], code: 0 };
    const program = new Command().exitOverride();
    register(program, {
      env: {},
      cwd: folder,
      out: (text) => void told.out.push(...text.split("\n")),
      err: (text) => void told.err.push(text),
      exit: (code) => void (told.code = code),
    });
    await program.parseAsync(["node", "signalman", "record", "--data", folder, ...args]);
    return told;
  }

  /** One look each half hour for ten hours, and an incident from the fourth to the fifth. */
  async function books(): Promise<void> {
    const opened = await openSqliteStore({ folder });
    if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
    const incident = anIncident("ab12", { openedAt: T + 4 * HOUR_MS, closedAt: T + 5 * HOUR_MS });
    await opened.store.commit([aCommit(1, [], { at: T })], signal);
    await opened.store.commit(
      [aCommit(2, [{ table: "incidents", row: incident }], { at: T + 4 * HOUR_MS })],
      signal,
    );
    for (let half = 0; half <= 20; half += 1) {
      const ts = T + (half * HOUR_MS) / 2;
      await opened.samples.append(
        [
          aSample(ts, { processStart: T }),
          aSample(ts, { name: "latency_bucket", le: "+Inf", value: half }),
        ],
        signal,
      );
    }
    await opened.store.close();
  }

  function timesIn(file: string): readonly number[] {
    const lines = readFileSync(join(folder, file), "utf8").trim().split("\n");
    expect(lines.map((line) => readLine(line).kind)).not.toContain("wrong");
    const times = lines.map((line) => (JSON.parse(line) as { ts: number }).ts);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    return times;
  }

  it("writes the contract's keys first, and the books where they are needed", async () => {
    await books();
    const { out, code } = await run("--out", "s.ndjson");
    expect({ out, code }).toEqual({
      out: ["42 samples of 1 targets and 2 events in s.ndjson"],
      code: 0,
    });
    const lines = readFileSync(join(folder, "s.ndjson"), "utf8").split("\n");
    expect(lines.slice(0, 5)).toEqual([
      `{"ts":${T},"fact":"watching","since":0,"rules":"r"}`,
      expect.stringContaining(`{"ts":${T},"fact":"world","world":{"seq":0,`),
      `{"ts":${T},"event":"start","id":"event-1","cause":null,"version":"0"}`,
      `{"ts":${T},"target":"api","signal":"up","value":1,"probe":"http /health","processStart":${T}}`,
      `{"ts":${T},"target":"api","signal":"latency_bucket","value":0,"probe":"http /health","le":"+Inf"}`,
    ]);
    expect(timesIn("s.ndjson")).toHaveLength(42 + 2 * 3);
  });

  it("exports a stretch of time, or that around an incident, beginning with the books as they stood", async () => {
    await books();
    await run("--out", "i.ndjson", "--incident", "ab");
    const around = timesIn("i.ndjson");
    expect([around[0], around.at(-1)]).toEqual([T + 2 * HOUR_MS, T + 6 * HOUR_MS]);
    expect(readFileSync(join(folder, "i.ndjson"), "utf8")).toMatch(
      /^\{"ts":\d+,"fact":"watching".*\n.*"fact":"world","world":\{"seq":1,/,
    );
    const from = new Date(T + 3 * HOUR_MS).toISOString();
    await run("--out", "t.ndjson", "--from", from, "--to", `${T + 4 * HOUR_MS - 1}`);
    expect(timesIn("t.ndjson")).toHaveLength(2 + 2 * 2);
    const { out, err } = await run("--out", "-", "--from", `${T + 10 * HOUR_MS}`);
    expect(out).toHaveLength(2 + 2);
    expect(err).toEqual(["2 samples of 1 targets and 0 events in -"]);
  });

  it.each([
    [2, "expected a date", ["--out", "s.ndjson", "--from", "yesterday"]],
    [2, "--from is after --to", ["--out", "s.ndjson", "--from", "5", "--to", "4"]],
    [2, "leave out --from", ["--out", "s.ndjson", "--incident", "ab", "--to", "4"]],
    [1, 'no incident "zz"', ["--out", "s.ndjson", "--incident", "zz"]],
    [1, "Nothing was exported", ["--out", "no/where.ndjson"]],
  ])("exits %i and says %j", async (expected, sentence, args) => {
    await books();
    const { err, code } = await run(...args);
    expect(code).toBe(expected);
    expect(err.join("\n")).toContain(sentence);
    expect(readdirSync(folder).filter((name) => name.includes("ndjson"))).toEqual([]);
  });

  it("exits 1 where there are no books", async () => {
    const { err, code } = await run("--out", "s.ndjson");
    expect(code).toBe(1);
    expect(err.join("\n")).toContain("There is no journal");
  });
});
