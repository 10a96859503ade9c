import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { aSample } from "../../../test/contracts/store.rows.ts";
import type { Sample, SignalName } from "../../domain/sample.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from "../../domain/time.ts";
import type { SampleStore } from "../../ports/store.ts";
import type { Span } from "../windows.ts";
import { createSqliteSamples, type SamplesOptions } from "./samples.ts";

const signal = new AbortController().signal;
const MIB = 1024 * 1024;
const DAY_MS = 24 * HOUR_MS;

let folder = "";
let notes: string[] = [];
let stores: SampleStore[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "signalman-retention-"));
  notes = [];
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true });
  expect(notes).toEqual([]);
});

describe("samples that grow old", () => {
  it("are thinned by their age, and no counted event is lost", async () => {
    const samples = open({ ages: [age(HOUR_MS, MINUTE_MS), age(3 * HOUR_MS, 5 * MINUTE_MS)] });
    const until = 6 * HOUR_MS;
    let counted = 0;
    for (let ts = 0; ts <= until; ts += 10 * SECOND_MS) {
      counted += ts % 7;
      await samples.append(
        [
          aSample(ts, { name: "requests", value: ts % 7 }),
          aSample(ts, { name: "memory_used", value: ts }),
        ],
        signal,
      );
    }
    const kept = await all(samples);
    const spans = gapsOf(kept, "requests");
    expect([...new Set(spans)]).toEqual([5 * MINUTE_MS, MINUTE_MS, 10 * SECOND_MS]);
    expect(kept.filter(({ ts }) => ts > until - HOUR_MS)).toHaveLength(2 * 360);
    const total = kept.reduce(
      (sum, { name, value }) => sum + (name === "requests" ? Number(value) : 0),
      0,
    );
    expect(total).toBe(counted);
    // Of memory the floor, at the moment of the last look of its time.
    expect(kept[1]).toEqual(
      aSample(290_000, { name: "memory_used", value: 0, low: 0, high: 290_000 }),
    );
  });

  it("go on being thinned where a daemon before left off", async () => {
    const ages = [age(HOUR_MS, MINUTE_MS)];
    const first = open({ ages });
    for (let ts = 0; ts < 2 * HOUR_MS; ts += 10 * SECOND_MS)
      await first.append([aSample(ts)], signal);
    await first.close();
    const second = open({ ages });
    for (let ts = 2 * HOUR_MS; ts < 3 * HOUR_MS; ts += 10 * SECOND_MS)
      await second.append([aSample(ts)], signal);
    const gaps = gapsOf(await all(second), "up");
    expect(gaps.filter((gap) => gap === MINUTE_MS).length).toBeGreaterThanOrEqual(2 * 60 - 11);
  });

  it("stay as they were around incidents, open ones too", async () => {
    const incidents: Span[] = [{ openedAt: 4 * HOUR_MS, closedAt: 5 * HOUR_MS }];
    const samples = open({ ages: [age(HOUR_MS, MINUTE_MS)], incidents: () => incidents });
    for (let ts = 0; ts < 10 * HOUR_MS; ts += 10 * SECOND_MS) {
      if (ts === 9 * HOUR_MS + 10 * SECOND_MS) incidents.push({ openedAt: ts, closedAt: null });
      await samples.append([aSample(ts)], signal);
    }
    const perHour = Object.groupBy(await all(samples), ({ ts }) => Math.floor(ts / HOUR_MS));
    expect(Object.values(perHour).map((rows) => rows?.length)).toEqual([
      60, 60, 360, 360, 360, 360, 61, 60, 360, 360,
    ]);
  });
});

