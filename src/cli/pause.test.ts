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

it("neither narrows nor shortens the pause that stands", async () => {
  const data = await books();
  const pause = (...more: string[]) => run(register, ["pause", "--data", data, ...more]);
  await pause("--target", "api");
  const wider = await pause();
  expect(wider).toMatchObject({ code: 0 });
  expect(wider.out).toContain("takes the place of the pause before: api, by");
  const shorter = await pause("--for", "1h");
  expect(shorter).toMatchObject({ code: 1, out: "" });
  expect(shorter.err).toMatch(/Nothing was changed: .* everything, by .*signalman resume/s);
  expect((await pause("--target", "api")).code).toBe(1);
  expect(written(data)).toMatchObject({ target: null });
  expect((await pause()).out).toContain("Paused already: everything");
});

it("pauses several targets beside each other, and resumes one of them or all", async () => {
  const data = await books();
  const resume = (...more: string[]) => run(register, ["resume", "--data", data, ...more]);
  await run(register, ["pause", "--data", data, "--target", "api", "--by", "ann"]);
  const second = await run(register, [
    "pause",
    "--data",
    data,
    "--target",
    "worker",
    "--for",
    "1h",
  ]);
  expect(second).toMatchObject({ code: 0, err: "" });
  expect(second.out).toMatch(/Paused: worker, until .*Paused too: api, by ann/s);
  expect(second.out).toContain("To go on: signalman resume --target worker");
  expect(written(data)).toMatchObject({ target: "worker", also: [{ target: "api" }] });
  // An older Signalman, which knows one pause only, cannot read the list and holds everything.
  expect(JSON.parse(readFileSync(pausePath(data), "utf8"))).toHaveLength(2);
  expect(await resume("--target", "cache")).toMatchObject({ code: 1 });
  const one = await resume("--target", "worker");
  expect(one).toMatchObject({ code: 0 });
  expect(one.out).toMatch(/It was paused: worker, .*Still paused: api, by ann/s);
  expect(written(data)).toMatchObject({ target: "api" });
  expect(written(data)).not.toHaveProperty("also");
  // What one time wrote, another still reads.
  expect(JSON.parse(readFileSync(pausePath(data), "utf8"))).toMatchObject({ target: "api" });
  await run(register, ["pause", "--data", data, "--target", "worker"]);
  expect((await resume()).out).not.toContain("Still paused");
  expect(written(data)).toBeNull();
});

it("takes a file that it cannot understand for a pause, and the environment's beside it", async () => {
  const data = await books();
  writeFileSync(pausePath(data), "");
  expect((await run(register, ["pause", "--data", data, "--for", "1h"])).code).toBe(1);
  expect(readFileSync(pausePath(data), "utf8")).toBe("");
  await run(register, ["pause", "--data", data, "--including-undo"]);
  expect(readPause(data, true, Date.now())).toMatchObject({
    by: "SIGNALMAN_PAUSED",
    also: [{ includingUndo: true }],
  });
});

it("says when no daemon has ever used the folder", async () => {
  const ran = await run(register, ["pause", "--data", folder()]);
  expect(ran).toMatchObject({ code: 1 });
  expect(ran.err).toContain("No daemon has ever used");
});
