import { describe, expect, it } from "vitest";

import { ACTIONS } from "../../test/support/rules.ts";
import { Theatre, WELL } from "../../test/support/theatre.ts";
import { TRAITS } from "../actions/index.ts";
import { defaultRules } from "../config/default-rules.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { AttemptId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import { fold, recompute } from "./replay.ts";

// Frozen deployments and more replicas, after an act that may have reset them.

const shipped = await defaultRules(["api", "other"]);
const RULES = {
  ...shipped,
  modes: { default: "auto" as const },
  actions: { ...TRAITS, ...ACTIONS },
  ceilings: { ...shipped.ceilings, cooldownMs: 0 },
};
const RELEASE = { target: "api", probe: "release", name: "rollout-regression" };
const ERRORS = { target: "api", probe: "rates", name: "error-share" };
const REPLICAS: JsonObject = { value: "down", restore: { eu: 1 }, set: { eu: 2 } };

const inspected = (more: JsonObject): JsonObject => ({
  inspection: {
    platform: "well",
    deployment: { status: "SUCCESS", stopped: false },
    inFlight: null,
    instances: ["RUNNING"],
    volume: null,
    ...more,
  },
});

/** A bad release: deployments are frozen, and it is being rolled back. */
function frozen(): Theatre {
  const stage = new Theatre(RULES).verdict("breached", RELEASE);
  stage.request("contain", undefined, { undo: { value: "off" } }).outcome("contain", "seen");
  const release = { id: "d1", at: stage.now - 60_000, isLive: true };
  stage.request("inspect").outcome("inspect", "seen", inspected({ release }));
  return stage.verdict("breached", RELEASE).request("remedy").outcome("remedy", "accepted");
}

/** A crowd: there is one replica more. */
function scaled(): Theatre {
  const errors = { timeout: 40, database: 1, other: 2 };
  const stage = new Theatre(RULES).verdict("breached", ERRORS);
  stage.request("inspect").outcome("inspect", "seen", inspected({ errors }));
  stage.verdict("breached", ERRORS).request("remedy", undefined, { undo: REPLICAS });
  return stage.outcome("remedy", "seen");
}

/** An act of another incident on a target came to its end. */
function after(stage: Theatre, action: string, target = "api"): Theatre {
  const like = Object.values(stage.world.attempts)[0];
  if (like === undefined) throw new Error("nothing was done");
  const id = "other.1" as AttemptId;
  const ends = { params: {}, state: "accepted", endedAt: null, incident: null } as const;
  const act: Attempt = { ...like, ...ends, id, slot: "remedy", action, target };
  stage.world = { ...stage.world, attempts: { ...stage.world.attempts, [id]: act } };
  return stage.outcome("remedy", "seen");
}

const lease = ({ world }: Theatre) => Object.values(world.leases)[0];
const gone = (stage: Theatre) => stage.notices.filter(({ kind }) => kind === "gone");

