import { readFileSync, writeFileSync } from "node:fs";

import { expect, it } from "vitest";

import { pausePath, readPause } from "../storage/pause-file.ts";
import { writeTargetNames } from "../storage/target-names.ts";
import { booksOnDisk, folder, run } from "./reading.fixture.ts";
import { register } from "./pause.ts";

const written = (data: string) => readPause(data, false, Date.now());

async function books(): Promise<string> {
  const data = await booksOnDisk(null);
  writeTargetNames(data, ["api", "worker"]);
  return data;
}

it("pauses until it is resumed, or for a time", async () => {
  const data = await books();
  const forever = await run(register, ["pause", "--data", data, "--by", "ann"]);
  expect(forever).toMatchObject({ code: 0, err: "" });
  expect(forever.out).toContain("Paused: everything, until it is resumed");
  expect(written(data)).toMatchObject({ by: "ann (command line)", target: null });
  expect(written(data)).not.toHaveProperty("until");
  const resumed = await run(register, ["resume", "--data", data]);
  expect(resumed.out).toContain("Resumed");
  expect((await run(register, ["resume", "--data", data])).code).toBe(1);
  await run(register, ["pause", "--data", data, "--for", "2h"]);
  const { until = 0, since = 0 } = written(data) ?? {};
  expect(until - since).toBe(2 * 3_600_000);
  expect(readPause(data, false, until - 1)).not.toBeNull();
  expect(readPause(data, false, until)).toBeNull();
});

it("refuses a target nobody knows and a length that is none, and pauses nothing", async () => {
  const data = await books();
  const typo = await run(register, ["pause", "--data", data, "--target", "wroker"]);
  expect(typo.code).toBe(2);
  expect(typo.err).toContain('did you mean "worker"?');
  expect(typo.err).toContain("api, worker");
  expect((await run(register, ["pause", "--data", data, "--for", "soon"])).code).toBe(2);
  expect(written(data)).toBeNull();
});

it("neither narrows nor shortens the pause that stands, and says which does", async () => {
  const data = await books();
  const pause = (...more: string[]) => run(register, ["pause", "--data", data, ...more]);
  await pause("--target", "api");
  const other = await pause("--target", "worker");
  expect(other).toMatchObject({ code: 1, out: "" });
  expect(other.err).toMatch(/Nothing was changed. This pause stands: api, by .*signalman pause /s);
  expect(written(data)?.target).toBe("api");
  const wider = await pause();
  expect(wider).toMatchObject({ code: 0 });
  expect(wider.out).toContain("takes the place of the pause before: api, by");
  expect((await pause("--for", "1h")).code).toBe(1);
  expect((await pause("--target", "api")).code).toBe(1);
  expect(written(data)).toMatchObject({ target: null });
  expect((await pause()).out).toContain("Paused already: everything");
});

it("takes a file that it cannot understand for a pause, and the environment's beside it", async () => {
  const data = await books();
  writeFileSync(pausePath(data), "");
  expect((await run(register, ["pause", "--data", data, "--for", "1h"])).code).toBe(1);
  expect(readFileSync(pausePath(data), "utf8")).toBe("");
  await run(register, ["pause", "--data", data, "--including-undo"]);
  expect(readPause(data, true, Date.now())).toMatchObject({
    by: "SIGNALMAN_PAUSED",
    includingUndo: true,
  });
});

it("says when no daemon has ever used the folder", async () => {
  const ran = await run(register, ["pause", "--data", folder()]);
  expect(ran).toMatchObject({ code: 1 });
  expect(ran.err).toContain("No daemon has ever used");
});
