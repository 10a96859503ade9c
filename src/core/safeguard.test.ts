import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre, WELL } from "../../test/support/theatre.ts";
import type { ProblemCode } from "../domain/problem.ts";
import { modeFor } from "./safeguard.ts";

/** Everything in order, the restart asked for: without an objection it starts. */
const ready = (): Theatre => new Theatre().untilRemedy();

describe("safeguards", () => {
  it("let a restart start when nothing objects", () => {
    expect(ready().request("remedy").attempt("remedy").state).toBe("started");
  });

  it.each<[ProblemCode, string, (stage: Theatre) => Theatre]>([
    ["paused", "a pause of everything", (stage) => stage.pause({}).request("remedy")],
    [
      "paused",
      "a pause of this target",
      (stage) => stage.pause({ target: "postgres" }).request("remedy"),
    ],
    [
      "platform-incident",
      "trouble at Railway",
      (stage) => stage.request("remedy", { ...WELL, status: "trouble", statusDetail: "fire" }),
    ],
    [
      "deployment-in-flight",
      "a deployment under way",
      (stage) =>
        stage.request("remedy", {
          ...WELL,
          obstacle: { code: "deployment-in-flight", detail: "BUILDING" },
        }),
    ],
    [
      "volume-busy",
      "a migrating volume",
      (stage) =>
        stage.request("remedy", {
          ...WELL,
          obstacle: { code: "volume-busy", detail: "MIGRATING" },
        }),
    ],
    ["stale-input", "a look that is too old", (stage) => stage.pass(5_100).request("remedy")],
    [
      "stale-input",
      "a verdict of an earlier life",
      (stage) => {
        stage.watchingSince = stage.now;
        return stage.request("remedy");
      },
    ],
    [
      "stale-input",
      "a signal that cannot be seen now",
      (stage) => stage.verdict("missing").request("remedy"),
    ],
    [
      "stale-input",
      "a signal that proves nothing now",
      (stage) => stage.verdict("inconclusive").request("remedy"),
    ],
  ])("%s: %s holds it back", (code, _, play) => {
    const attempt = play(ready()).attempt("remedy");
    expect(attempt).toMatchObject({ state: "held", problem: { code } });
  });

  it.each<[string, (stage: Theatre) => Theatre]>([
    ["a pause of another target", (stage) => stage.pause({ target: "api" }).request("remedy")],
    ["a pause that is over", (stage) => stage.pause({}).pause(null).request("remedy")],
    ["a look that is just young enough", (stage) => stage.pass(4_800).request("remedy")],
    [
      "another path that fails too",
      (stage) => stage.verdict("breached", { probe: "pooled" }).request("remedy"),
    ],
  ])("%s does not", (_, play) => {
    expect(play(ready()).attempt("remedy").state).toBe("started");
  });

  it("restarts what only our own looks find hanging while something else answers us, and not otherwise", () => {
    const hanging = {
      inspection: {
        ...(CRASHED["inspection"] as object),
        deployment: { status: "SUCCESS", stopped: false },
        instances: ["RUNNING"],
      },
    };
    const play = (others: (stage: Theatre) => Theatre): Theatre => {
      const stage = new Theatre().verdict("breached", { code: "timeout" });
      stage.request("confirm").outcome("confirm", "seen", paths("down"));
      stage.request("contain").outcome("contain", "seen");
      stage.request("inspect").outcome("inspect", "seen", hanging);
      expect(stage.incident.cause).toBe("not-answering");
      return others(stage).request("remedy");
    };
    const api = { target: "api", probe: "health" };
    expect(play((stage) => stage).attempt("remedy").state).toBe("started");
    expect(play((stage) => stage.verdict("healthy", api)).attempt("remedy").state).toBe("started");
    expect(
      play((stage) => stage.verdict("breached", { ...api, code: "unexpected-body" })).attempt(
        "remedy",
      ).state,
    ).toBe("started");
    // What others tell us comes in over our network, and proves nothing about the way out.
    expect(
      play((stage) =>
        stage
          .verdict("breached", { ...api, code: "timeout" })
          .verdict("healthy", { target: "api", probe: "hook heartbeat" }),
      ).attempt("remedy").problem?.code,
    ).toBe("network-in-doubt");
    expect(
      play((stage) => stage.verdict("breached", { ...api, code: "timeout" })).attempt("remedy"),
    ).toMatchObject({
      state: "held",
      problem: { code: "network-in-doubt" },
    });
    // Rates that could not be read, and what Railway says of it, are no word of the other target.
    expect(
      play((stage) =>
        stage
          .verdict("breached", { ...api, code: "timeout" })
          .verdict("healthy", { target: "api", probe: "rates", name: "burn-rate" })
          .verdict("healthy", { target: "api", probe: "railway" }),
      ).attempt("remedy").problem?.code,
    ).toBe("network-in-doubt");
    // A crash is Railway's word, so no witness is needed.
    expect(
      ready()
        .verdict("breached", { ...api, code: "timeout" })
        .request("remedy")
        .attempt("remedy").state,
    ).toBe("started");
  });

  it("asks a person when nobody says whether the platform is well", () => {
    const stage = ready().request("remedy", { ...WELL, status: "unknown" });
    expect(stage.attempt("remedy")).toMatchObject({
      state: "awaiting-approval",
      problem: { code: "platform-unknown" },
    });
  });

  it("holds a restart of a target whose upstream is not known to be well", () => {
    const rules = rulesFor();
    const targets = {
      ...rules.targets,
      disk: { needs: [], detectMsMax: 0, freshMs: 5_000 },
      postgres: { needs: ["disk"], detectMsMax: 8_000, freshMs: 5_000 },
    };
    const doubtful = new Theatre(rulesFor({ targets })).untilRemedy().request("remedy");
    expect(doubtful.attempt("remedy")).toMatchObject({
      state: "held",
      problem: { code: "upstream-in-doubt" },
    });
    const well = new Theatre(rulesFor({ targets }))
      .untilRemedy()
      .verdict("healthy", { target: "disk", probe: "disk" });
    expect(well.request("remedy").attempt("remedy").state).toBe("started");
    // A trend of it that cannot say yet is no doubt; one that is breached is.
    const trend = { target: "disk", probe: "disk", name: "memory-leak" };
    for (const [state, becomes] of [
      ["inconclusive", "started"],
      ["breached", "held"],
    ] as const) {
      const trending = new Theatre(rulesFor({ targets }))
        .untilRemedy()
        .verdict("healthy", { target: "disk", probe: "disk" })
        .verdict(state, trend);
      expect(trending.request("remedy").attempt("remedy").state).toBe(becomes);
    }
    // Nor is it an upstream's health: a count that nobody has sent for long is not stale.
    const counted = new Theatre(rulesFor({ targets }))
      .verdict("inconclusive", { target: "disk", probe: "hook generic" })
      .pass(60_000)
      .untilRemedy()
      .verdict("healthy", { target: "disk", probe: "disk" });
    expect(counted.request("remedy").attempt("remedy").state).toBe("started");
    const onlyCounted = new Theatre(rulesFor({ targets }))
      .untilRemedy()
      .verdict("healthy", { target: "disk", probe: "hook generic" });
    expect(onlyCounted.request("remedy").attempt("remedy").problem?.code).toBe("upstream-in-doubt");
  });

  it("asks of an upstream that it is up and nothing of it is breached, not that every trend has a past", () => {
    const targets = {
      ...rulesFor().targets,
      disk: { needs: [], detectMsMax: 0, freshMs: 5_000 },
      postgres: { needs: ["disk"], detectMsMax: 8_000, freshMs: 5_000 },
    };
    const disk = { target: "disk", probe: "disk" };
    const trend = { target: "disk", probe: "railway", name: "crash-loop" };
    const upstream = () =>
      new Theatre(rulesFor({ targets })).untilRemedy().verdict("healthy", disk);
    const young = upstream().verdict("inconclusive", trend);
    expect(young.request("remedy").attempt("remedy").state).toBe("started");
    const looping = upstream().verdict("inconclusive", { ...trend, failing: true });
    expect(looping.request("remedy").attempt("remedy").state).toBe("held");
    const trendOnly = new Theatre(rulesFor({ targets })).untilRemedy().verdict("healthy", trend);
    expect(trendOnly.request("remedy").attempt("remedy").state).toBe("held");
  });

  it("lets a look through the platform be as old as its own rhythm makes it", () => {
    const targets = {
      ...rulesFor().targets,
      postgres: { needs: [], detectMsMax: 8_000, freshMs: 5_000, freshMsOf: { postgres: 20_000 } },
    };
    const stage = new Theatre(rulesFor({ targets })).untilRemedy().pass(8_900);
    expect(stage.request("remedy").attempt("remedy").state).toBe("started");
    expect(ready().pass(8_900).request("remedy").attempt("remedy").problem?.code).toBe(
      "stale-input",
    );
  });

  it("keeps to the budget of the hour, over incidents, and frees it when the hour is over", () => {
    const rules = rulesFor({ budgets: { restart: { perIncident: 1, perHour: 1 } } });
    const stage = new Theatre(rules)
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .verdict("healthy")
      .verdict("healthy");
    stage.request("undo").outcome("undo", "seen").wait(3_100).verdict("healthy");
    expect(stage.incident.ending).toBe("resolved");
    stage.pass(60_000).untilRemedy().request("remedy");
    expect(stage.attempt("remedy")).toMatchObject({
      state: "held",
      problem: { code: "budget-hour" },
    });
    expect(stage.told.at(-1)).toBe("withheld");
    stage
      .pass(60 * 60_000)
      .verdict("breached")
      .request("remedy");
    expect(stage.attempt("remedy").state).toBe("started");
  });

  it("does one destructive thing at a time on a target", () => {
    const stage = ready().request("remedy");
    const running = stage.attempt("remedy");
    // A second restart on the same target, from another incident.
    const other = {
      ...running,
      id: "other.1" as never,
      incident: "other" as never,
      state: "planned" as const,
    };
    stage.world = { ...stage.world, attempts: { ...stage.world.attempts, "other.1": other } };
    stage.request("remedy");
    expect(stage.attempt("remedy")).toMatchObject({
      id: "other.1",
      state: "held",
      problem: { code: "target-busy" },
    });
  });

  it("wakes nobody for what is over in a moment, and somebody when it lasts", () => {
    const stage = ready().pass(5_100).request("remedy");
    expect(stage.told).not.toContain("withheld");
    stage.pass(61_000).request("remedy");
    expect(stage.told.filter((kind) => kind === "withheld")).toHaveLength(1);
    stage.pass(1_000).request("remedy");
    expect(stage.told.filter((kind) => kind === "withheld")).toHaveLength(1);
  });

  it("holds looks back for nothing at all", () => {
    const stage = new Theatre(rulesFor({ modes: { default: "shadow" } }))
      .pause({ includingUndo: true })
      .verdict("breached");
    stage.request("confirm").outcome("confirm", "seen", paths("down")).request("contain");
    expect(
      stage.request("inspect").outcome("inspect", "seen", CRASHED).attempt("inspect").state,
    ).toBe("seen");
  });
});

describe("modeFor", () => {
  it.each([
    [{ default: "shadow" }, "shadow"],
    [{ default: "auto" }, "auto"],
    [{ default: "shadow", restart: "auto" }, "auto"],
    [{ default: "auto", restart: "shadow" }, "shadow"],
    [{ default: "shadow", restart: "auto", postgres: "suggest" }, "suggest"],
    [{ default: "auto", restart: "auto", "database-down": "shadow" }, "shadow"],
    [{ default: "auto", overall: "shadow" }, "shadow"],
    [{ default: "shadow", restart: "auto", overall: "suggest" }, "suggest"],
    [{ default: "shadow", scale: "auto" }, "shadow"],
  ] as const)("%j → %s", (modes, mode) => {
    expect(modeFor(modes, ["restart", "postgres", "database-down"])).toBe(mode);
  });
});
