import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { Theatre } from "../../test/support/theatre.ts";
import { defaultRules } from "../config/default-rules.ts";
import { MINUTE_MS } from "../domain/time.ts";

const TARGET = { needs: [], detectMsMax: 8_000, freshMs: 5_000 };
const targets = {
  api: { ...TARGET, needs: ["postgres"] },
  jobs: { ...TARGET, needs: ["postgres"] },
  web: { ...TARGET, needs: ["api"] },
  postgres: TARGET,
  disk: TARGET,
  mail: TARGET,
};

const runbooks = { ...(await defaultRules([])).runbooks, ...rulesFor().runbooks };

const stage = (withinMs = 5 * MINUTE_MS): Theatre => {
  const { ceilings } = rulesFor();
  const storm = { targets: 3, withinMs };
  return new Theatre(rulesFor({ targets, runbooks, ceilings: { ...ceilings, storm } }));
};

const down = (target: string) => ({ target, probe: "health", code: "timeout" }) as const;

describe("much that fails at once", () => {
  it("is told once, with what failed, and holds acts until it is over", () => {
    const story = stage().untilRemedy().verdict("breached", down("disk"));
    expect(story.told).not.toContain("storm");
    story.verdict("breached", down("mail"));
    const [told] = story.notices.filter(({ kind }) => kind === "storm");
    expect(told?.title).toBe("Looks like something common: 3 targets began to fail within 5 min");
    expect(told?.lines.slice(0, 3).map((line) => line.replace(/ \(\w{10}\)$/, ""))).toEqual([
      "Database down: postgres",
      "Service down: disk",
      "Service down: mail",
    ]);
    const restart = () => Object.values(story.world.attempts).find(({ slot }) => slot === "remedy");
    story.verdict("breached").request("remedy");
    expect(restart()).toMatchObject({ state: "held", problem: { code: "storm" } });
    // What fails besides is part of it.
    story.verdict("breached", { ...down("jobs"), probe: "rates" });
    story
      .wait(5 * MINUTE_MS)
      .verdict("breached")
      .request("remedy");
    expect(restart()?.state).toBe("started");
    expect(story.told.filter((kind) => kind === "storm")).toHaveLength(1);
  });

  it("is none where one cause is known: what needs the failing ones does not count", () => {
    const story = stage().untilRemedy();
    for (const target of ["api", "jobs", "web"])
      story.verdict("breached", { target, probe: "leak", name: "memory-leak" });
    story.verdict("breached", down("disk"));
    // A leak is no symptom of a dead database, so each of them is an incident of its own.
    expect(Object.values(story.world.incidents)).toHaveLength(5);
    expect(story.verdict("breached").request("remedy").attempt("remedy").state).toBe("started");
    expect(story.told).not.toContain("storm");
  });

  it("is none on hearsay, and none where the operator wants none", () => {
    const heard = stage().untilRemedy().verdict("breached", down("disk"));
    heard.verdict("breached", { target: "mail", probe: "hook generic", name: "complaints" });
    const never = stage(0)
      .untilRemedy()
      .verdict("breached", down("disk"))
      .verdict("breached", down("mail"));
    for (const story of [heard, never]) {
      expect(Object.values(story.world.incidents)).toHaveLength(3);
      expect(story.told).not.toContain("storm");
      expect(story.verdict("breached").request("remedy").attempt("remedy").state).toBe("started");
    }
  });
});
