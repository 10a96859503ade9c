import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, rmSync, statSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import type { IncidentId } from "../../src/domain/ids.ts";
import type { Records } from "../../src/ports/store.ts";
import { openRecords, openSqliteStore } from "../../src/storage/sqlite/index.ts";
import { aCommit, aSample } from "./store.rows.ts";
import { type Said, startStoreProcess, type StoreProcess } from "./store.process.ts";
import { fold } from "./store.worlds.ts";

const signal = new AbortController().signal;
const I1 = "i1" as IncidentId;
const NOBODY = 65_534;

const folders: string[] = [];
const processes: StoreProcess[] = [];
afterEach(async () => {
  for (const child of processes.splice(0)) await child.kill();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe("the owner of a store", () => {
  it("keeps a second one out until it dies, however it dies", async () => {
    const folder = await newFolder();
    const first = start(folder);
    expect(await first.next()).toEqual({ kind: "open", pid: first.pid });

    const asked = performance.now();
    const second = await openSqliteStore({ folder });
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(second).toMatchObject({ kind: "owned" });
    expect(second.kind === "owned" && second.detail).toContain(`process ${first.pid} `);
    first.tell("commit");
    expect(await first.next()).toEqual({ kind: "written", seq: 3 });

    await first.kill();
    const { store } = await openAsOwner(folder);
    expect((await store.load(signal)).seq).toBe(3);
    expect(await start(folder).next()).toMatchObject({ kind: "owned" });
    await store.close();
    expect(await start(folder).next()).toMatchObject({ kind: "open" });
  });

  it("cannot be had twice in one process either", async () => {
    const folder = await newFolder();
    const { store } = await openAsOwner(folder);
    expect(await openSqliteStore({ folder })).toMatchObject({ kind: "owned" });
    // Opening and closing the file once more must not have taken the lock away.
    expect(await start(folder).next()).toMatchObject({ kind: "owned" });
    await store.close();
  });
});

describe("a process that is killed while it commits", () => {
  it("leaves everything it acknowledged, and nothing by halves", { timeout: 30_000 }, async () => {
    const folder = await newFolder();
    let acknowledged = 0;
    for (const calls of [1, 2, 7, 19, 40]) {
      const child = start(folder);
      expect(await child.next()).toMatchObject({ kind: "open" });
      child.tell("loop");
      for (let call = 0; call < calls; call += 1) acknowledged = seqOf(await child.next());
      for (const said of await child.kill()) acknowledged = seqOf(said);

      // First as people read it, with the log left behind, then as the next owner.
      const records = await openToRead(folder);
      await expectWhole(records, acknowledged);
      await records.close();
      const { store } = await openAsOwner(folder);
      await expectWhole(store, acknowledged);
      expect(await store.load(signal)).toEqual(fold(await store.entries({}, signal)));
      await store.close();
    }
  });

  it("can be read all the while", async () => {
    const folder = await newFolder();
    const child = start(folder);
    await child.next();
    child.tell("loop");
    await child.next();
    const records = await openToRead(folder);
    for (let read = 0; read < 20; read += 1) {
      const said = seqOf(await child.next());
      await expectWhole(records, said);
    }
    await records.close();
  });
});

describe("a process that is killed while it records samples", () => {
  it("leaves every moment it acknowledged, whole, for readers and for the next owner", async () => {
    const folder = await newFolder();
    const child = start(folder);
    await child.next();
    child.tell("samples");
    let acknowledged = 0;
    for (let call = 0; call < 30; call += 1) {
      acknowledged = seqOf(await child.next());
      if (call === 10) await expectSamples(folder, acknowledged);
    }
    for (const said of await child.kill()) acknowledged = seqOf(said);
    await expectSamples(folder, acknowledged);
    const { store, samples } = await openAsOwner(folder);
    await samples.append([aSample(1_000_000)], signal);
    await store.close();
    await expectSamples(folder, acknowledged);
  });
});

describe("a disk that does not take a write", () => {
  it.skipIf(!hasPrlimit())("fails the commit, and is used again when there is room", async () => {
    const folder = await newFolder();
    const child = start(folder);
    await child.next();
    child.tell("commit");
    expect(await child.next()).toMatchObject({ kind: "written", seq: 3 });

    // The kernel refuses to let any file of the process grow past this size.
    limitFileSize(child.pid, `${statSync(path.join(folder, "journal.db-wal")).size + 2_000}`);
    for (let times = 0; times < 2; times += 1) {
      child.tell("commit");
      const said = await child.next();
      expect(said).toMatchObject({ kind: "failed", problem: { code: "store-failed" } });
      expect(said.problem?.detail).toContain("journal.db: ");
    }
    limitFileSize(child.pid, "unlimited");
    child.tell("commit");
    expect(await child.next()).toMatchObject({ kind: "written", seq: 6 });
    await child.kill();
    const { store } = await openAsOwner(folder);
    await expectWhole(store, 6);
    expect(await store.load(signal)).toMatchObject({ seq: 6 });
    await store.close();
  });

  it("is told when the folder may not be written", async () => {
    const folder = await newFolder();
    const { store } = await openAsOwner(folder);
    await store.commit([aCommit(1)], signal);
    await store.close();
    for (const name of readdirSync(folder)) chmodSync(path.join(folder, name), 0o444);

    chmodSync(folder, 0o555);
    const locked = await startUnprivileged(folder).next();
    expect(locked).toMatchObject({ kind: "failed", problem: { code: "store-failed" } });
    // A folder that may be written and an owner.db that may not: the lock must not be taken for granted.
    chmodSync(folder, 0o777);
    const half = await startUnprivileged(folder).next();
    expect(half).toMatchObject({ kind: "failed", problem: { code: "store-failed" } });
    expect(half.problem?.detail).toContain("owner.db");
  });
});

/** Calls of the child hold three entries, each with one row of every kind. */
async function expectWhole(records: Records, acknowledged: number): Promise<void> {
  const entries = await records.entries({}, signal);
  expect(entries.length).toBeGreaterThanOrEqual(acknowledged);
  expect(entries.length % 3).toBe(0);
  const numbers = entries.map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  // Read later than the entries, so a writer may have gone on; never further back.
  const attempts = await records.attempts(I1, signal);
  const notices = await records.deliveries(I1, signal);
  const incident = await records.incident("i1", signal);
  expect(attempts.length).toBeGreaterThanOrEqual(entries.length);
  expect(notices.length).toBeGreaterThanOrEqual(attempts.length);
  expect(incident?.attempts).toBeGreaterThanOrEqual(notices.length);
  const after = (await records.entries({}, signal)).length;
  expect(incident?.attempts).toBeLessThanOrEqual(after);
}

/** Three samples of each moment up to the acknowledged one at least, beside a writer or without one. */
async function expectSamples(folder: string, acknowledged: number): Promise<void> {
  const opened = await openRecords({ folder });
  if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
  const kept = (await Array.fromAsync(opened.samples.between(0, 999_999, signal))).flat();
  await opened.records.close();
  expect(kept.length).toBeGreaterThanOrEqual(3 * (acknowledged + 1));
  const expected = kept.map((_, index) => {
    const ts = Math.floor(index / 3);
    return aSample(ts, { target: `t${index % 3}`, processStart: ts });
  });
  expect(kept).toEqual(expected);
}

function seqOf(said: Said): number {
  expect(said.kind).toBe("written");
  return said.seq ?? NaN;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "signalman-crash-"));
  folders.push(folder);
  return folder;
}

function start(folder: string): StoreProcess {
  const child = startStoreProcess(folder);
  processes.push(child);
  return child;
}

/** Root may write everywhere, so the child becomes somebody else. */
function startUnprivileged(folder: string): StoreProcess {
  const child = startStoreProcess(folder, process.getuid?.() === 0 ? NOBODY : undefined);
  processes.push(child);
  return child;
}

async function openAsOwner(folder: string) {
  const opened = await openSqliteStore({ folder });
  if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
  return opened;
}

async function openToRead(folder: string): Promise<Records> {
  const opened = await openRecords({ folder });
  if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
  return opened.records;
}

function limitFileSize(pid: number, bytes: string): void {
  execFileSync("prlimit", ["--pid", `${pid}`, `--fsize=${bytes}:unlimited`]);
}

/** util-linux; without it the same is tested in one process by SQLite's own limit of pages. */
function hasPrlimit(): boolean {
  try {
    execFileSync("prlimit", ["--version"]);
    return true;
  } catch {
    return false;
  }
}
