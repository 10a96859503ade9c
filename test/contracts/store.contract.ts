import { afterEach, describe, expect, it } from "vitest";

import { EMPTY_WORLD } from "../../src/domain/apply.ts";
import { linkOf, NO_HASH } from "../../src/domain/chain.ts";
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
import { type Open, recordsContract, worldContract } from "./store.reading.ts";

/** A new, empty store of the adapter under test, and what removes it. */
export type Fresh = () => Promise<{
  readonly store: Store & Records;
  readonly remove: () => Promise<void>;
}>;

const signal = new AbortController().signal;
const I1 = "i1" as IncidentId;

/** What every store must do. Adapters run it with their own way to open an empty one. */
export function storeContract(adapter: string, fresh: Fresh): void {
  describe(`store: ${adapter}`, () => {
    const opened: { remove(): Promise<void> }[] = [];
    const open = async (): Promise<Store & Records> => {
      const made = await fresh();
      opened.push(made);
      return made.store;
    };
    afterEach(async () => {
      for (const made of opened.splice(0)) await made.remove();
    });

    describe("commits", () => writing(open));
    describe("notices", () => notices(open));
    describe("records", () => recordsContract(open));
    describe("the world", () => worldContract(open));
  });
}

function writing(open: Open): void {
  it("begins empty", async () => {
    const store = await open();
    expect(await store.load(signal)).toEqual(EMPTY_WORLD);
    expect(await store.entries({}, signal)).toEqual([]);
    expect(await store.undelivered(10, signal)).toEqual([]);
    expect(await store.commit([], signal)).toEqual({ kind: "written" });
  });

  it("writes several events in one call, in order", async () => {
    const store = await open();
    const commits = [aCommit(1, ALL), aCommit(2, [{ table: "timers", id: TIMER.id, row: null }])];
    expect(await store.commit(commits, signal)).toEqual({ kind: "written" });
    expect(await store.entries({}, signal)).toEqual(commits.map(({ entry }) => entry));
    const world = await store.load(signal);
    expect(world).toMatchObject({ seq: 2, timers: {}, marks: { notices: 3 } });
    expect(Object.keys(world.incidents)).toEqual(["i1"]);
  });

  it("chains each entry to the one before it, in one call or several", async () => {
    const store = await open();
    expect(await store.head(signal)).toBeNull();
    const odd = "\u0000 \ud83d\ude00 \ud800";
    const commits = [
      aCommit(1, ALL, { incident: "i1" }),
      aCommit(2, [], { event: odd }),
      aCommit(3),
    ];
    await store.commit(commits.slice(0, 2), signal);
    await store.commit([aCommit(3, [], { event: odd })], signal);
    await expect(store.commit([aCommit(4)], signal)).rejects.toThrow();
    await store.commit(commits.slice(2), signal);
    const hash = commits.reduce((previous, { entry }) => {
      const { seq, at, event, decision } = entry;
      const body = JSON.stringify(entry);
      return linkOf(previous, [seq, at, event.id, decision.incident, event.type, body]);
    }, NO_HASH);
    expect(await store.head(signal)).toEqual({ seq: 3, at: 3_000, hash });
  });

  it("refuses a repeated event and writes nothing of the call", async () => {
    const store = await open();
    await store.commit([aCommit(1)], signal);
    const before = await everything(store);
    const again = [aCommit(2, ALL), aCommit(3, [], { event: "event-1" })];
    expect(await store.commit(again, signal)).toEqual({ kind: "duplicate" });
    expect(await store.commit([aCommit(1)], signal)).toEqual({ kind: "duplicate" });
    const twice = [aCommit(2, ALL, { event: "e" }), aCommit(3, [], { event: "e" })];
    expect(await store.commit(twice, signal)).toEqual({ kind: "duplicate" });
    expect(await everything(store)).toEqual(before);
    expect(await store.commit([aCommit(2)], signal)).toEqual({ kind: "written" });
  });

  it.each([
    ["a gap", [aCommit(2, ALL), aCommit(4)]],
    ["a number that is taken", [aCommit(1, ALL, { event: "other" })]],
    ["a notice made twice", [aCommit(2, ALL), aCommit(3, [NOTICE])]],
    ["a notice made before", [aCommit(2, [{ table: "notices", row: aNotice("n0") }])]],
  ])("throws at %s and writes nothing", async (_case, commits) => {
    const store = await open();
    await store.commit([aCommit(1, [{ table: "notices", row: aNotice("n0") }])], signal);
    const before = await everything(store);
    await expect(store.commit(commits, signal)).rejects.toThrow();
    expect(await everything(store)).toEqual(before);
    expect(await store.commit([aCommit(2, ALL)], signal)).toEqual({ kind: "written" });
  });

  it("keeps what JSON keeps, exactly", async () => {
    const store = await open();
    const odd = "\u0000 'quoted' \"twice\" \\ \ud83d\ude00 \ud800 \u2028 ?1 :a";
    const incident = anIncident("i1", { cause: odd, openedAt: 1_661_140_279_123.5 });
    const attempt = anAttempt("i1.1", {
      plan: { nested: [{ deep: [null, -0.1, 1e300, 9_007_199_254_740_991, odd] }] },
    });
    const notice = aNotice("n1", { title: odd });
    const changes: Change[] = [
      { table: "incidents", row: incident },
      { table: "attempts", row: attempt },
      { table: "notices", row: notice },
    ];
    const commit = aCommit(1, changes, { event: odd, incident: "i1" });
    await store.commit([commit], signal);
    expect(await store.entries({ incident: I1 }, signal)).toEqual([throughJson(commit.entry)]);
    expect(await store.incident("i1", signal)).toEqual(throughJson(incident));
    expect(await store.attempts(I1, signal)).toEqual([throughJson(attempt)]);
    expect((await store.undelivered(1, signal))[0]?.notice).toEqual(throughJson(notice));
    expect(await store.commit([aCommit(2, [], { event: odd })], signal)).toEqual({
      kind: "duplicate",
    });
  });

  it("does not let the caller change what is stored", async () => {
    const store = await open();
    const symptoms = ["api"];
    await store.commit(
      [aCommit(1, [{ table: "incidents", row: anIncident("i1", { symptoms }) }])],
      signal,
    );
    symptoms.push("web");
    const read = await store.load(signal);
    expect(read.incidents["i1"]?.symptoms).toEqual(["api"]);
    expect(await store.load(signal)).not.toBe(read);
  });

  it("writes nothing for a caller that has given up", async () => {
    const store = await open();
    const given = AbortSignal.abort(new Error("given up"));
    await expect(store.commit([aCommit(1)], given)).rejects.toThrow("given up");
    await expect(store.load(given)).rejects.toThrow("given up");
    expect(await store.entries({}, signal)).toEqual([]);
  });

  it("fails after closing, which may be done twice", async () => {
    const store = await open();
    await store.commit([aCommit(1, ALL)], signal);
    await store.close();
    await store.close();
    const failed = { kind: "failed", problem: { code: "store-failed" } };
    expect(await store.commit([aCommit(2)], signal)).toMatchObject(failed);
    expect(await store.mark(aNotice("n1").id, "delivered", 1, signal)).toMatchObject(failed);
    await expect(store.load(signal)).rejects.toThrow();
    await expect(store.incidents(1, signal)).rejects.toThrow();
  });
}

