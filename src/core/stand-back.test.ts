import { describe, expect, it } from "vitest";

import { ACTIONS, rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre, WELL } from "../../test/support/theatre.ts";
import { defaultRules } from "../config/default-rules.ts";
import { TRAITS } from "../actions/index.ts";
import type { PlatformChange, PlatformFact } from "../domain/facts.ts";
import type { JsonObject } from "../domain/json.ts";
import { MINUTE_MS } from "../domain/time.ts";

// The rules of the theatre let an act stand back for a minute. The failure began two seconds before its first verdict.

const shows = (...changes: PlatformChange[]): PlatformFact => ({ ...WELL, changes });

const deployment = (at: number, id = "d9"): PlatformChange => ({
  what: "deployment",
  deployment: id,
  at,
  words: `deployment ${id} (SUCCESS)`,
});

const start = (at: number, afterCrash = false): PlatformChange => ({
  what: "start",
  deployment: "d1",
  at,
  afterCrash,
  words: "a new process of deployment d1 (RUNNING)",
});

/** As long as it is held, looks stay fresh and the executor asks again. */
function goOn(stage: Theatre, ms: number, seen: PlatformFact): Theatre {
  for (let passed = 0; passed < ms; passed += 4_000) {
    stage.wait(3_900).verdict("breached");
    if (stage.attempt("remedy").endedAt === null) stage.request("remedy", seen);
  }
  return stage;
}

describe("somebody who is already at it", () => {
  it.each([
    ["restarted it", start],
    ["made a deployment", deployment],
  ] as const)("who %s since the failure began lets our act stand back", (_, change) => {
    const after = new Theatre().untilRemedy();
    after.request("remedy", shows(change(after.incident.onset + 1)));
    expect(after.attempt("remedy")).toMatchObject({
      state: "held",
      problem: { code: "somebody-acting" },
    });
    const before = new Theatre().untilRemedy();
    before.request("remedy", shows(change(before.incident.onset)));
    expect(before.attempt("remedy").state).toBe("started");
  });

  it("is told of once, and a person has it when their time is over and it still fails", () => {
    const stage = new Theatre().untilRemedy();
    const { onset } = stage.incident;
    const seen = shows(deployment(onset + 1_000));
    stage.request("remedy", seen);
    expect(stage.notices.at(-1)).toMatchObject({
      kind: "withheld",
      title: "Somebody is already at it: postgres",
    });
    expect(stage.notices.at(-1)?.lines.join("\n")).toContain("deployment d9 (SUCCESS)");
    goOn(stage, MINUTE_MS - 8_000, seen);
    expect(stage.incident.state).toBe("remedying.asked");
    goOn(stage, 12_000, seen);
    expect(stage.attempt("remedy").state).toBe("expired");
    expect(stage.incident.state).toBe("escalated");
    expect(stage.told.filter((kind) => kind === "withheld")).toHaveLength(1);
    expect(stage.notices.at(-1)?.lines[0]).toContain("I stood back for them");
    expect(stage.attempts("remedy")).toHaveLength(1);
  });

  it("is still there when the platform does not show what they did any more", () => {
    const stage = new Theatre().untilRemedy();
    stage.request("remedy", shows(start(stage.now)));
    goOn(stage, MINUTE_MS - 8_000, WELL);
    expect(stage.attempt("remedy")).toMatchObject({
      state: "held",
      problem: { code: "somebody-acting" },
    });
    goOn(stage, 12_000, WELL);
    expect(stage.attempt("remedy").state).toBe("expired");
  });

  it("has it to themselves while it gets well", () => {
    const stage = new Theatre().untilRemedy();
    stage.request("remedy", shows(start(stage.now)));
    for (let look = 0; look < 3; look += 1) stage.verdict("healthy");
    expect(stage.attempt("remedy").state).toBe("withdrawn");
    stage.request("undo").outcome("undo", "seen").wait(3_100).verdict("healthy");
    expect(stage.incident.ending).toBe("resolved");
  });

  it("is at it no more when what they did is longer ago than the time they get", () => {
    const long = (stage: Theatre, ms: number): Theatre => {
      stage.verdict("breached").pass(ms).verdict("breached");
      stage.request("confirm").outcome("confirm", "seen", paths("down"));
      stage.request("contain").outcome("contain", "seen");
      return stage.request("inspect").outcome("inspect", "seen", CRASHED).verdict("breached");
    };
    const old = long(new Theatre(), 2 * MINUTE_MS);
    expect(
      old.request("remedy", shows(start(old.incident.onset + 1))).attempt("remedy").state,
    ).toBe("started");
    const young = long(new Theatre(), MINUTE_MS / 2);
    young.request("remedy", shows(start(young.incident.onset + 1)));
    expect(young.attempt("remedy").state).toBe("held");
  });

  it("is not looked for where the configuration says so", () => {
    const { ceilings } = rulesFor();
    const stage = new Theatre(rulesFor({ ceilings: { ...ceilings, standBackMs: 0 } }));
    stage.untilRemedy().request("remedy", shows(start(stage.now)));
    expect(stage.attempt("remedy").state).toBe("started");
  });

  it("does not keep users from being told by the app", () => {
    const stage = new Theatre().verdict("breached");
    stage.request("confirm").outcome("confirm", "seen", paths("down"));
    stage.request("contain", shows(start(stage.now)));
    expect(stage.attempt("contain").state).toBe("started");
  });

  it("does not keep what we switched on from being taken back", () => {
    const stage = new Theatre().untilRemedy().request("remedy").outcome("remedy", "seen");
    stage.verdict("healthy").verdict("healthy");
    stage.pass(10_000).request("undo", shows(deployment(stage.now - 1_000)));
    expect(stage.attempt("undo").state).toBe("started");
  });
});

