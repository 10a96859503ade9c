import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { PLAYS } from "../report/story.fixture.ts";
import { booksOnDisk, run } from "./reading.fixture.ts";
import {
  BOOKS,
  headAt,
  healed,
  LAST,
  makeBooks,
  open,
  sql,
  tampered,
  verified,
} from "./verify.fixture.ts";
import { register } from "./verify.ts";

makeBooks();

describe("tables beside the journal", () => {
  it.each([
    [
      "UPDATE incidents SET closed_at = NULL",
      /^incidents \w+\.closed_at$/,
      "the journal says 17856",
    ],
    [
      `UPDATE incidents SET body = replace(body, '"resolved"', '"attached"')`,
      /^incidents \w+\.body\.snapshot\.value$/,
      `"attached", the journal says "resolved"`,
    ],
    [
      "UPDATE attempts SET state = 'effectivE' WHERE place = 3",
      /^attempts .*\.state$/,
      "effectivE",
    ],
    ["UPDATE attempts SET seq = seq - 1 WHERE place = 3", /^attempts /, "wrote it later"],
    ["UPDATE attempts SET seq = 18 WHERE place = 3", /^attempts /, "entry #18 did not write it"],
    ["UPDATE attempts SET place = 99 WHERE place = 1", /^attempts$/, "another order"],
    ["DELETE FROM leases", /^leases .+/, "is missing"],
    [
      "INSERT INTO leases (id, seq, state, body) VALUES ('x', 3, 'ended', '{}')",
      /^leases x$/,
      "entry #3 did not write it",
    ],
    [
      "UPDATE marks SET body = '5' WHERE key = 'notices' OR key = 'openings'",
      /^marks openings/,
      "5, the journal says",
    ],
    [
      "INSERT INTO timers (id, seq, due, body) VALUES ('t', 3, 1, '{')",
      /^timers t/,
      "did not write it",
    ],
    [
      "UPDATE notices SET body = replace(body, 'Resolved', 'Rejected')",
      /^notices .*\.body\.title$/,
      "Rejected",
    ],
    ["DELETE FROM notices WHERE ord = 2", /^notices .+/, "is missing"],
    [
      "INSERT INTO notices SELECT 99, 'x', incident, state, tries, body FROM notices WHERE ord = 1",
      /^notices x$/,
      "by no entry",
    ],
  ])("%s", async (statement, where, text) => {
    const { findings } = await verified(tampered(sql(statement)));
    expect(findings).toContainEqual(
      expect.objectContaining({
        where: expect.stringMatching(where),
        text: expect.stringContaining(text),
      }),
    );
    expect(findings.some((one) => one.where.startsWith("journal"))).toBe(false);
  });
});

describe("heads beside the journal", () => {
  const edited =
    (edit: (lines: string[]) => readonly string[]) => (_: DatabaseSync, data: string) => {
      const file = join(data, "heads.txt");
      writeFileSync(file, edit(readFileSync(file, "utf8").split("\n")).join("\n"));
    };

  it.each([
    [
      "another hash",
      edited((lines) => lines.with(6, `7:${"a".repeat(64)} 5`)),
      7,
      "was changed for #7",
    ],
    [
      "another time",
      edited((lines) => lines.with(6, (lines[6] ?? "").replace(/ \d+/, " 5"))),
      7,
      "says 1970",
    ],
    ["a line less", edited((lines) => lines.toSpliced(6, 1)), 7, "the line for #7 is missing"],
    ["no line", edited((lines) => lines.with(6, "hello")), null, "is no head"],
    [
      "no file",
      (_: DatabaseSync, data: string) => rmSync(join(data, "heads.txt")),
      null,
      "is not there",
    ],
  ])("%s", async (_case, tamper, seq, text) => {
    const { findings } = await verified(tampered(tamper));
    expect(findings[0]).toMatchObject({ seq, text: expect.stringContaining(text) });
    expect(findings[0]?.where).toMatch(/^heads\.txt/);
  });

  it("are made up for by the next start, after a crash in the middle of a line", async () => {
    const data = tampered(edited((lines) => [...lines.slice(0, 9), (lines[9] ?? "").slice(0, 20)]));
    const { store } = await open(data);
    await store.close();
    expect(await verified(data)).toMatchObject({ ok: true, heads: LAST });
    expect(readFileSync(join(data, "heads.txt"), "utf8")).toBe(
      readFileSync(join(BOOKS.data, "heads.txt"), "utf8"),
    );
  });
});

