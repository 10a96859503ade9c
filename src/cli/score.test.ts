import { expect, it } from "vitest";

import { booksOnDisk, folder, run } from "./reading.fixture.ts";
import { PLAYS } from "../report/story.fixture.ts";
import { register } from "./score.ts";

it("prints the score as data, and answers no while nothing is earned", async () => {
  const data = await booksOnDisk(PLAYS.shadowed());
  const ran = await run(register, ["score", "--json", "--data", data]);
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.out)).toMatchObject({
    version: 1,
    since: null,
    incidents: { all: 1, withoutWish: 0 },
    cases: [
      { action: "read-only", verdict: "unknown", code: "still-open" },
      { action: "restart", verdict: "unknown", code: "still-open" },
    ],
    earned: [
      { action: "read-only", mode: "shadow", next: "suggest", isEarned: false, line: null },
      { action: "restart", mode: "shadow", next: "suggest", isEarned: false, line: null },
    ],
  });
});

it("takes a length of time or a date, and says what it expected instead of anything else", async () => {
  const data = await booksOnDisk(PLAYS.shadowed());
  for (const since of ["7d", "2026-09-01", "2026-09-01T10:00:00Z"]) {
    // What was played lies before all of them.
    const { out } = await run(register, ["score", "--since", since, "--data", data]);
    expect(out).toMatch(/^Since 2\d{3}-.*: 0 incidents/);
  }
  for (const since of ["7", "yesterday", "-3d", "7 weeks"]) {
    const ran = await run(register, ["score", `--since=${since}`, "--data", data]);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain("a length of time such as 7d or 12h, or a date");
  }
});

it("answers no with a sentence where there is no journal", async () => {
  const ran = await run(register, ["score", "--data", folder()]);
  expect(ran).toMatchObject({ code: 1, out: "" });
  expect(ran.err).toMatch(/There is no journal in/);
});
