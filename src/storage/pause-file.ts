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
  const was = inForce(readFile(folder), now);
  const laid = lay(was, wanted);
  if (laid.meeting !== "stands") writePause(folder, laid.pause);
  return { ...laid, was };
}

function writePause(folder: string, pause: Pause): void {
  mkdirSync(folder, { recursive: true });
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
  const ended = lift(readPause(folder, false, now), target);
  if (ended.left === null) rmSync(pausePath(folder), { force: true });
  else if (ended.lifted !== null) writePause(folder, ended.left);
  return ended;
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
