import { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { migrate, type Migration, readMigrations, versionOf } from "./migrations.ts";

const SHIPPED = readMigrations();
const NEXT: Migration = {
  number: SHIPPED.length + 1,
  name: "next.sql",
  sql: "ALTER TABLE incidents ADD COLUMN owner TEXT; UPDATE incidents SET owner = 'ann'",
};

describe("migrations", () => {
  it("are numbered from one without a gap and begin with the journal", () => {
    expect(SHIPPED.map(({ number }) => number)).toEqual(SHIPPED.map((_, index) => index + 1));
    expect(SHIPPED[0]?.name).toBe("0001-journal.sql");
  });

  it("take a file of an older version forward with its rows, and only once", () => {
    const db = fileAt(SHIPPED);
    expect(versionOf(db)).toBe(SHIPPED.length);
    migrate(db, [...SHIPPED, NEXT]);
    migrate(db, [...SHIPPED, NEXT]);
    expect(versionOf(db)).toBe(NEXT.number);
    expect(db.prepare("SELECT id, owner FROM incidents").all()).toMatchObject([
      { id: "i1", owner: "ann" },
    ]);
  });

  it("leave the older version whole when a step fails in its middle", () => {
    const db = fileAt(SHIPPED);
    const broken = { ...NEXT, sql: `${NEXT.sql}; INSERT INTO nowhere VALUES (1)` };
    expect(() => migrate(db, [...SHIPPED, broken])).toThrow("nowhere");
    expect(versionOf(db)).toBe(SHIPPED.length);
    expect(db.isTransaction).toBe(false);
    expect(() => db.prepare("SELECT owner FROM incidents")).toThrow("owner");
    migrate(db, [...SHIPPED, NEXT]);
    expect(versionOf(db)).toBe(NEXT.number);
  });
});

function fileAt(migrations: readonly Migration[]): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  migrate(db, migrations);
  db.exec(`INSERT INTO journal (seq, at, event_id, incident, type, body) VALUES (1, 0, 'e', 'i1', 'start', '{}');
    INSERT INTO incidents (id, seq, kind, target, opened_at, body) VALUES ('i1', 1, 'k', 't', 0, '{}')`);
  return db;
}
