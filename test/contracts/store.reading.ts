import * as fc from "fast-check";
import { expect, it } from "vitest";

import { KEEP_MS } from "../../src/domain/apply.ts";
import type { IncidentId } from "../../src/domain/ids.ts";
import type { Change } from "../../src/domain/world.ts";
import type { Records, Store } from "../../src/ports/store.ts";
import {
  aCommit,
  aLease,
  anAttempt,
  anIncident,
  aNotice,
  aTimer,
  throughJson,
} from "./store.rows.ts";
import { fold, histories } from "./store.worlds.ts";

/** Opens an empty store that is removed after the test. */
export type Open = () => Promise<Store & Records>;

const signal = new AbortController().signal;
const I1 = "i1" as IncidentId;

/** What people read: incidents, attempts, notices and entries. */
export function recordsContract(open: Open): void {
  it("finds an incident by its id or an unambiguous beginning", async () => {
    const store = await open();
    const rows = ["ab12", "ab34", "ab", "c%_d"].map((id): Change => ({
      table: "incidents",
      row: anIncident(id),
    }));
    await store.commit([aCommit(1, rows)], signal);
    const find = async (text: string) => (await store.incident(text, signal))?.id ?? null;
    expect(await find("ab12")).toBe("ab12");
    expect(await find("ab1")).toBe("ab12");
    expect(await find("ab")).toBe("ab");
    expect(await find("a")).toBeNull();
    expect(await find("c")).toBe("c%_d");
    expect(await find("")).toBeNull();
    expect(await find("%")).toBeNull();
    expect(await find("ab123")).toBeNull();
  });

  it("lists incidents newest first, as they stand now, and forgets none", async () => {
    const store = await open();
    const times = [
      ["i1", 100],
      ["i2", 300],
      ["i3", 200],
      ["i4", 300],
    ] as const;
    const rows = times.map(([id, openedAt]): Change => ({
      table: "incidents",
      row: anIncident(id, { openedAt }),
    }));
    await store.commit([aCommit(1, rows)], signal);
    const closed = anIncident("i2", { openedAt: 300, closedAt: 400, ending: "resolved" });
    await store.commit([aCommit(2, [{ table: "incidents", row: closed }])], signal);
    await store.commit([aCommit(3, [], { at: 401 + KEEP_MS })], signal);
    const listed = await store.incidents(3, signal);
    expect(listed.map(({ id }) => id)).toEqual(["i4", "i2", "i3"]);
    expect(listed[1]).toEqual(closed);
    expect((await store.load(signal)).incidents["i2"]).toBeUndefined();
  });

  it("gives the attempts and notices of one incident in the order of their making", async () => {
    const store = await open();
    const changes: Change[] = [
      { table: "attempts", row: anAttempt("i1.1") },
      { table: "attempts", row: anAttempt("i2.1") },
      { table: "attempts", row: anAttempt("i1.10") },
      { table: "attempts", row: anAttempt("i1.2") },
      { table: "notices", row: aNotice("b") },
      { table: "notices", row: aNotice("c", { incident: null }) },
      { table: "notices", row: aNotice("a") },
    ];
    const started = anAttempt("i1.1", { state: "started", startedAt: 5 });
    await store.commit(
      [aCommit(1, changes), aCommit(2, [{ table: "attempts", row: started }])],
      signal,
    );
    const attempts = await store.attempts(I1, signal);
    expect(attempts.map(({ id }) => id)).toEqual(["i1.1", "i1.10", "i1.2"]);
    expect(attempts[0]).toEqual(started);
    const told = await store.deliveries(I1, signal);
    expect(told.map(({ notice }) => notice.id)).toEqual(["b", "a"]);
  });

  it("gives entries after a number, up to a limit, of all or of one incident", async () => {
    const store = await open();
    const commits = [1, 2, 3, 4, 5, 6].map((seq) =>
      aCommit(seq, [], { incident: seq % 2 === 0 ? "i2" : "i1" }),
    );
    await store.commit(commits, signal);
    const seqs = async (filter: Parameters<Records["entries"]>[0]) =>
      (await store.entries(filter, signal)).map(({ seq }) => seq);
    expect(await seqs({})).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await seqs({ after: 2 })).toEqual([3, 4, 5, 6]);
    expect(await seqs({ after: 2, limit: 2 })).toEqual([3, 4]);
    expect(await seqs({ incident: I1 })).toEqual([1, 3, 5]);
    expect(await seqs({ incident: I1, after: 1, limit: 1 })).toEqual([3]);
    expect(await seqs({ after: 6 })).toEqual([]);
    expect(await seqs({ limit: 0 })).toEqual([]);
  });
}

