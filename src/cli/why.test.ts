import { expect, it } from "vitest";

import { booksOnDisk, folder, run } from "./reading.fixture.ts";
import { PLAYS } from "../report/story.fixture.ts";
import { register } from "./why.ts";

it("tells why from real books, as text and as data", async () => {
  const theatre = PLAYS.held();
  const args = ["why", theatre.incident.id, "--data", await booksOnDisk(theatre)];
  const text = await run(register, args);
  expect(text).toMatchObject({ code: 0, err: "" });
  expect(text.out).toMatch(/^ {3}\[#\d+\] +21:04:00 +held back: \[paused\] paused by ann/m);
  const json = await run(register, [...args, "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({
    version: 1,
    incident: { id: theatre.incident.id, kind: "database-down" },
  });
});

it("tells why not", async () => {
  const theatre = PLAYS.shadowed();
  const args = [
    "why",
    theatre.incident.id,
    "--data",
    await booksOnDisk(theatre),
    "--not",
    "restart",
  ];
  expect((await run(register, args)).out).toMatch(
    /^Why not restart in .*\n.*shadowed: \[mode-shadow\]/,
  );
  expect(JSON.parse((await run(register, [...args, "--json"])).out)).toMatchObject({
    refusals: [{ code: "mode-shadow" }],
  });
});

it("answers no for what it does not know, and refuses a call without an id", async () => {
  expect(await run(register, ["why", "x", "--data", folder()])).toMatchObject({ code: 1, out: "" });
  expect((await run(register, ["why"])).code).toBe(2);
});
