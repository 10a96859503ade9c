import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { aSample } from "../../../test/contracts/store.rows.ts";
import type { Sample } from "../../domain/sample.ts";
import type { SampleStore } from "../../ports/store.ts";
import { createMemorySamples } from "../memory/index.ts";
import { createSqliteSamples } from "./samples.ts";

const signal = new AbortController().signal;
const MIB = 1024 * 1024;

let folder = "";
let notes: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "signalman-samples-"));
  notes = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each<[string, () => SampleStore]>([
  ["memory", () => createMemorySamples()],
  ["sqlite", () => open()],
])("samples in %s", (_adapter, open) => {
  it("come back in time order, both ends included, as they were", async () => {
    const samples = open();
    const odd = aSample(30, {
      value: null,
      problem: { code: "timeout", detail: "nach 3 s \ud83d\ude34\u0000" },
      processStart: 1,
    });
    await samples.append([aSample(20), odd, aSample(10, { value: 0 })], signal);
    await samples.append([aSample(20, { target: "web" }), aSample(40)], signal);
    expect(await all(samples, 20, 30)).toEqual([aSample(20), aSample(20, { target: "web" }), odd]);
    expect(await all(samples, 41, 99)).toEqual([]);
    await samples.append([], signal);
    await samples.close();
    await samples.append([aSample(50)], signal);
    expect(await all(samples, 0, 99)).toEqual([]);
    await samples.close();
  });
});

describe("the cap of samples", () => {
  it("holds at every moment, with the log, and the newest stay", async () => {
    const samples = open(MIB);
    let highest = 0;
    for (let batch = 0; batch < 150; batch += 1) {
      const size = [1, 50, 900][batch % 3] ?? 1;
      const rows = Array.from({ length: size }, (_, nth) => aSample(batch * 1_000 + nth));
      await samples.append(rows, signal);
      highest = Math.max(highest, bytesOnDisk());
    }
    expect(highest).toBeLessThanOrEqual(MIB);
    expect(highest).toBeGreaterThan(MIB * 0.6);
    const kept = await all(samples, 0, Infinity);
    expect(kept.length).toBeGreaterThan(20_000);
    const last = kept.slice(-900).map(({ ts }) => ts);
    expect(last).toEqual(Array.from({ length: 900 }, (_, nth) => 149_000 + nth));
    expect(kept[0]?.ts).toBeGreaterThan(0);
    expect(notes).toEqual([]);
    await samples.close();
  });

  it("is reached again after it was lowered", async () => {
    const before = open(4 * MIB);
    const rows = Array.from({ length: 100_000 }, (_, ts) => aSample(ts));
    await before.append(rows, signal);
    await before.close();
    expect(bytesOnDisk()).toBeGreaterThan(1.5 * MIB);
    const after = open(MIB);
    for (let ts = 100_000; ts < 100_010; ts += 1) await after.append([aSample(ts)], signal);
    await after.close();
    expect(bytesOnDisk()).toBeLessThanOrEqual(MIB);
  });
});

describe("a file of samples that is lost", () => {
  it("begins anew when it is no database", async () => {
    writeFileSync(path.join(folder, "samples.db"), "not a database ".repeat(1_000));
    const samples = open();
    expect(notes).toEqual([expect.stringContaining("begun anew")]);
    await samples.append([aSample(1)], signal);
    expect(await all(samples, 0, 9)).toEqual([aSample(1)]);
    await samples.close();
  });

  it("begins anew when it is found damaged in use", async () => {
    const before = open();
    await before.append(
      Array.from({ length: 500 }, (_, ts) => aSample(ts)),
      signal,
    );
    await before.close();
    const file = path.join(folder, "samples.db");
    writeFileSync(file, readFileSync(file).fill(0x5a, 2 * 4_096));
    const samples = open();
    expect(await all(samples, 0, 999)).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("samples are lost")]);
    await samples.append([aSample(1)], signal);
    expect(await all(samples, 0, 999)).toEqual([aSample(1)]);
    await samples.close();
  });

  it("says once that samples are lost, and takes them again when it can", async () => {
    const file = path.join(folder, "samples.db");
    mkdirSync(file);
    const samples = open();
    await samples.append([aSample(1)], signal);
    await samples.append([aSample(2)], signal);
    expect(notes).toEqual([expect.stringContaining("samples are lost")]);
    rmSync(file, { recursive: true });
    await samples.append([aSample(3)], signal);
    expect(await all(samples, 0, 9)).toEqual([aSample(3)]);
    await samples.close();
  });
});

function open(bytesMax = 16 * MIB): SampleStore {
  return createSqliteSamples({ folder, bytesMax, note: (text) => notes.push(text) });
}

async function all(samples: SampleStore, from: number, to: number): Promise<readonly Sample[]> {
  return (await Array.fromAsync(samples.between(from, to, signal))).flat();
}

function bytesOnDisk(): number {
  const names = ["samples.db", "samples.db-wal"];
  const sizes = names.map(
    (name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.size,
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