/** What the core decides on after a start: the fold of the journal. */
export function worldContract(open: Open): void {
  it("is the fold of the journal, whatever happened", async () => {
    await fc.assert(
      fc.asyncProperty(histories(), async (calls) => {
        const store = await open();
        for (const commits of calls) {
          expect(await store.commit(commits, signal)).toEqual({ kind: "written" });
          const entries = await store.entries({}, signal);
          expect(await store.load(signal)).toEqual(fold(entries));
        }
        const written = calls.flat().map(({ entry }) => throughJson(entry));
        expect(await store.entries({}, signal)).toEqual(written);
      }),
      { numRuns: 40 },
    );
  });

  it("keeps an ended row for as long as a safeguard looks back, to the millisecond", async () => {
    const store = await open();
    const end = 10_000;
    const changes: Change[] = [
      { table: "incidents", row: anIncident("i1", { closedAt: end }) },
      { table: "attempts", row: anAttempt("i1.1", { endedAt: end }) },
      { table: "leases", row: aLease("l1", { state: "ended", until: end }) },
      { table: "leases", row: aLease("l2", { state: "ending", until: end }) },
    ];
    await store.commit([aCommit(1, changes, { at: end + KEEP_MS })], signal);
    expect(await kept(store)).toEqual(["i1", "i1.1", "l1", "l2"]);
    await store.commit([aCommit(2, [], { at: end + KEEP_MS + 1 })], signal);
    expect(await kept(store)).toEqual(["l2"]);
    // A clock that was set back does not bring back what was forgotten.
    await store.commit([aCommit(3, [], { at: end })], signal);
    expect(await kept(store)).toEqual(["l2"]);
  });

  it("keeps a row that came back, which is not ended any more", async () => {
    const store = await open();
    const end = 10_000;
    const row = (more: object): Change => ({
      table: "incidents",
      row: { ...anIncident("i1", { closedAt: end, ending: "resolved" }), ...more },
    });
    const back = { closedAt: null, ending: null };
    await store.commit([aCommit(1, [row({})], { at: end })], signal);
    await store.commit([aCommit(2, [row(back)], { at: end + 1 })], signal);
    await store.commit([aCommit(3, [], { at: end + 2 * KEEP_MS })], signal);
    expect((await store.load(signal)).incidents["i1"]).toMatchObject(back);
    expect(await store.incidents(9, signal)).toMatchObject([back]);
  });

  it("has its rows in the order in which they were first written, as in memory", async () => {
    const store = await open();
    const ids = ["z", "a", "m"];
    const timers = ids.map((id): Change => ({
      table: "timers",
      id: aTimer(id).id,
      row: aTimer(id),
    }));
    const incidents = ids.map((id): Change => ({ table: "incidents", row: anIncident(id) }));
    const again: Change[] = [
      { table: "timers", id: aTimer("a").id, row: null },
      { table: "timers", id: aTimer("a").id, row: aTimer("a") },
      { table: "incidents", row: anIncident("z", { cause: "crashed" }) },
    ];
    await store.commit([aCommit(1, [...timers, ...incidents]), aCommit(2, again)], signal);
    const world = await store.load(signal);
    expect(Object.keys(world.timers)).toEqual(["z", "m", "a"]);
    expect(Object.keys(world.incidents)).toEqual(["z", "a", "m"]);
  });
}

async function kept(store: Store): Promise<readonly string[]> {
  const { incidents, attempts, leases } = await store.load(signal);
  return [incidents, attempts, leases].flatMap((rows) => Object.keys(rows));
}