function notices(open: Open): void {
  it("gives the undelivered in the order of their making, at most the limit", async () => {
    const store = await open();
    const ids = ["n9", "n1", "n5", "n3"];
    const made = ids.map((id): Change => ({ table: "notices", row: aNotice(id, { at: 5 }) }));
    await store.commit([aCommit(1, made.slice(0, 2)), aCommit(2, made.slice(2))], signal);
    const waiting = async (limit: number) =>
      (await store.undelivered(limit, signal)).map(({ notice }) => notice.id);
    expect(await waiting(10)).toEqual(ids);
    expect(await waiting(2)).toEqual(["n9", "n1"]);

    await store.mark(aNotice("n9").id, "delivered", 1, signal);
    await store.mark(aNotice("n5").id, "coalesced", 0, signal);
    await store.mark(aNotice("n1").id, "sending", 1, signal);
    expect(await waiting(10)).toEqual(["n1", "n3"]);
    expect(await store.undelivered(1, signal)).toEqual([
      { order: 2, notice: aNotice("n1", { at: 5 }), state: "sending", tries: 1 },
    ]);
    await store.mark(aNotice("n1").id, "pending", 1, signal);
    expect(await store.undelivered(1, signal)).toMatchObject([{ state: "pending", tries: 1 }]);
  });

  it("numbers them without a hole where a call was refused", async () => {
    const store = await open();
    const make = (id: string): Change => ({ table: "notices", row: aNotice(id) });
    await store.commit([aCommit(1, [make("n1")])], signal);
    await store.commit([aCommit(2, [make("n2")]), aCommit(3, [], { event: "event-1" })], signal);
    await store.commit([aCommit(2, [make("n3")])], signal);
    expect((await store.deliveries(I1, signal)).map(({ order }) => order)).toEqual([1, 2]);
  });

  it("throws at a mark of a notice that was never made", async () => {
    const store = await open();
    await expect(store.mark(aNotice("n1").id, "delivered", 1, signal)).rejects.toThrow("n1");
  });
}

const TIMER = aTimer("t1");
const NOTICE: Change = { table: "notices", row: aNotice("n1") };
const ALL: readonly Change[] = [
  { table: "incidents", row: anIncident("i1") },
  { table: "attempts", row: anAttempt("i1.1") },
  { table: "leases", row: aLease("l1") },
  { table: "timers", id: TIMER.id, row: TIMER },
  { table: "marks", row: { notices: 3 } },
  NOTICE,
];

async function everything(store: Store & Records): Promise<unknown> {
  return [
    await store.load(signal),
    await store.entries({}, signal),
    await store.incidents(100, signal),
    await store.attempts(I1, signal),
    await store.undelivered(100, signal),
  ];
}