describe("what is held, after an act that may have reset it", () => {
  it.each(["rollback", "redeploy", "restart"])("is looked at again: %s", (action) => {
    const stage = after(scaled(), action);
    expect(stage.attempts("undo")).toMatchObject([
      { action: "scale", target: "api", params: { ...REPLICAS, recheck: true }, askedIn: "" },
    ]);
    expect(lease(stage)?.state).toBe("active");
  });

  it.each([
    ["an act that leaves the process alone", "inspect", "api"],
    ["an act on another target", "rollback", "other"],
  ])("is not after %s", (_, action, target) => {
    expect(after(scaled(), action, target).attempts("undo")).toEqual([]);
  });

  it("is asked about once while the answer is awaited", () => {
    const stage = after(after(scaled(), "restart"), "redeploy");
    expect(stage.attempts("undo")).toHaveLength(1);
  });

  it("goes on where it still stands, and nobody is disturbed", () => {
    const stage = after(scaled(), "restart");
    const { state } = stage.incident;
    stage.request("undo").outcome("undo", "rejected", {}, "still-stands");
    expect(lease(stage)?.state).toBe("active");
    expect(stage.incident.state).toBe(state);
    expect(gone(stage)).toEqual([]);
  });

  it("is over where somebody has set another number: told, and never taken back to the old one", () => {
    const stage = after(scaled(), "rollback").request("undo");
    stage.outcome("undo", "seen", { shown: ["there are 3 in eu now, and not by me"] });
    expect(lease(stage)?.state).toBe("ended");
    expect(gone(stage)).toMatchObject([{ title: "Not as I left it: scale of api" }]);
    expect(gone(stage)[0]?.lines[0]).toBe("Evidence: there are 3 in eu now, and not by me");
    stage
      .verdict("healthy", ERRORS)
      .wait(31 * 60_000)
      .verdict("healthy", ERRORS);
    expect(stage.incident.ending).toBe("resolved");
    expect(stage.attempts("undo")).toHaveLength(1);
  });

  it("is nobody's question any more when it was taken back meanwhile", () => {
    const stage = after(scaled(), "restart");
    const held = lease(stage);
    if (held === undefined) throw new Error("nothing is held");
    stage.world = {
      ...stage.world,
      leases: { [held.id]: { ...held, state: "ended" } },
    };
    stage.request("undo");
    expect(stage.attempt("undo")).toMatchObject({ state: "withdrawn" });
    expect(gone(stage)).toEqual([]);
  });

  it("does not take what we added since for somebody's doing", () => {
    const add = (stage: Theatre): Theatre => {
      const held = lease(stage);
      if (held?.held === undefined) throw new Error("nothing is held");
      const more = { ...held.held, params: { ...REPLICAS, set: { eu: 3 } } };
      stage.world = { ...stage.world, leases: { [held.id]: { ...held, held: more } } };
      return stage;
    };
    const before = add(after(scaled(), "restart")).request("undo");
    expect(before.attempt("undo")).toMatchObject({ state: "withdrawn" });
    const between = add(after(scaled(), "restart").request("undo"));
    between.outcome("undo", "seen", { shown: ["there are 3 in eu now, and not by me"] });
    for (const stage of [before, between]) {
      expect(lease(stage)?.state).toBe("active");
      expect(gone(stage)).toEqual([]);
    }
  });

  it("looks at the freeze after our own rollback, and says so when that has let deployments go on", () => {
    const stage = frozen().outcome("remedy", "seen");
    expect(stage.attempt("undo")).toMatchObject({
      action: "freeze-autodeploy",
      params: { value: "off", recheck: true },
    });
    expect(stage.incident.state).toBe("verifying");
    stage.request("undo").outcome("undo", "seen", { shown: ["deploys on push are on again"] });
    expect([lease(stage)?.state, stage.incident.state]).toEqual(["ended", "verifying"]);
    expect(gone(stage)).toHaveLength(1);
    for (let look = 0; look < 3; look += 1) stage.verdict("healthy", RELEASE);
    stage.wait(11_000).verdict("healthy", RELEASE);
    expect(stage.incident.state).toBe("keeping");
    expect(stage.notices.at(-1)?.title).toBe("Well again, and waiting for you: api");
  });

  it("is a look: it makes nobody's release ours, explains no failure, and is no act in vain", () => {
    const stage = after(scaled(), "restart").pass(120_000).request("undo");
    const look = stage.attempt("undo");
    const fresh = { params: {}, startedAt: null, settlesAt: null, plannedAt: stage.now } as const;
    const by = { ...look, ...fresh, id: "other.2" as AttemptId };
    const next = (action: string): Attempt => ({
      ...by,
      slot: "fallback",
      state: "planned",
      action,
    });
    const put = (attempt: Attempt): Theatre => {
      stage.world = {
        ...stage.world,
        attempts: { ...stage.world.attempts, [attempt.id]: attempt },
      };
      return stage;
    };
    const change = {
      at: stage.now,
      what: "deployment",
      words: "a new deployment d7",
      deployment: "d7",
    } as const;
    const pushed = put(next("redeploy")).objections("fallback", { ...WELL, changes: [change] });
    expect(pushed).toContain("stand-back");
    stage.verdict("breached", { target: "api", probe: "health" });
    expect(Object.values(stage.world.incidents).map(({ kind }) => kind)).toContain("service-down");
    stage.outcome("undo", "unknown", {}, "evidence-withheld");
    expect(put(next("scale")).objections("fallback")).not.toContain("futility");
  });

  it("is decided again from the journal, byte for byte", () => {
    const stage = frozen().outcome("remedy", "seen").request("undo");
    stage.outcome("undo", "seen", { shown: ["deploys on push are on again"] });
    const stored = JSON.parse(JSON.stringify(stage.entries)) as typeof stage.entries;
    expect(recompute(stored, RULES)).toEqual([]);
    expect(fold(stored).leases).toEqual(stage.world.leases);
  });
});
