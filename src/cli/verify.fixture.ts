import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { beforeAll, expect } from "vitest";

import type { Theatre } from "../../test/support/theatre.ts";
import type { Verification } from "../audit/verify.ts";
import { headText } from "../domain/chain.ts";
import { eventId } from "../domain/ids.ts";
import { PLAYS, stage } from "../report/story.fixture.ts";
import { openAudit } from "../storage/sqlite/audit.ts";
import { openSqliteStore } from "../storage/sqlite/index.ts";
import { VERSION } from "../version.ts";
import { booksOnDisk, folder, run } from "./reading.fixture.ts";
import { register } from "./verify.ts";

/** An entry in the middle that has an incident, and the last one. */
export const MIDDLE = 7;
export const LAST = 18;

/** An incident that heals, from a start that told its rules. */
export function healed(version = VERSION): Theatre {
  const theatre = stage();
  const { now: at, rules } = theatre;
  theatre.dispatch({ id: eventId("start", at, 1), at, cause: null, type: "start", version, rules });
  return PLAYS.healed(theatre);
}

/** Where untouched books lie, and the incident in them. */
export const BOOKS = { data: "", incident: "" };

/** To be called once in a file of tests. */
export function makeBooks(): void {
  beforeAll(async () => {
    const theatre = healed();
    expect(theatre.entries).toHaveLength(LAST);
    BOOKS.incident = theatre.incident.id;
    BOOKS.data = mkdtempSync(join(tmpdir(), "signalman-verify-"));
    await booksOnDisk(theatre, BOOKS.data);
    return () => rmSync(BOOKS.data, { recursive: true, force: true });
  });
}

/** A copy of the books, changed by somebody with the sqlite3 shell and an editor. */
export function tampered(tamper: (db: DatabaseSync, data: string) => void): string {
  const data = folder();
  cpSync(BOOKS.data, data, { recursive: true });
  change(data, tamper);
  return data;
}

function change(data: string, tamper: (db: DatabaseSync, data: string) => void): void {
  const db = new DatabaseSync(join(data, "journal.db"), { enableForeignKeyConstraints: false });
  // Nobody's power fails here.
  db.exec("PRAGMA synchronous = OFF");
  tamper(db, data);
  db.close();
}

export function sql(...statements: readonly string[]): (db: DatabaseSync) => void {
  return (db) => {
    for (const statement of statements) db.exec(statement);
  };
}

/** What `verify` says as JSON; its exit code is held to it. */
export async function verified(data: string, ...more: readonly string[]): Promise<Verification> {
  const { out, code } = await run(register, ["verify", "--json", "--data", data, ...more]);
  const result = JSON.parse(out) as Verification;
  expect(code).toBe(result.ok ? 0 : 1);
  return result;
}

/** The books as their owner has them, and what the opening said aloud. */
export async function open(data: string) {
  const alarms: string[] = [];
  const opened = await openSqliteStore({ folder: data, alarm: (text) => alarms.push(text) });
  if (opened.kind !== "open") throw new Error(opened.kind);
  return { store: opened.store, alarms };
}

/** The head that a message showed when this entry was the last. */
export function headAt(data: string, seq: number): string {
  const opened = openAudit({ folder: data });
  if (opened.kind !== "open") throw new Error(opened.kind);
  const head = opened.audit.at(seq);
  opened.audit.close();
  if (head === null) throw new Error(`no entry ${seq}`);
  return headText(head);
}
