import { expect, it } from "vitest";

import { booksOnDisk, folder, run } from "./reading.fixture.ts";
import { PLAYS } from "../report/story.fixture.ts";
import { register } from "./incidents.ts";

it("lists incidents newest first with what helped, in columns", async () => {
  const theatre = PLAYS.healed();
  const first = theatre.incident.id;
  theatre.pass(60_000).verdict("healthy").verdict("breached", { probe: "health", target: "api" });
  const ran = await run(register, ["incidents", "--data", await booksOnDisk(theatre)]);
  const [heads, ...rows] = ran.out.split("\n");
  expect(ran.code).toBe(0);
  expect(heads).toMatch(/^ID +KIND +TARGET +STATE +OPENED +LASTED +WHAT HELPED$/);
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/service-down +api +still open \(confirming\.looking\)/);
  expect(rows[1]).toMatch(
    new RegExp(`^${first} +database-down +postgres +resolved .*restart of postgres$`),
  );
  expect(rows[0]?.indexOf("service-down")).toBe(heads?.indexOf("KIND"));
});

it("says so when there is none, and that is no failure", async () => {
  const data = await booksOnDisk(null);
  expect(await run(register, ["incidents", "--data", data])).toEqual({
    out: "No incidents yet.",
    err: "",
    code: 0,
  });
  const json = await run(register, ["incidents", "--json", "--data", data]);
  expect(JSON.parse(json.out)).toEqual({ version: 1, incidents: [] });
});

it("shows one incident by the beginning of its id", async () => {
  const theatre = PLAYS.healed();
  const args = ["incidents", theatre.incident.id.slice(0, 5), "--data", await booksOnDisk(theatre)];
  const { out, code } = await run(register, args);
  expect(code).toBe(0);
  expect(out).toMatch(/^database-down of postgres \([0-9a-f]{10}\): resolved$/m);
  expect(out).toMatch(/remedy +restart of postgres +effective +21:04:00 UTC$/m);
  expect(out).toContain("evidence: Railway lists a new execution x2");
  expect(out).toMatch(/read-only: ended, asked for at 21:04:00 UTC, on at .* off at /);
  expect(out).toMatch(/opened +Database down: postgres +waiting$/m);
  const json = JSON.parse((await run(register, [...args, "--json"])).out) as { version: number };
  expect(json).toMatchObject({ version: 1, incident: { standing: "resolved" } });
});

it("answers no with a sentence that says what to do", async () => {
  const theatre = PLAYS.falseAlarm();
  for (let round = 0; round < 20; round += 1)
    theatre.pass(1_000).verdict("breached").request("confirm").outcome("confirm", "seen", UP);
  const data = await booksOnDisk(theatre);
  const unknown = await run(register, ["incidents", "zzz", "--data", data]);
  expect(unknown).toMatchObject({ code: 1, out: "" });
  expect(unknown.err).toContain('There is no incident "zzz"');
  // Twenty-one ids and sixteen digits: two of them begin alike.
  const ids = Object.keys(theatre.world.incidents).map((id) => id[0] ?? "");
  const twice = ids.find((digit, index) => ids.indexOf(digit) !== index) ?? "";
  const ambiguous = await run(register, ["incidents", twice, "--data", data]);
  expect(ambiguous).toMatchObject({ code: 1, out: "" });
  expect(ambiguous.err).toMatch(/could be \d+ incidents: .*Type more of it/);
  const absent = await run(register, ["incidents", "--data", folder()]);
  expect(absent.code).toBe(1);
  expect(absent.err).toMatch(/There is no journal in .* yet\. Start the daemon/);
});

it("refuses a limit that is none", async () => {
  const ran = await run(register, ["incidents", "--limit", "many"]);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("a whole number from 1 to 10000 is expected");
});

const UP = { paths: [{ path: "p", by: "direct", saw: "up", detail: "answers" }] };
