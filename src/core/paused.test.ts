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
