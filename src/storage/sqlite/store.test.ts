import {
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { aCommit, anAttempt, aNotice } from "../../../test/contracts/store.rows.ts";
import type { Commit } from "../../ports/store.ts";
import { openRecords, openSqliteStore } from "./index.ts";
import { openJournal } from "./journal.ts";
import { createSqliteStore } from "./store.ts";

const signal = new AbortController().signal;
const FAILED = { kind: "failed", problem: { code: "store-failed" } };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "signalman-sqlite-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a journal that cannot be written", () => {
  it("is on the disk before a commit is acknowledged", () => {
    const db = journal();
    expect(db.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
    expect(db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    db.close();
  });

  it("fails when it is full, in any of several commits, and goes on when there is room", async () => {
    const db = journal();
    const store = storeOver(db);
    expect(await store.commit([large(1)], signal)).toEqual({ kind: "written" });
    limitPages(db, 10);
    const before = await store.load(signal);
    const failed = await store.commit([large(2), large(3), large(4)], signal);
    expect(failed).toMatchObject(FAILED);
    expect(failed.kind === "failed" && failed.problem.detail).toContain("full");
    expect(await store.load(signal)).toEqual(before);
    expect(await store.undelivered(10, signal)).toHaveLength(1);

    limitPages(db, 1_000);
    expect(await store.commit([large(2), large(3), large(4)], signal)).toEqual({ kind: "written" });
    expect(await store.entries({}, signal)).toHaveLength(4);
    await store.close();
  });

  it("shows whether it can be written by a write down to the disk that says nothing", async () => {
    const db = journal();
    const store = storeOver(db);
    const size = (): number => statSync(path.join(folder, "journal.db-wal")).size;
    const before = size();
    expect(await store.commit([], signal)).toEqual({ kind: "written" });
    expect(size()).toBeGreaterThan(before);
    expect(await store.entries({}, signal)).toEqual([]);
    const other = new DatabaseSync(path.join(folder, "journal.db"));
    other.exec("BEGIN IMMEDIATE");
    expect(await store.commit([], signal)).toMatchObject(FAILED);
    other.close();
    expect(await store.commit([large(1)], signal)).toEqual({ kind: "written" });
    await store.close();
  });

  it("fails when it became read-only, for commits and for marks", async () => {
    const db = journal();
    const store = storeOver(db);
    await store.commit([large(1)], signal);
    db.exec("PRAGMA query_only = ON");
    expect(await store.commit([large(2)], signal)).toMatchObject(FAILED);
    expect(await store.mark(aNotice("n1").id, "delivered", 1, signal)).toMatchObject(FAILED);
    db.exec("PRAGMA query_only = OFF");
    expect(await store.commit([large(2)], signal)).toEqual({ kind: "written" });
    expect(await store.undelivered(10, signal)).toHaveLength(2);
    await store.close();
  });

  it("fails while a stranger holds its lock, and soon", async () => {
    const db = journal();
    const store = storeOver(db);
    const stranger = new DatabaseSync(path.join(folder, "journal.db"));
    stranger.exec("BEGIN IMMEDIATE");
    const asked = performance.now();
    expect(await store.commit([large(1)], signal)).toMatchObject(FAILED);
    expect(performance.now() - asked).toBeLessThan(1_000);
    stranger.close();
    expect(await store.commit([large(1)], signal)).toEqual({ kind: "written" });
    await store.close();
  });

  it.each(["journal.db", "owner.db"])("fails when %s was taken away under it", async (name) => {
    const { store } = await openWhole();
    await store.commit([large(1)], signal);
    renameSync(path.join(folder, name), path.join(folder, "away"));
    const failed = await store.commit([large(2)], signal);
    expect(failed).toMatchObject(FAILED);
    writeFileSync(path.join(folder, name), "");
    expect(await store.commit([large(2)], signal)).toEqual(failed);
    await store.close();
  });
});

describe("opening", () => {
  it("makes the folder", async () => {
    folder = path.join(folder, "deep", "er");
    const { store } = await openWhole();
    await store.close();
    folder = path.dirname(path.dirname(folder));
  });

  it.each(["journal.db", "owner.db"])("fails when %s is no file", async (name) => {
    mkdirSync(path.join(folder, name));
    expect(await openSqliteStore({ folder })).toMatchObject(FAILED);
    rmSync(path.join(folder, name), { recursive: true });
    const { store } = await openWhole();
    await store.close();
  });

  it("fails when the folder is a file", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    expect(await openSqliteStore({ folder: file })).toMatchObject(FAILED);
    expect(await openSqliteStore({ folder: path.join(file, "below") })).toMatchObject(FAILED);
  });

  it.each([
    ["at its head", 0],
    ["inside", 8 * 4_096],
  ])("fails when the journal is damaged %s, and leaves it as it is", async (_where, at) => {
    const { store } = await openWhole();
    for (let seq = 1; seq <= 30; seq += 1) await store.commit([large(seq)], signal);
    await store.close();
    scribble(path.join(folder, "journal.db"), at);
    expect(await openSqliteStore({ folder })).toMatchObject(FAILED);
    expect(await openSqliteStore({ folder })).toMatchObject(FAILED);
  });

  it("refuses a journal of a newer program, for the owner and for readers", async () => {
    const { store } = await openWhole();
    await store.close();
    const db = new DatabaseSync(path.join(folder, "journal.db"));
    db.exec("PRAGMA user_version = 9999");
    db.close();
    for (const opened of [await openSqliteStore({ folder }), await openRecords({ folder })]) {
      expect(opened).toMatchObject(FAILED);
      expect(opened.kind === "failed" && opened.problem.detail).toContain("newer Signalman");
    }
  });
});

describe("reading beside the owner", () => {
  it("says that there is nothing where nothing was written", async () => {
    expect(await openRecords({ folder })).toEqual({ kind: "absent" });
    expect(await openRecords({ folder: path.join(folder, "no") })).toEqual({ kind: "absent" });
    new DatabaseSync(path.join(folder, "journal.db")).close();
    expect(await openRecords({ folder })).toEqual({ kind: "absent" });
  });

  it("sees each commit once it is acknowledged, and the samples", async () => {
    const { store, samples } = await openWhole();
    const reader = await openRecords({ folder });
    if (reader.kind !== "open") throw new Error(JSON.stringify(reader));
    for (let seq = 1; seq <= 5; seq += 1) {
      await store.commit([large(seq)], signal);
      expect(await reader.records.entries({}, signal)).toHaveLength(seq);
    }
    const sample = {
      target: "api",
      probe: "p",
      name: "up",
      ts: 5,
      value: null,
    } as const;
    await samples.append([sample], signal);
    expect(await Array.fromAsync(reader.samples.between(0, 9, signal))).toEqual([[sample]]);
    await reader.records.close();
    expect(await store.commit([large(6)], signal)).toEqual({ kind: "written" });
    await store.close();
  });
});

function journal(): DatabaseSync {
  const opened = openJournal(folder);
  if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
  return opened.db;
}

function storeOver(db: DatabaseSync) {
  return createSqliteStore(db, {
    obstacle: () => null,
    written: () => {},
    closed: async () => {},
  });
}

async function openWhole() {
  const opened = await openSqliteStore({ folder });
  if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
  return opened;
}

/** Room for so many pages more than there are now. */
function limitPages(db: DatabaseSync, more: number): void {
  const pages = Number(db.prepare("PRAGMA page_count").get()?.["page_count"]);
  db.exec(`PRAGMA max_page_count = ${pages + more}`);
}

/** A commit of about five pages, with a notice of its own. */
function large(seq: number): Commit {
  const plan = { filler: "x".repeat(10_000) };
  return aCommit(seq, [
    { table: "attempts", row: anAttempt(`i1.${seq}`, { plan }) },
    { table: "notices", row: aNotice(`n${seq}`) },
  ]);
}

function scribble(file: string, at: number): void {
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.alloc(4 * 4_096, 0x5a), 0, 4 * 4_096, at);
  closeSync(handle);
}
