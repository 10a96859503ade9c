import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

const Names = z.array(z.string());

/** Leaves the names of what is guarded beside the books, so that a command can tell a name nobody knows. */
export function writeTargetNames(folder: string, names: readonly string[]): void {
  const path = pathIn(folder);
  writeFileSync(`${path}.new`, `${JSON.stringify(names)}\n`);
  renameSync(`${path}.new`, path);
}

/** The names, or null where no daemon has left any: then nobody can tell. */
export function readTargetNames(folder: string): readonly string[] | null {
  try {
    return Names.parse(JSON.parse(readFileSync(pathIn(folder), "utf8")));
  } catch {
    return null;
  }
}

function pathIn(folder: string): string {
  return join(folder, "targets.json");
}
