import { expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { Theatre } from "../../test/support/theatre.ts";
import { listed, renderList } from "./list.ts";
import { reportOn } from "./report.ts";
import { createTeller } from "./story.ts";

it("tells of an incident that came back as one, with each opening", () => {
  const stage = new Theatre(rulesFor({ reopenMs: 60_000 })).untilRemedy();
  stage.request("remedy").outcome("remedy", "seen").verdict("healthy").verdict("healthy");
  stage.request("undo").outcome("undo", "seen").wait(3_100).verdict("healthy");
  stage.pass(30_000).verdict("breached");

  const { incident } = stage;
  expect(renderList([listed(incident, [], stage.now)])).toContain(
    "(confirming.looking), back once",
  );
  const teller = createTeller(incident.id);
  stage.entries.forEach((entry) => teller.see(entry));
  const story = teller.story([], null);
  if (story === null) throw new Error("no entry opened it");
  const report = reportOn(story, stage.now);
  expect(report.summary).toContain("it came back once");
  expect(report.incident.returns).toBe(1);
  const texts = report.timeline.map(({ text }) => text);
  expect(texts.filter((text) => text.startsWith("database-down of postgres opened"))).toHaveLength(
    1,
  );
  expect(texts.filter((text) => text.startsWith("it came back, and"))).toHaveLength(1);
  expect(texts.filter((text) => text === "ended: resolved")).toHaveLength(1);
});
