import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { aCommit } from "../../test/contracts/store.rows.ts";
import { linkOf } from "../domain/chain.ts";
import { booksOnDisk, folder, run } from "./reading.fixture.ts";
import {
  BOOKS,
  headAt,
  healed,
  LAST,
  makeBooks,
  MIDDLE,
  open,
  sql,
  tampered,
  verified,
} from "./verify.fixture.ts";
import { register } from "./verify.ts";

const NEVER = new AbortController().signal;

makeBooks();

describe("untouched books", () => {
  it("are as they were written, and so is what the report rests on", async () => {
    const { out, err, code } = await run(register, [
      "verify",
      BOOKS.incident.slice(0, 6),
      "--data",
      BOOKS.data,
    ]);
    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(out.split("\n")[0]).toBe("The books are as they were written.");
    expect(out).toContain(`${LAST} made again from what was recorded, the same\n`);
    expect(out).toMatch(/\n {2}report {5}\d\d sources, all there; one sample is kept no more/);
  });

  it("hold the heads that people have", async () => {
    const [middle, last] = [headAt(BOOKS.data, MIDDLE), headAt(BOOKS.data, LAST)];
    const result = await verified(
      BOOKS.data,
      "--head",
      `journal ${middle}`,
      "--head",
      last.toUpperCase(),
    );
    expect(result).toMatchObject({ ok: true, findings: [], heads: LAST });
    expect(result.given.map(({ seq }) => seq)).toEqual([MIDDLE, LAST]);
  });

  it("can be looked at while they are in use", async () => {
    const data = tampered(() => {});
    const { store } = await open(data);
    const ran = verified(data);
    expect(await store.commit([aCommit(LAST + 1)], NEVER)).toEqual({ kind: "written" });
    expect(await ran).toMatchObject({ ok: true });
    expect(await verified(data)).toMatchObject({ ok: true, heads: LAST + 1 });
    await store.close();
  });
});

describe("a changed entry is named, with the column", () => {
  it.each([
    ["at", MIDDLE, "UPDATE journal SET at = at + 1"],
    ["event_id", MIDDLE, "UPDATE journal SET event_id = event_id || 'x'"],
    ["incident", MIDDLE, "UPDATE journal SET incident = NULL"],
    ["type", MIDDLE, "UPDATE journal SET type = 'Verdict'"],
    ["type", LAST, "UPDATE journal SET type = CAST(type AS BLOB)"],
    ["hash", MIDDLE, "UPDATE journal SET hash = replace(hash, substr(hash, 9, 1), 'x')"],
    ["body", MIDDLE, "UPDATE journal SET body = substr(body, 2)"],
    ["body", 1, "UPDATE journal SET body = replace(body, 'version', 'versioN')"],
    ["body", LAST, "UPDATE journal SET body = replace(body, 'healthy', 'healthY')"],
    ["body", MIDDLE, "UPDATE journal SET body = CAST(CAST(body AS BLOB) || x'ff' AS TEXT)"],
  ])("%s of #%i: %s", async (column, seq, statement) => {
    const result = await verified(tampered(sql(`${statement} WHERE seq = ${seq}`)));
    const named = result.findings.filter(({ where }) => where.startsWith("journal."));
    expect(named).toMatchObject([{ seq, where: `journal.${column}` }]);
    expect(named[0]?.at).toBeGreaterThan(0);
  });

  it("its number", async () => {
    const { findings } = await verified(tampered(sql("UPDATE journal SET seq = 99 WHERE seq = 7")));
    expect(findings).toMatchObject([
      { seq: 7, where: "journal", text: expect.stringContaining("entry #7 is missing") },
      { seq: 19, where: "journal", text: expect.stringContaining("#19 to #98 are missing") },
      { seq: 99, where: "journal.seq", text: "says 99, the entry itself 7" },
    ]);
  });

  it("whichever byte of a body it is", async () => {
    for (let seq = 3; seq <= LAST; seq += 3) {
      const data = tampered((db) => {
        const set = db.prepare("UPDATE journal SET body = CAST(? AS TEXT) WHERE seq = ?");
        const row = db.prepare("SELECT body FROM journal WHERE seq = ?").get(seq);
        const bytes = Buffer.from(String(row?.["body"]));
        const place = (seq * 7_919) % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ 1;
        set.run(bytes, seq);
      });
      const { findings } = await verified(data);
      expect(findings.map((one) => one.seq)).toContain(seq);
      expect(findings.every((one) => one.seq === seq)).toBe(true);
    }
  });

  it("also with what its inputs lead to, where the decision was changed", async () => {
    const data = tampered(
      sql(`UPDATE journal SET body = replace(body, '"planned"', '"shadowed"')`),
    );
    const { out, code } = await run(register, ["verify", "--data", data]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^NOT as they were written: \d+ findings\.\n {2}#\d+ 2026-08-01 21:04:0\d\.\d{3} UTC journal\.body: .*decision\.changes\[\d\]\.row\.state says "shadowed", its recorded inputs lead to "planned"/,
    );
  });
});

