import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { inForce, lay, type Laid, lift, partsOf, type Pause, together } from "../domain/pause.ts";
import type { Instant } from "../domain/time.ts";

const One = z.object({
  by: z.string().min(1),
  since: z.number(),
  target: z.string().nullable(),
  includingUndo: z.boolean(),
  until: z.number().exactOptional(),
});
/** Several stand in a list, which an older Signalman cannot understand: it then holds everything. */
const Written = z.union([One.transform((one) => [one]), z.array(One).min(1)]);

/**
 * A pause is a file, because a file works when the database, Railway, Slack and the daemon itself do not. An
 * empty file made with `touch paused` is a pause of everything.
 */
export function pausePath(folder: string): string {
  return join(folder, "paused");
}

/**
 * The pause in force, or null. A file that cannot be understood is a pause: doubt means hands off. One whose time is over stays where
 * it is, because removing it could remove a newer one.
 */
export function readPause(folder: string, byEnvironment: boolean, now: Instant): Pause | null {
  const written = inForce(readFile(folder), now);
  if (!byEnvironment) return written;
  const everything = { by: "SIGNALMAN_PAUSED", since: 0, target: null, includingUndo: false };
  // Neither narrows the other.
  return together([everything, ...partsOf(written).filter((one) => one.includingUndo)]);
}

function readFile(folder: string): Pause | null {
  const path = pausePath(folder);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    return {
      by: `the file ${path}, which cannot be read`,
      since: 0,
      target: null,
      includingUndo: false,
    };
  }
  const written = Written.safeParse(parse(text));
  if (written.success) return together(written.data);
  return { by: `the file ${path}`, since: since(path), target: null, includingUndo: false };
}

/** Pauses what is wanted, beside or instead of what stood (`was`); nothing that stood loses a part in silence. */
export function layPause(
  folder: string,
  wanted: Pause,
  now: Instant,
): Laid & { readonly was: Pause | null } {
  mkdirSync(folder, { recursive: true });
  return inTurn(folder, () => {
    const was = inForce(readFile(folder), now);
    const laid = lay(was, wanted);
    if (laid.meeting !== "stands") writePause(folder, laid.pause);
    return { ...laid, was };
  });
}

function writePause(folder: string, pause: Pause): void {
  const path = pausePath(folder);
  // Renamed into place, so that nobody reads half a file; the daemon and a command may both be writing.
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(single(pause))}\n`);
  renameSync(draft, path);
}

function single(pause: Pause): Pause | readonly Pause[] {
  const parts = partsOf(pause);
  return parts.length === 1 ? pause : parts;
}

/** Ends what is paused; `target`: only what is paused under its name. */
export function removePause(
  folder: string,
  now: Instant,
  target: string | null = null,
): ReturnType<typeof lift> {
  return inTurn(folder, () => {
    const ended = lift(readPause(folder, false, now), target);
    if (ended.left === null) rmSync(pausePath(folder), { force: true });
    else if (ended.lifted !== null) writePause(folder, ended.left);
    return ended;
  });
}

/**
 * One at a time reads and rewrites the pauses, or of two people who pause at the same moment one would be told that it is done, and it
 * is not. Who comes second waits for a moment; what is left by a process that was killed is taken over, because a pause must work.
 */
function inTurn<T>(folder: string, rewrite: () => T): T {
  const turn = `${pausePath(folder)}.turn`;
  for (let waited = 0; waited < TURN_MS_MAX && !isTaken(turn); waited += TURN_AGAIN_MS)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TURN_AGAIN_MS);
  try {
    return rewrite();
  } finally {
    rmSync(turn, { recursive: true, force: true });
  }
}

/** True when it is ours now; also where the folder is not there or not to be written, which the rewriting itself tells better. */
function isTaken(turn: string): boolean {
  try {
    mkdirSync(turn);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EEXIST";
  }
}

/** Rewriting takes less than a millisecond; a pause is promised within a second. */
const TURN_MS_MAX = 300;
const TURN_AGAIN_MS = 5;

function since(path: string): number {
  try {
    return Math.floor(statSync(path).mtimeMs);
  } catch {
    return 0;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
