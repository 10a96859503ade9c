import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import { chainOldEntries } from "./chaining.ts";

/** One step forward. Number n takes a file of version n-1 to version n. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** What SQL cannot say, after it and in the same transaction. */
  readonly finish?: (db: DatabaseSync) => void;
}

const FINISH: Readonly<Record<number, (db: DatabaseSync) => void>> = { 2: chainOldEntries };

/** The shipped migrations, `sql/0001-….sql` and on, without a gap. Throws when the folder is not so. */
export function readMigrations(): readonly Migration[] {
  const folder = new URL("./sql/", import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name, index) => {
    const number = Number(name.slice(0, 4));
    if (number !== index + 1) throw new Error(`migration ${name} does not follow the one before`);
    const sql = readFileSync(new URL(name, folder), "utf8");
    const finish = FINISH[number];
    return { number, name, sql, ...(finish === undefined ? {} : { finish }) };
  });
}

/** The version the file is at: the number of the last migration, 0 for an empty file. */
export function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/**
 * Takes the file forward, each step with its number in one transaction, so that a crash leaves a whole
 * version. Never backward: the caller refuses a newer file before. SQLite's errors are thrown.
 */
export function migrate(db: DatabaseSync, migrations: readonly Migration[]): void {
  const version = versionOf(db);
  for (const { number, sql, finish } of migrations.filter((step) => step.number > version)) {
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(sql);
      finish?.(db);
      db.exec(`PRAGMA user_version = ${number}`);
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }
}