describe("entries that are gone, moved or made up", () => {
  it.each([
    [
      "the tail",
      [`DELETE FROM journal WHERE seq > 14`],
      15,
      "#15 to #18 missing: the journal ends with #14",
    ],
    ["the last one", [`DELETE FROM journal WHERE seq = 18`], 18, "#18 missing"],
    ["all", [`DELETE FROM journal`], 1, "#1 to #18 missing"],
    ["one in the middle", [`DELETE FROM journal WHERE seq = 7`], 7, "entry #7 is missing"],
    ["the beginning", [`DELETE FROM journal WHERE seq < 4`], 1, "entries #1 to #3 are missing"],
    [
      "two that changed places",
      [
        `UPDATE journal SET seq = 99 WHERE seq = 7`,
        `UPDATE journal SET seq = 7 WHERE seq = 8`,
        `UPDATE journal SET seq = 8 WHERE seq = 99`,
      ],
      7,
      "says 7, the entry itself 8",
    ],
    [
      "one more",
      [
        `INSERT INTO journal SELECT 19, at, 'x', incident, type, body, hash FROM journal WHERE seq = 18`,
      ],
      19,
      "says 19, the entry itself 18",
    ],
    [
      "one before the first",
      [
        `INSERT INTO journal SELECT 0, at, 'x', incident, type, body, hash FROM journal WHERE seq = 18`,
      ],
      0,
      "no entry #0 can be",
    ],
  ])("%s", async (_case, statements, seq, text) => {
    const { findings, tablesChecked } = await verified(tampered(sql(...statements)));
    expect(findings).toContainEqual(
      expect.objectContaining({ seq, text: expect.stringContaining(text) }),
    );
    if (text.includes("missing: ")) expect(tablesChecked).toBe(true);
  });

  it("goes on to be known when the daemon has gone on over a tail that is gone", async () => {
    const data = tampered(
      sql("DELETE FROM journal WHERE seq > 14", "DELETE FROM notices WHERE ord > 2"),
    );
    const { store, alarms } = await open(data);
    expect(alarms).toEqual([
      expect.stringContaining("ends with entry 18, which is not in the journal"),
    ]);
    for (const seq of [15, 16, 17, 18, 19]) await store.commit([aCommit(seq)], NEVER);
    await store.close();
    const { findings } = await verified(data);
    expect(findings).toContainEqual(
      expect.objectContaining({
        seq: 15,
        text: expect.stringContaining("on (to #18) the journal is another than it was"),
      }),
    );
  });
});

/** Chains everything anew from this entry on, as somebody does who knows how. */
function rechain(db: DatabaseSync, from: number): void {
  const before = db.prepare("SELECT hash FROM journal WHERE seq = ?").get(from - 1);
  let hash = String(before?.["hash"] ?? "0".repeat(64));
  const rows = db.prepare("SELECT * FROM journal WHERE seq >= ? ORDER BY seq").all(from);
  for (const { hash: _, ...columns } of rows) {
    hash = linkOf(hash, Object.values(columns));
    db.prepare("UPDATE journal SET hash = ? WHERE seq = ?").run(hash, Number(columns["seq"]));
  }
}

