import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Command, CommanderError } from "commander";
import { onTestFinished } from "vitest";

import type { Io } from "./io.ts";
import { openSqliteStore } from "../storage/sqlite/index.ts";
import type { Theatre } from "../../test/support/theatre.ts";
import { write } from "../report/story.fixture.ts";

/** What a person sees of one command. */
export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** An empty folder that goes with the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "signalman-books-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Real books on the disk, with everything that was played. */
export async function booksOnDisk(
  theatre: Pick<Theatre, "entries"> | null,
  made = folder(),
): Promise<string> {
  const opened = await openSqliteStore({ folder: made });
  if (opened.kind !== "open") throw new Error(`no store: ${opened.kind}`);
  if (theatre !== null) await write(theatre, opened.store);
  await opened.store.close();
  return made;
}

/** Runs one command line as `main` would: usage errors are 2. */
export async function run(
  register: (program: Command, io: Io) => void,
  args: readonly string[],
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  let code = 0;
  const io: Io = {
    env: {},
    cwd: tmpdir(),
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    exit: (given) => {
      code = given;
    },
  };
  const program = new Command("signalman").exitOverride().configureOutput({
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void err.push(text),
  });
  register(program, io);
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode === 0 ? 0 : 2;
  }
  return { out: out.join("\n"), err: err.join("\n"), code };
}