describe("the cap", () => {
  it("is reached by dropping what is around no incident first, and the last hours last", async () => {
    const incidents: Span[] = [];
    const samples = open({ bytesMax: MIB, ages: [], incidents: () => incidents });
    for (let ts = 0; ts < 24 * HOUR_MS; ts += 5 * MINUTE_MS) {
      if (ts === 3 * HOUR_MS) incidents.push({ openedAt: ts, closedAt: ts + HOUR_MS });
      const rows = Array.from({ length: 300 }, (_, nth) => aSample(ts + nth * SECOND_MS));
      await samples.append(rows, signal);
      expect(bytesOnDisk()).toBeLessThanOrEqual(MIB);
    }
    const kept = await all(samples);
    const inWindow = kept.filter(({ ts }) => ts >= HOUR_MS && ts <= 5 * HOUR_MS);
    expect(inWindow).toHaveLength(4 * 3_600 + 1);
    expect(kept[0]?.ts).toBe(HOUR_MS);
    expect(kept.filter(({ ts }) => ts >= 21 * HOUR_MS)).toHaveLength(3 * 3_600);
    expect(kept.filter(({ ts }) => ts > 5 * HOUR_MS && ts < 10 * HOUR_MS)).toEqual([]);
  });

  it("is kept when incidents would fill it: the oldest of them go, and the newest samples stay", async () => {
    const incidents: Span[] = [{ openedAt: 0, closedAt: null }];
    const samples = open({ bytesMax: MIB, ages: [], incidents: () => incidents });
    const rows = Array.from({ length: 60_000 }, (_, nth) => aSample(nth * SECOND_MS));
    for (let at = 0; at < rows.length; at += 1_000)
      await samples.append(rows.slice(at, at + 1_000), signal);
    expect(bytesOnDisk()).toBeLessThanOrEqual(MIB);
    const kept = await all(samples);
    expect(kept.length).toBeGreaterThan(20_000);
    expect(kept).toEqual(rows.slice(-kept.length));
  });

  it("holds for a year of five targets", { timeout: 60_000 }, async () => {
    // One look an hour instead of one each ten seconds: the ages are as coarse, and the cap is about as small.
    const ages = [age(7 * DAY_MS, 6 * HOUR_MS), age(30 * DAY_MS, 12 * HOUR_MS)];
    const incidents: Span[] = [];
    const samples = open({
      bytesMax: MIB / 2,
      ages,
      stretchMs: 2 * DAY_MS,
      incidents: () => incidents,
    });
    let highest = 0;
    for (let day = 0; day < 365; day += 1) {
      const begin = day * DAY_MS;
      if (day % 20 === 0) incidents.push({ openedAt: begin, closedAt: begin + 6 * HOUR_MS });
      const looks = Array.from({ length: 24 }, (_, hour) => lookAtFive(begin + hour * HOUR_MS));
      await samples.append(looks.flat(), signal);
      highest = Math.max(highest, bytesOnDisk());
    }
    expect(highest).toBeLessThanOrEqual(MIB / 2);
    expect(highest).toBeGreaterThan(MIB * 0.4);
    const kept = (await all(samples)).filter(
      ({ target, name }) => target === "t0" && name === "up",
    );
    expect(kept[0]?.ts).toBeLessThan(200 * DAY_MS);
    expect(kept.filter(({ ts }) => ts >= 358 * DAY_MS)).toHaveLength(7 * 24);
    expect(new Set(gapsOf(kept, "up").slice(-400))).toContain(6 * HOUR_MS);
    // The window of an incident of a quarter ago: two hours before to an hour after.
    const around = kept.filter(({ ts }) => ts >= 278 * DAY_MS && ts <= 282 * DAY_MS);
    expect(
      around.filter(
        ({ ts }) => ts >= 280 * DAY_MS - 2 * HOUR_MS && ts <= 280 * DAY_MS + 7 * HOUR_MS,
      ),
    ).toHaveLength(10);
  });
});

const SIGNALS_SEEN: readonly SignalName[] = ["up", "requests", "memory_used"];

function lookAtFive(ts: number): readonly Sample[] {
  return Array.from({ length: 5 }, (_, nth) =>
    SIGNALS_SEEN.map((name) =>
      aSample(ts, { target: `t${nth}`, name, value: (ts / SECOND_MS) % 997 }),
    ),
  ).flat();
}

function age(afterMs: Millis, widthMs: Millis) {
  return { afterMs, widthMs };
}

function gapsOf(samples: readonly Sample[], name: SignalName): readonly Millis[] {
  const times = samples.filter((one) => one.name === name).map(({ ts }) => ts);
  return times.slice(1).map((ts, index) => ts - (times[index] ?? 0));
}

function open(more: Partial<SamplesOptions>): SampleStore {
  const note = (text: string): void => void notes.push(text);
  const store = createSqliteSamples({ folder, bytesMax: 64 * MIB, note, ...more });
  stores.push(store);
  return store;
}

async function all(samples: SampleStore): Promise<readonly Sample[]> {
  return (await Array.fromAsync(samples.between(0, Infinity, signal))).flat();
}

function bytesOnDisk(): number {
  return ["samples.db", "samples.db-wal"]
    .map((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}
