import { apply, EMPTY_WORLD } from "../../domain/apply.ts";
import type { Attempt } from "../../domain/attempt.ts";
import { type Head, linkOf, NO_HASH } from "../../domain/chain.ts";
import type { Incident } from "../../domain/incident.ts";
import type { Delivery, Notice } from "../../domain/notice.ts";
import { problem } from "../../domain/problem.ts";
import type { Change, Entry, World } from "../../domain/world.ts";
import type { Commit, CommitResult, Records, Store } from "../../ports/store.ts";
import { assertFollows } from "../order.ts";

/** What is kept. Rows are JSON texts, so that nothing survives here that would not survive on a disk. */
interface Books {
  readonly entries: string[];
  readonly events: Set<string>;
  readonly incidents: Map<string, string>;
  readonly attempts: Map<string, string>;
  /** By notice id, in the order of their making. */
  readonly notices: Map<string, string>;
  /** Those of them that are on their way, in the same order. */
  readonly waiting: Set<string>;
  world: World;
  head: Head | null;
}

/**
 * The books in memory, for tests and replay: same answers as the SQLite store, gone with the process.
 * `commit` and `mark` throw on programmer errors (a gap in the journal, a notice made twice or unknown).
 */
export function createMemoryStore(): Store & Records {
  const books: Books = {
    entries: [],
    events: new Set(),
    incidents: new Map(),
    attempts: new Map(),
    notices: new Map(),
    waiting: new Set(),
    world: EMPTY_WORLD,
    head: null,
  };
  let closed = false;
  const open = (signal: AbortSignal): Books => {
    signal.throwIfAborted();
    if (closed) throw new Error("the store is closed");
    return books;
  };

  return {
    async load(signal) {
      return parse(JSON.stringify(open(signal).world)) as World;
    },
    async commit(commits, signal) {
      signal.throwIfAborted();
      return closed ? FAILED : write(books, commits);
    },
    async head(signal) {
      return open(signal).head;
    },
    async undelivered(limit, signal) {
      const { notices, waiting } = open(signal);
      const ids = [...waiting].slice(0, limit);
      return ids.flatMap((id) => parse(notices.get(id) ?? "[]") as Delivery | []);
    },
    async mark(notice, state, tries, signal) {
      signal.throwIfAborted();
      if (closed) return FAILED;
      const row = books.notices.get(notice);
      if (row === undefined) throw new Error(`no notice ${notice} to mark`);
      const marked: Delivery = { ...(parse(row) as Delivery), state, tries };
      books.notices.set(notice, JSON.stringify(marked));
      if (!isOnItsWay(marked)) books.waiting.delete(notice);
      return { kind: "written" };
    },
    async incidents(limit, signal) {
      return newestFirst([...open(signal).incidents.values()].map(parse) as Incident[]).slice(
        0,
        limit,
      );
    },
    async incident(idOrPrefix, signal) {
      return findIncident(open(signal).incidents, idOrPrefix);
    },
    async attempts(incident, signal) {
      const rows = [...open(signal).attempts.values()].map(parse) as Attempt[];
      return rows.filter((attempt) => attempt.incident === incident);
    },
    async deliveries(incident, signal) {
      return deliveries(open(signal)).filter(({ notice }) => notice.incident === incident);
    },
    async entries({ incident, after = 0, limit = Infinity }, signal) {
      const later = open(signal).entries.slice(Math.max(0, after)).map(parse) as Entry[];
      return later
        .filter((entry) => incident === undefined || entry.decision.incident === incident)
        .slice(0, limit);
    },
    async close() {
      closed = true;
    },
  };
}

const FAILED: CommitResult = {
  kind: "failed",
  problem: problem("store-failed", "the store is closed"),
};

/** All or nothing: everything that can fail happens before the first change. */
function write(books: Books, commits: readonly Commit[]): CommitResult {
  const ids = commits.map(({ entry }) => entry.event.id);
  if (new Set(ids).size < ids.length || ids.some((id) => books.events.has(id))) {
    return { kind: "duplicate" };
  }
  assertFollows(books.entries.length, commits);
  const rows = commits.map((commit) => JSON.stringify(commit));
  const copies = rows.map(parse) as Commit[];
  assertNewNotices(
    books,
    copies.flatMap(({ changes }) => changes),
  );

  for (const { entry, changes } of copies) {
    books.world = apply(books.world, entry.seq, entry.at, changes);
    for (const change of changes) put(books, change);
    const body = JSON.stringify(entry);
    books.entries.push(body);
    const { seq, at, event, decision } = entry;
    const columns = [seq, at, event.id, decision.incident, event.type, body];
    books.head = { seq, at, hash: linkOf(books.head?.hash ?? NO_HASH, columns) };
    books.events.add(entry.event.id);
  }
  return { kind: "written" };
}

function assertNewNotices(books: Books, changes: readonly Change[]): void {
  const seen = new Set<string>();
  for (const change of changes) {
    if (change.table !== "notices") continue;
    const { id } = change.row;
    if (seen.has(id) || books.notices.has(id)) throw new Error(`notice ${id} was made twice`);
    seen.add(id);
  }
}

/** Kept for people, and never forgotten. Leases, timers and marks live in the world only. */
function put(books: Books, change: Change): void {
  if (change.table === "incidents") {
    books.incidents.set(change.row.id, JSON.stringify(change.row));
  } else if (change.table === "attempts") {
    books.attempts.set(change.row.id, JSON.stringify(change.row));
  } else if (change.table === "notices") {
    books.notices.set(change.row.id, JSON.stringify(pending(change.row, books.notices.size + 1)));
    books.waiting.add(change.row.id);
  }
}

function pending(notice: Notice, order: number): Delivery {
  return { order, notice, state: "pending", tries: 0 };
}

function deliveries(books: Books): readonly Delivery[] {
  return [...books.notices.values()].map(parse) as Delivery[];
}

function isOnItsWay(delivery: Delivery): boolean {
  return delivery.state === "pending" || delivery.state === "sending";
}

/** Of two that opened in the same moment, the one written later comes first. */
function newestFirst(incidents: readonly Incident[]): readonly Incident[] {
  return incidents.toReversed().sort((a, b) => b.openedAt - a.openedAt);
}

function findIncident(rows: ReadonlyMap<string, string>, idOrPrefix: string): Incident | null {
  const exact = rows.get(idOrPrefix);
  if (exact !== undefined) return parse(exact) as Incident;
  if (idOrPrefix === "") return null;
  const ids = [...rows.keys()].filter((id) => id.startsWith(idOrPrefix));
  const [row] = ids.length === 1 ? ids.flatMap((id) => rows.get(id) ?? []) : [];
  return row === undefined ? null : (parse(row) as Incident);
}

function parse(text: string): unknown {
  return JSON.parse(text);
}
