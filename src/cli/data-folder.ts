import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Io } from "./io.ts";

/** Where `npm start` without a configuration keeps its books. */
export const TWIN_FOLDER = join(".signalman", "twin");

/**
 * The data folder of a command that reads books or pauses: the option, else SIGNALMAN_DATA, else the volume on
 * Railway, else `.signalman` here; the twin's when only that exists.
 */
export function dataFolder(io: Io, option: string | undefined): string {
  const named = option ?? io.env["SIGNALMAN_DATA"] ?? io.env["RAILWAY_VOLUME_MOUNT_PATH"];
  if (named !== undefined && named !== "") return resolve(io.cwd, named);
  const own = resolve(io.cwd, ".signalman");
  const twin = resolve(io.cwd, TWIN_FOLDER);
  return !existsSync(join(own, "journal.db")) && existsSync(twin) ? twin : own;
}