describe("checkpoints", () => {
  /** As it was before there was a chain. */
  const old = (db: DatabaseSync, data: string): void => {
    db.exec(
      "ALTER TABLE journal DROP COLUMN hash; DROP TABLE checkpoints; PRAGMA user_version = 1",
    );
    rmSync(join(data, "heads.txt"));
  };
  it("say that a journal from before the chain was chained at the update", async () => {
    const data = tampered(old);
    const { err, code } = await run(register, ["verify", "--data", data]);
    expect({ err, code }).toEqual({
      err: expect.stringContaining("start the daemon once"),
      code: 1,
    });
    const { store, alarms } = await open(data);
    await store.close();
    expect(alarms).toEqual([]);
    const chained = await verified(data);
    expect(chained).toMatchObject({
      ok: true,
      journal: { chainedLater: { seq: LAST } },
      heads: LAST,
    });
    expect(headAt(data, LAST)).toBe(headAt(BOOKS.data, LAST));
    const { out } = await run(register, ["verify", "--data", data]);
    expect(out).toContain("up to #18 it was written before there was a chain");
  });

  it.each([
    ["UPDATE checkpoints SET hash = replace(hash, 'a', 'b')", "checkpoints 18.hash"],
    ["UPDATE checkpoints SET at = at + 1", "checkpoints 18.at"],
    ["UPDATE checkpoints SET seq = 19", "checkpoints 19"],
    ["UPDATE checkpoints SET cause = 'prunEd'", "checkpoints 18.cause"],
  ])("are compared with their entries: %s", async (statement, where) => {
    const checkpoint =
      "INSERT INTO checkpoints SELECT seq, at, hash, 'migrated' FROM journal WHERE seq = 18";
    expect(await verified(tampered(sql(checkpoint)))).toMatchObject({ ok: true });
    const { findings } = await verified(tampered(sql(checkpoint, statement)));
    expect(findings).toMatchObject([{ seq: Number(/\d+/.exec(where)), where }]);
  });

  it("let a chain begin later, when they say that the rest was removed", async () => {
    const prune = [
      "INSERT INTO checkpoints SELECT seq, at, hash, 'pruned' FROM journal WHERE seq = 5",
      "DELETE FROM journal WHERE seq <= 5",
    ];
    const result = await verified(tampered(sql(...prune)));
    expect(result).toMatchObject({
      ok: true,
      journal: { pruned: { seq: 5 } },
      tablesChecked: false,
    });
    const other = sql(...prune, "UPDATE checkpoints SET hash = replace(hash, 'a', 'b')");
    expect((await verified(tampered(other))).findings).toMatchObject([{ seq: 6 }]);
  });
});

describe("decisions", () => {
  it("of another version may differ, and are said to", async () => {
    const theatre = healed("0.0.1");
    const data = await booksOnDisk(theatre);
    expect(await verified(data)).toMatchObject({ ok: true, decisions: { same: LAST } });
    const changed = theatre.entries.map((entry) => ({
      ...entry,
      decision: { ...entry.decision, reasons: [] },
    }));
    const other = await booksOnDisk({ entries: changed });
    const { ok, decisions } = await verified(other);
    expect({ ok, none: decisions.otherVersion > 5 }).toEqual({ ok: true, none: true });
  });

  it("are not made again without their configuration, and that is said", async () => {
    const { out, code } = await run(register, [
      "verify",
      "--data",
      await booksOnDisk(PLAYS.healed()),
    ]);
    expect(code).toBe(0);
    expect(out).toContain("17 not: the journal does not hold their configuration");
  });
});