describe("what crashed and was started anew", () => {
  it("was started by the platform itself before it was found crashed, and by somebody after", () => {
    const found = new Theatre().untilRemedy();
    const { endedAt } = found.attempt("inspect");
    found.request("remedy", shows(start((endedAt ?? 0) - 1, true)));
    expect(found.attempt("remedy").state).toBe("started");
    const later = new Theatre().untilRemedy();
    later.request("remedy", shows(start(later.now, true)));
    expect(later.attempt("remedy").problem?.code).toBe("somebody-acting");
  });

  it("is the platform's doing where it was never found crashed", () => {
    const hanging: JsonObject = {
      inspection: {
        platform: "well",
        deployment: { status: "SUCCESS", stopped: false },
        inFlight: null,
        instances: ["RUNNING"],
        volume: null,
      },
    };
    const stage = new Theatre().verdict("breached", { code: "timeout" });
    stage.request("confirm").outcome("confirm", "seen", paths("down"));
    stage.request("contain").outcome("contain", "seen");
    stage.request("inspect").outcome("inspect", "seen", hanging);
    stage.request("remedy", shows(start(stage.now, true)));
    expect(stage.attempt("remedy").state).toBe("started");
  });
});

describe("a rollback", async () => {
  const shipped = await defaultRules(["api"]);
  const actions = { ...TRAITS, ...ACTIONS };
  const rules = { ...shipped, modes: { default: "auto" as const }, actions };

  /** Errors that began with a release, up to the question whether it may be rolled back. */
  function asked(seen: (onset: number) => PlatformFact, waitMs = 0): Theatre {
    const errors = { target: "api", probe: "rates", name: "error-share" };
    const stage = new Theatre(rules).verdict("breached", errors);
    const inspected = (): Theatre => {
      const release = { deployment: "bad", at: stage.now - 3_000, isLive: true };
      const inspection = { platform: "well", deployment: { status: "SUCCESS", stopped: false } };
      const seen = { ...inspection, inFlight: null, instances: ["RUNNING"], volume: null, release };
      return stage.request("inspect").outcome("inspect", "seen", { inspection: seen });
    };
    inspected();
    stage.pass(waitMs).request("contain").outcome("contain", "seen").verdict("breached", errors);
    inspected();
    expect(stage.attempt("remedy").action).toBe("rollback");
    return stage.verdict("breached", errors).request("remedy", seen(stage.incident.onset));
  }

  it("is of the release with which it began, also when that was made a moment later", () => {
    const of = (at: number) => asked((onset) => shows(deployment(onset + at, "bad")));
    expect(of(-60_000).attempt("remedy").state).toBe("started");
    expect(of(59_000).attempt("remedy").state).toBe("started");
    expect(of(61_000).attempt("remedy").problem?.code).toBe("somebody-acting");
  });

  it("is never of what somebody released since, however long ago that is", () => {
    const fixed = asked((onset) => shows(deployment(onset + 2 * MINUTE_MS, "fix")), 20 * MINUTE_MS);
    expect(fixed.attempt("remedy").problem?.code).toBe("somebody-acting");
    const bad = asked((onset) => shows(deployment(onset - MINUTE_MS, "bad")), 20 * MINUTE_MS);
    expect(bad.attempt("remedy").state).toBe("started");
  });
});

describe("what we did ourselves", () => {
  /** A restart of ours on another incident of the same database, long settled when the second one fails. */
  function afterOurs(ms: number): Theatre {
    const rules = rulesFor({ budgets: { restart: { perIncident: 1, perHour: 9 } } });
    const stage = new Theatre(rules).untilRemedy().request("remedy").outcome("remedy", "seen");
    stage.verdict("healthy").verdict("healthy").request("undo").outcome("undo", "seen");
    stage.wait(3_100).verdict("healthy");
    return stage.pass(ms).untilRemedy();
  }

  it("is nobody else's, by the time in which it settles", () => {
    // It settles in five seconds.
    const stage = afterOurs(0);
    const [ours] = stage.attempts("remedy");
    const incident = { ...stage.incident, onset: ours?.startedAt ?? 0 };
    const put = () => (stage.world = { ...stage.world, incidents: { [incident.id]: incident } });
    put();
    stage.request("remedy", shows(start((ours?.startedAt ?? 0) + 4_000)));
    expect(stage.attempt("remedy").state).toBe("started");
    const other = afterOurs(0);
    other.world = { ...other.world, incidents: { [incident.id]: incident } };
    other.request("remedy", shows(start((ours?.startedAt ?? 0) + 5_100)));
    expect(other.attempt("remedy").problem?.code).toBe("somebody-acting");
  });

  it("was no deployment, where it was a restart", () => {
    const stage = afterOurs(0);
    const [ours] = stage.attempts("remedy");
    const incident = { ...stage.incident, onset: ours?.startedAt ?? 0 };
    stage.world = { ...stage.world, incidents: { [incident.id]: incident } };
    stage.request("remedy", shows(deployment((ours?.startedAt ?? 0) + 4_000)));
    expect(stage.attempt("remedy").problem?.code).toBe("somebody-acting");
  });

  it("is nobody else's, by the deployment that it made", () => {
    const made = (id: string): Theatre => {
      const stage = afterOurs(0);
      const [ours] = stage.attempts("remedy");
      if (ours === undefined) throw new Error("nothing was done");
      const evidence = { deploymentId: id };
      const attempts = { ...stage.world.attempts, [ours.id]: { ...ours, evidence } };
      stage.world = { ...stage.world, attempts };
      return stage.request("remedy", shows(deployment(stage.now, "made")));
    };
    expect(made("made").attempt("remedy").state).toBe("started");
    expect(made("another").attempt("remedy").problem?.code).toBe("somebody-acting");
  });
});