function headsAnew(db: DatabaseSync, data: string): void {
  const rows = db.prepare("SELECT seq, at, hash FROM journal ORDER BY seq").all();
  const lines = rows.map(({ seq, at, hash }) => `${String(seq)}:${String(hash)} ${String(at)}\n`);
  writeFileSync(join(data, "heads.txt"), lines.join(""));
}

describe("a chain made anew", () => {
  const anew = (db: DatabaseSync): void => {
    db.exec(`UPDATE journal SET body = replace(body, 'spelling', 'x'), at = at + 1 WHERE seq = 7`);
    db.exec(
      `UPDATE journal SET body = replace(body, '"at":' || (at - 1), '"at":' || at) WHERE seq = 7`,
    );
    rechain(db, 7);
  };

  it("is known by the heads outside the journal, from the entry on that was changed", async () => {
    const { findings } = await verified(tampered(anew));
    expect(findings).toContainEqual(
      expect.objectContaining({
        seq: 7,
        where: "journal",
        text: expect.stringMatching(
          /^from #7 of 2026-08-01 .* on \(to #18\) the journal is another/,
        ),
      }),
    );
  });

  it("is known by a person's head, when those were made anew too", async () => {
    const [before, after] = [headAt(BOOKS.data, 6), headAt(BOOKS.data, LAST)];
    const data = tampered((db, data) => {
      db.exec(`UPDATE journal SET event_id = event_id || 'x' WHERE seq = 7`);
      db.exec(
        `UPDATE journal SET body = replace(body, '"event":{"id":"' || substr(event_id, 1, length(event_id) - 1), '"event":{"id":"' || event_id) WHERE seq = 7`,
      );
      rechain(db, 7);
      headsAnew(db, data);
    });
    // Who owns the whole folder can do that: an id that no decision depends on.
    expect(await verified(data)).toMatchObject({ ok: true });
    expect(await verified(data, "--head", before)).toMatchObject({ ok: true });
    const { findings } = await verified(data, "--head", after);
    expect(findings).toMatchObject([{ seq: LAST, where: `the head ${after}` }]);
  });

  it("is known by its decisions, when they do not follow from its inputs", async () => {
    const data = tampered((db, data) => {
      db.exec(
        `UPDATE journal SET body = replace(body, '"code":"effective"', '"code":"ineffective"')`,
      );
      rechain(db, 1);
      headsAnew(db, data);
    });
    const { findings } = await verified(data);
    expect(findings).toMatchObject([
      {
        seq: 14,
        where: "journal.body",
        text: expect.stringMatching(/^decision\.reasons.* "ineffective"/),
      },
    ]);
  });

  it("of the whole folder put back to an older day is known by a person's head only", async () => {
    const theatre = healed();
    const short = await booksOnDisk({ entries: theatre.entries.slice(0, 10) });
    expect(await verified(short)).toMatchObject({ ok: true, journal: { entries: 10 } });
    const { findings } = await verified(short, "--head", headAt(BOOKS.data, LAST));
    expect(findings).toMatchObject([
      { seq: LAST, text: expect.stringContaining("its tail is missing") },
    ]);
  });
});

it("answers no where there is nothing, and refuses what is no head", async () => {
  expect(await run(register, ["verify", "--data", folder()])).toMatchObject({ code: 1 });
  const wrong = await run(register, ["verify", "--head", "12:34", "--data", BOOKS.data]);
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("1234:9f2c41d07a3b") });
  expect((await run(register, ["verify", "--config", "no.yaml", "--data", BOOKS.data])).code).toBe(
    2,
  );
  const unknown = await run(register, ["verify", "zzz", "--data", BOOKS.data]);
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining("There is no incident") });
  expect(unknown.out).toContain("The books are as they were written.");
});
