import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";

import { partsOf } from "../domain/pause.ts";
import { layPause, pausePath, readPause } from "./pause-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "signalman-pause-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ROUNDS = 40;
const PEOPLE = ["api", "postgres", "redis"];

/** Pauses its own target in each round, in the same moment as the others do. */
const SCRIPT = `
const [module, folder, target, begin] = process.argv.slice(1);
const { layPause } = await import(module);
for (let round = 0; round < ${ROUNDS}; round += 1) {
  while (Date.now() < Number(begin) + 15 * round);
  const wanted = { by: "ann", since: 1, target: target + round, includingUndo: false };
  layPause(folder, wanted, Date.now());
}`;

it("hears everybody who pauses in the same moment", async () => {
  const module = pathToFileURL(join(import.meta.dirname, "pause-file.ts")).href;
  const begin = String(Date.now() + 1_000);
  await Promise.all(
    PEOPLE.map((target) =>
      execa(
        process.execPath,
        "--input-type=module -e".split(" ").concat(SCRIPT, module, folder, target, begin),
      ),
    ),
  );
  const wanted = PEOPLE.flatMap((name) => Array.from({ length: ROUNDS }, (_, n) => `${name}${n}`));
  const paused = partsOf(readPause(folder, false, Date.now())).map(({ target }) => target);
  expect(paused).toHaveLength(wanted.length);
  expect(new Set(paused)).toEqual(new Set(wanted));
  expect(readdirSync(folder)).toEqual(["paused"]);
});

it("pauses all the same where a process was killed while it did", () => {
  mkdirSync(`${pausePath(folder)}.turn`);
  const wanted = { by: "ann", since: 1, target: null, includingUndo: false };
  expect(layPause(folder, wanted, Date.now()).meeting).toBe("new");
  expect(readPause(folder, false, Date.now())).toEqual(wanted);
  expect(readdirSync(folder)).toEqual(["paused"]);
});
