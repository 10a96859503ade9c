import { expect, it } from "vitest";

import { Theatre } from "../../test/support/theatre.ts";

it("every notice says that Signalman is paused, by whom and until when, while it lasts", () => {
  const stage = new Theatre();
  const until = stage.now + 7_200_000;
  stage.pause({ until }).verdict("missing", { target: "api", probe: "health" }).untilRemedy();
  stage.request("remedy").pause(null).verdict("breached").request("remedy");
  expect(stage.told).toEqual(["paused", "blind", "opened", "withheld", "resumed"]);
  const [paused, ...during] = stage.notices.slice(0, 4);
  expect(paused?.lines).toContain("It lasts until 1970-01-01 02:16:40 UTC.");
  for (const { lines } of during)
    expect(lines.join("\n")).toMatch(
      /^\(Paused: everything, by ann since 00:16:40 UTC, until 1970-01-01 02:16:40 UTC\.\)$/m,
    );
  expect(stage.notices.at(-1)?.lines.join()).not.toContain("(Paused");
});

it("a pause that is over by itself is told as that, and what it held goes on", () => {
  const stage = new Theatre().pause({ until: 1_600_000 }).untilRemedy().request("remedy");
  stage.now = 1_600_000;
  stage.pause(null).verdict("breached").request("remedy");
  expect(stage.notices.map(({ title }) => title)).toContain(
    "The pause by ann is over: I may act again",
  );
  expect(stage.attempt("remedy").state).toBe("started");
});

it("a second pause says what stood before, and a target that nobody knows means everything", () => {
  const stage = new Theatre().untilRemedy().pause({ target: "api" }).pause({ target: "potsgres" });
  expect(stage.notices.at(-1)?.lines.join("\n")).toContain("Before: api, by ann");
  stage.verdict("breached").request("remedy");
  expect(stage.attempt("remedy")).toMatchObject({ state: "held", problem: { code: "paused" } });
});

it("two targets are paused beside each other; what is resumed goes on and the other does not", () => {
  const api = { by: "bob", since: 1, target: "api", includingUndo: false };
  const stage = new Theatre().untilRemedy().pause({ target: "postgres", also: [api] });
  expect(stage.notices.at(-1)?.lines.join("\n")).toMatch(/Paused too: api, by bob/);
  stage.request("remedy");
  expect(stage.attempt("remedy")).toMatchObject({ state: "held", problem: { code: "paused" } });
  stage.pause(api);
  expect(stage.notices.at(-1)).toMatchObject({
    title: "The pause of postgres is resumed",
    lines: expect.arrayContaining([expect.stringMatching(/^Still paused: api, by bob/)]),
  });
  stage.verdict("breached").request("remedy");
  expect(stage.attempt("remedy").state).toBe("started");
});

it("undo is held only where a pause that includes it concerns the apps of the switch", () => {
  // Read-only mode is a switch of the api.
  const undoing = () =>
    new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "accepted")
      .outcome("remedy", "seen", { shown: ["a new execution"] })
      .verdict("healthy")
      .verdict("healthy");
  const undo = { by: "bob", since: 1, includingUndo: true };
  const postgres = { ...undo, target: "postgres", includingUndo: false };
  const held = undoing().pause({ ...postgres, also: [{ ...undo, target: "api" }] });
  expect(held.request("undo").attempt("undo")).toMatchObject({ problem: { code: "paused" } });
  const free = undoing().pause({ ...postgres, also: [{ ...postgres, target: "api" }] });
  expect(free.request("undo").attempt("undo").state).toBe("started");
});
