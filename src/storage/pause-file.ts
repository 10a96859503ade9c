import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { inForce, meet, type Meeting, type Pause } from "../domain/pause.ts";
import type { Instant } from "../domain/time.ts";

const Written = z.object({
  by: z.string().min(1),
  since: z.number(),
  target: z.string().nullable(),
  includingUndo: z.boolean(),
  until: z.number().exactOptional(),
});

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
  // Neither narrows the other.
  const includingUndo = written?.target === null && written.includingUndo;
  return { by: "SIGNALMAN_PAUSED", since: 0, target: null, includingUndo };
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
  if (written.success) return written.data;
  return { by: `the file ${path}`, since: since(path), target: null, includingUndo: false };
}

/**
 * Pauses what is wanted, unless a pause stands that does not let itself be replaced without losing something. `was` is the pause that
 * stood before; what `wider` replaces and what the others leave as it is.
 */
export function layPause(
  folder: string,
  wanted: Pause,
  now: Instant,
): { readonly meeting: Meeting; readonly was: Pause | null } {
  const was = inForce(readFile(folder), now);
  const meeting = meet(was, wanted);
  if (meeting === "new" || meeting === "wider") writePause(folder, wanted);
  return { meeting, was };
}

function writePause(folder: string, pause: Pause): void {
  mkdirSync(folder, { recursive: true });
  const path = pausePath(folder);
  // Renamed into place, so that nobody reads half a file; the daemon and a command may both be writing.
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(pause)}\n`);
  renameSync(draft, path);
}

/** The pause that was ended, or null. */
export function removePause(folder: string, now: Instant): Pause | null {
  const was = readPause(folder, false, now);
  rmSync(pausePath(folder), { force: true });
  return was;
}

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
