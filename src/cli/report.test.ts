import { expect, it } from "vitest";

import { booksOnDisk, folder, run } from "./reading.fixture.ts";
import { PLAYS } from "../report/story.fixture.ts";
import { register } from "./report.ts";

it("prints Markdown unless told otherwise, and JSON with its version", async () => {
  const theatre = PLAYS.healed();
  const args = ["report", theatre.incident.id, "--data", await booksOnDisk(theatre)];
  const markdown = await run(register, args);
  expect(markdown).toMatchObject({ code: 0, err: "" });
  expect(markdown.out).toMatch(/^# Incident [0-9a-f]{10}: database-down of postgres\n/);
  expect(markdown.out).toMatch(/\n- \*\*Journal:\*\* 17:[0-9a-f]{12}\n/);
  expect(await run(register, [...args, "--format", "md"])).toMatchObject({ code: 0 });
  for (const more of [["--format", "json"], ["--json"]]) {
    const { out } = await run(register, [...args, ...more]);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      incident: { ending: "resolved" },
      journal: { seq: 17, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  }
});

it("answers no for what it does not know, and refuses a format it cannot print", async () => {
  expect(await run(register, ["report", "x", "--data", folder()])).toMatchObject({ code: 1 });
  expect((await run(register, ["report", "x", "--format", "doc"])).code).toBe(2);
});
