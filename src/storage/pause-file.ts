import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { Pause } from "../domain/event.ts";

const Written = z.object({
  by: z.string().min(1),
  since: z.number(),
  target: z.string().nullable(),
  includingUndo: z.boolean(),
});

/**
 * A pause is a file, because a file works when the database, Railway, Slack and the daemon itself do not. An
 * empty file made with `touch paused` is a pause of everything.
 */
export function pausePath(folder: string): string {
  return join(folder, "paused");
}

/** The pause in force, or null. A file that cannot be understood is a pause: doubt means hands off. */
export function readPause(folder: string, byEnvironment: boolean): Pause | null {
  if (byEnvironment)
    return { by: "SIGNALMAN_PAUSED", since: 0, target: null, includingUndo: false };
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

export function writePause(folder: string, pause: Pause): void {
  mkdirSync(folder, { recursive: true });
  const path = pausePath(folder);
  // Renamed into place, so that nobody reads half a file.
  writeFileSync(`${path}.new`, `${JSON.stringify(pause)}\n`);
  renameSync(`${path}.new`, path);
}

/** True when there was a pause to end. */
export function removePause(folder: string): boolean {
  const path = pausePath(folder);
  const existed = readPause(folder, false) !== null;
  rmSync(path, { force: true });
  return existed;
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
