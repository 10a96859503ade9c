import { describe, expect, it } from "vitest";

import { ACTIONS } from "../../test/support/rules.ts";
import { paths, Theatre } from "../../test/support/theatre.ts";
import { defaultRules } from "../config/default-rules.ts";
import { TRAITS } from "../actions/index.ts";
import type { Inspection } from "../domain/evidence.ts";
import { hashOf } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { OrderKind } from "../domain/order.ts";
import type { Rules } from "../domain/rules.ts";

// One story for each machine, with the runbooks as they are shipped and everything on auto.

const RULES: Rules = await (async () => {
  const shipped = await defaultRules(["api", "postgres"]);
  const switches = Object.fromEntries(
    ["read-only", "load-shedding", "circuit-breaker"].map((name) => [
      name,
      { targets: ["api"], leaseMs: 600_000, renewMs: 120_000 },
    ]),
  );
  const rules = {
    ...shipped,
    switches,
    modes: { default: "auto" as const },
    actions: { ...TRAITS, ...ACTIONS },
  };
  return { ...rules, hash: hashOf(rules) };
})();

const RUNNING: Inspection = {
  platform: "well",
  deployment: { status: "SUCCESS", stopped: false },
  inFlight: null,
  instances: ["RUNNING"],
  volume: null,
};

const API = { target: "api", probe: "health" } as const;
const ERRORS = { target: "api", probe: "rates", name: "error-share" } as const;

/** A minute of looks that all say the same. */
function last(stage: Theatre, state: "healthy" | "breached", signal: object, looks = 6): Theatre {
  for (let look = 0; look < looks; look += 1) stage.verdict(state, signal).pass(9_900);
  return stage;
}

function inspected(stage: Theatre, more: Partial<Inspection> = {}): Theatre {
  const inspection = { ...RUNNING, ...more } as unknown as JsonObject;
  return stage.request("inspect").outcome("inspect", "seen", { inspection });
}

function order(stage: Theatre, kind: OrderKind, incident = stage.incident.id): Theatre {
  const id = `${kind}-${stage.now}`;
  stage.dispatch({
    id: id as never,
    at: stage.now,
    cause: null,
    type: "order",
    order: { id, order: kind, incident, by: "ann" },
  });
  return stage.pass(10);
}

function incident(stage: Theatre, kind: string) {
  return Object.values(stage.world.incidents).find((one) => one.kind === kind);
}

const stage = (): Theatre => new Theatre(RULES);

describe("service-down", () => {
  it("is confirmed, restarted because it hangs, and resolved", () => {
    const story = stage()
      .verdict("breached", { ...API, code: "timeout" })
      .request("confirm")
      .outcome("confirm", "seen", paths("down"));
    inspected(story.verdict("breached", { ...API, code: "timeout" }));
    expect(story.incident).toMatchObject({ state: "remedying.asked", cause: "not-answering" });
    story.request("remedy").outcome("remedy", "accepted").outcome("remedy", "seen");
    last(story, "healthy", API);
    expect(story.attempt("remedy")).toMatchObject({ action: "restart", state: "effective" });
    last(story.wait(70_000), "healthy", API);
    expect(story.incident.ending).toBe("resolved");
    expect(story.told).toEqual(["opened", "acted", "resolved"]);
  });

  it("is not restarted when the app itself says what it misses", () => {
    const unwell = { ...API, code: "unexpected-body" } as const;
    const story = stage()
      .verdict("breached", unwell)
      .request("confirm")
      .outcome("confirm", "seen", paths("down"));
    inspected(story.verdict("breached", unwell));
    expect(story.incident).toMatchObject({ state: "escalated", cause: "calls-itself-unwell" });
    expect(story.attempts("remedy")).toEqual([]);
  });
});

describe("what no second path agreed to", () => {
  it("is confirmed before anything is done about its relapse", () => {
    const story = stage().verdict("breached", { ...API, code: "timeout" });
    for (let look = 0; look < 5; look += 1)
      story.request("confirm").outcome("confirm", "seen", paths("down", "up")).wait(5_000);
    expect(story.incident).toMatchObject({ state: "escalated" });
    last(story, "healthy", API);
    expect(story.incident.state).toBe("soaking");
    story.verdict("breached", { ...API, code: "timeout" });
    expect(story.incident.state).toBe("confirming.looking");
    story.request("confirm").outcome("confirm", "seen", paths("down"));
    expect(story.incident.state).toBe("inspecting");
  });
});

describe("rollout-regression", () => {
  /** Errors that began with a release, up to the question whether it may be rolled back. */
  function rolledBack(): Theatre {
    const story = stage().verdict("breached", ERRORS);
    inspected(story, { release: { deployment: "bad", at: story.now - 60_000, isLive: true } });
    expect(incident(story, "high-error-rate")?.ending).toBe("attached");
    expect(incident(story, "rollout-regression")).toMatchObject({ state: "containing" });
    story
      .request("contain", undefined, { undo: { value: "off" } })
      .outcome("contain", "seen")
      .verdict("breached", ERRORS);
    inspected(story, { release: { deployment: "bad", at: story.now - 60_000, isLive: true } });
    return story.verdict("breached", ERRORS).request("remedy");
  }

  it("takes errors over that began with it, freezes, rolls back, and keeps the freeze until a person releases it", () => {
    const story = rolledBack().outcome("remedy", "accepted").outcome("remedy", "seen");
    expect(story.attempt("remedy")).toMatchObject({ action: "rollback", state: "seen" });
    last(story, "healthy", ERRORS);
    expect(story.attempt("remedy").state).toBe("effective");
    last(story.wait(310_000), "healthy", ERRORS);
    expect(incident(story, "rollout-regression")).toMatchObject({
      state: "keeping",
      closedAt: null,
    });
    expect(Object.values(story.world.leases)).toMatchObject([
      { switch: "freeze-autodeploy", state: "active" },
    ]);
    expect(story.told.at(-1)).toBe("kept");

    order(story, "resolve", incident(story, "rollout-regression")?.id);
    expect(story.attempt("undo")).toMatchObject({
      action: "freeze-autodeploy",
      params: { value: "off" },
    });
    story.request("undo").outcome("undo", "seen");
    expect(incident(story, "rollout-regression")?.ending).toBe("resolved");
    expect(Object.values(story.world.leases)).toMatchObject([{ state: "ended" }]);
  });

  it("does not take its own rollback for the next bad release", () => {
    const story = rolledBack().outcome("remedy", "accepted").outcome("remedy", "seen");
    const rollback = story.now;
    last(story, "healthy", ERRORS);
    order(story, "resolve", incident(story, "rollout-regression")?.id);
    story.request("undo").outcome("undo", "seen").pass(300_000).verdict("breached", ERRORS);
    inspected(story, { release: { deployment: "ours", at: rollback, isLive: true } });
    expect(story.incident).toMatchObject({ kind: "high-error-rate", cause: "unclear" });
  });

  it("asks a person when a rollback did not help, and does not try it twice", () => {
    const story = rolledBack().outcome("remedy", "accepted").outcome("remedy", "seen");
    // For two minutes a rate still looks back at the time before.
    story.wait(121_000);
    last(story, "breached", ERRORS);
    story.wait(610_000);
    expect(story.attempt("remedy").state).toBe("ineffective");
    expect(incident(story, "rollout-regression")?.state).toBe("escalated");
    expect(story.attempts("remedy")).toHaveLength(1);
  });

  it("thaws what a person resolves while it is being frozen", () => {
    const story = stage().verdict("breached", { target: "api", probe: "release" });
    story.request("contain", undefined, { undo: { value: "off" } });
    // It still fails, so the first word is asked back.
    order(order(story, "resolve"), "resolve").outcome("contain", "seen");
    expect(story.incident).toMatchObject({ state: "undoing.asking", closedAt: null });
    story.request("undo").outcome("undo", "seen");
    expect(story.incident.ending).toBe("resolved");
    expect(Object.values(story.world.leases)).toMatchObject([{ state: "ended" }]);
  });

  it("says what it did not do when freezing failed and it became well by itself", () => {
    const release = { target: "api", probe: "release" };
    const story = stage().verdict("breached", release);
    story.request("contain", undefined, { undo: { value: "off" } });
    story.outcome("contain", "rejected", {}, "autodeploy-locked");
    last(story, "healthy", release);
    last(story.wait(310_000), "healthy", release);
    expect(story.incident).toMatchObject({ state: "keeping", closedAt: null });
    const said = story.notices.at(-1);
    expect(said).toMatchObject({ kind: "kept" });
    expect(said?.title).toBe("Well again, and waiting for you: api");
    expect(said?.lines.join()).toContain("without an act of mine");
  });

  it("waits for a person where a migration lies between", () => {
    const cap = { mode: "suggest", code: "migration-between", detail: "alembic upgrade" } as const;
    const story = stage().verdict("breached", { target: "api", probe: "release" });
    story.request("contain").outcome("contain", "seen");
    inspected(story, { release: { deployment: "bad", at: story.now, isLive: true } });
    story.verdict("breached", { target: "api", probe: "release" });
    const platform = { status: "well", statusDetail: "", obstacle: null, seen: {}, cap } as const;
    story.request("remedy", platform);
    expect(story.attempt("remedy").state).toBe("awaiting-approval");
  });
});

describe("high-error-rate", () => {
  const TIMEOUTS = { errors: { timeout: 40, database: 1, other: 2 } };
  const HALF_AN_HOUR = 30 * 60_000;

  /** One more replica is asked for, and seen. */
  function scaled(story: Theatre, from: number): Theatre {
    inspected(story, TIMEOUTS);
    const undo = { value: "down", restore: { eu: from }, set: { eu: from + 1 } };
    story.verdict("breached", ERRORS).request("remedy", undefined, { undo });
    return story.outcome("remedy", "accepted").outcome("remedy", "seen");
  }

  /** Well, minute by minute, until so many ends were asked for. */
  function staysWell(story: Theatre, undos: number): void {
    for (let minute = 0; minute < 40 && story.attempts("undo").length < undos; minute += 1)
      story.verdict("healthy", ERRORS).wait(60_000);
  }

  it("gets more replicas for time-outs, and gives them back when it has been well for half an hour", () => {
    const story = last(scaled(stage().verdict("breached", ERRORS), 1), "healthy", ERRORS);
    expect(story.attempt("remedy")).toMatchObject({ action: "scale", state: "effective" });
    const since = story.now;
    expect(story.incident.state).toBe("sustaining");
    const said = story.notices.at(-1);
    expect(said?.title).toBe("Well again: api");
    expect(said?.lines.join(" ")).toContain("taken back at");
    staysWell(story, 1);
    expect((story.now - since) / HALF_AN_HOUR).toBeCloseTo(1, 1);
    expect(story.attempt("undo").params).toMatchObject({ restore: { eu: 1 }, set: { eu: 2 } });
    story.request("undo").outcome("undo", "seen");
    last(story.wait(200_000), "healthy", ERRORS);
    expect(story.incident.ending).toBe("resolved");
    expect(Object.values(story.world.leases)).toMatchObject([{ state: "ended" }]);
  });

  it("gets one more when more come meanwhile, and goes back to what was before the first", () => {
    const story = last(scaled(stage().verdict("breached", ERRORS), 1), "healthy", ERRORS);
    last(scaled(story.verdict("breached", ERRORS), 2), "healthy", ERRORS);
    expect(story.attempts("remedy").map(({ state }) => state)).toEqual(["effective", "effective"]);
    staysWell(story, 1);
    expect(story.attempt("undo").params).toMatchObject({ restore: { eu: 1 }, set: { eu: 3 } });
    story.request("undo").outcome("undo", "seen");
    last(story.wait(200_000), "healthy", ERRORS);
    expect(story.incident.ending).toBe("resolved");
    expect(story.attempts("undo")).toHaveLength(1);
  });

  it("keeps the first replica when the second one was refused", () => {
    const story = last(scaled(stage().verdict("breached", ERRORS), 1), "healthy", ERRORS);
    inspected(story.verdict("breached", ERRORS), TIMEOUTS);
    const undo = { value: "down", restore: { eu: 2 }, set: { eu: 3 } };
    story.verdict("breached", ERRORS).request("remedy", undefined, { undo });
    story.outcome("remedy", "rejected", {}, "platform-failed");
    expect(Object.values(story.world.leases)).toMatchObject([
      { state: "active", held: { params: { restore: { eu: 1 }, set: { eu: 2 } } } },
    ]);
  });

  it("is a person's when the crowd stays for longer than two tries to give them back", () => {
    const story = last(scaled(stage().verdict("breached", ERRORS), 1), "healthy", ERRORS);
    for (const round of [1, 2]) {
      staysWell(story, round);
      story.request("undo").outcome("undo", "seen").verdict("breached", ERRORS);
      if (round === 1) last(scaled(story, 1), "healthy", ERRORS);
      else inspected(story, TIMEOUTS);
    }
    expect(story.attempts("remedy")).toHaveLength(2);
    expect(story.incident.state).toBe("escalated");
    expect(story.told.at(-1)).toBe("escalated");
  });

  it.each(["asked", "active"] as const)(
    "gives them back (%s) although its machine was changed and the first try failed",
    (state) => {
      const story = stage().verdict("breached", ERRORS);
      inspected(story, { errors: { timeout: 40, database: 1, other: 2 } });
      const undo = { value: "down", restore: { eu: 1 }, set: { eu: 2 } };
      story.verdict("breached", ERRORS).request("remedy", undefined, { undo });
      if (state === "active") story.outcome("remedy", "seen");
      else story.outcome("remedy", "unknown");
      expect(Object.values(story.world.leases)).toMatchObject([{ state }]);
      const { incident: before } = story;
      const stale = { ...before, snapshot: { ...before.snapshot, value: "of-yesterday" } };
      story.world = { ...story.world, incidents: { [before.id]: stale } };
      story.verdict("breached", ERRORS);
      expect(story.incident.parked).toContain("of-yesterday");
      story.request("undo").outcome("undo", "rejected", {}, "platform-failed");
      last(story, "healthy", ERRORS);
      expect(story.incident.ending).toBe("resolved");
      expect(story.attempts("undo").map((one) => one.state)).toEqual(["rejected", "planned"]);
      story.request("undo").outcome("undo", "seen");
      expect(Object.values(story.world.leases)).toMatchObject([{ state: "ended" }]);
    },
  );

  it("breaks the circuit to somebody else's API", () => {
    const story = stage().verdict("breached", ERRORS);
    inspected(story, { errors: { "external-api": 40, other: 2 } });
    story.verdict("breached", ERRORS).request("fallback").outcome("fallback", "seen");
    expect(Object.values(story.world.leases)).toMatchObject([
      { switch: "circuit-breaker", state: "active" },
    ]);
    last(story, "healthy", ERRORS);
    expect(story.attempt("fallback").state).toBe("effective");
    expect(story.attempt("undo").params).toMatchObject({ switch: "circuit-breaker", value: "off" });
  });

  it("waits until the log was read, and asks a person when it explains nothing", () => {
    const story = stage().verdict("breached", ERRORS);
    inspected(story, { errors: { other: 0 } });
    expect(story.incident.state).toBe("waiting");
    story.wait(31_000);
    inspected(story, { errors: { other: 90 } });
    expect(story.incident.state).toBe("escalated");
  });

  it("is a symptom of the database that is down, and never rolled back", () => {
    const needing = {
      ...RULES.targets,
      api: { needs: ["postgres"], detectMsMax: 8_000, freshMs: 5_000 },
    };
    const rules = { ...RULES, targets: needing } as Rules;
    const down = new Theatre(rules)
      .verdict("healthy")
      .verdict("breached", ERRORS)
      .verdict("breached");
    expect(incident(down, "high-error-rate")?.ending).toBe("attached");
    expect(incident(down, "database-down")?.symptoms).toEqual(["api|rates|error-share"]);
  });
});

describe("high-latency", () => {
  const SLOW = { target: "api", probe: "slow", name: "latency-shift" } as const;
  it("is handed to what runs out, where something does", () => {
    const full = { target: "api", probe: "full", name: "saturation" } as const;
    const story = stage()
      .verdict("breached", { ...full, numbers: { resource: "connections" } })
      .verdict("breached", SLOW);
    inspected(story);
    expect(Object.values(story.world.incidents)).toMatchObject([
      { kind: "saturation", ending: null, symptoms: ["api|slow|latency-shift"] },
      { kind: "high-latency", ending: "attached" },
    ]);
  });

  it("is a person's where nothing explains it", () => {
    const story = inspected(stage().verdict("breached", SLOW));
    expect(story.incident).toMatchObject({ state: "escalated", cause: "unclear" });
  });
});

describe("saturation", () => {
  const full = (resource: string) =>
    ({ target: "api", probe: "full", name: "saturation", numbers: { resource } }) as const;

  it("sheds load first, then restarts where memory is what runs out", () => {
    const story = stage().verdict("breached", full("memory"));
    story.request("contain").outcome("contain", "seen").verdict("breached", full("memory"));
    expect(Object.values(story.world.leases)).toMatchObject([{ switch: "load-shedding" }]);
    inspected(story);
    expect(story.attempt("fallback").action).toBe("restart");
  });

  /** Load is shed, one more replica helps. */
  function grown(): Theatre {
    const story = stage().verdict("breached", full("inflight"));
    story.request("contain").outcome("contain", "seen").verdict("breached", full("inflight"));
    inspected(story);
    const undo = { value: "down", restore: { eu: 1 }, set: { eu: 2 } };
    story.verdict("breached", full("inflight")).request("remedy", undefined, { undo });
    last(story.outcome("remedy", "seen"), "healthy", full("inflight"));
    expect(story.incident.state).toBe("sustaining");
    return story;
  }

  it("lets everybody in again once there are more replicas, which stay", () => {
    const story = grown();
    expect(story.attempts("undo").map(({ action }) => action)).toEqual(["switch"]);
    story.request("undo").outcome("undo", "seen");
    expect(Object.values(story.world.leases)).toMatchObject([
      { switch: "load-shedding", state: "ended" },
      { switch: "scale", state: "active" },
    ]);
    expect(story.incident.state).toBe("sustaining");
  });

  it("sheds load again when it fills up meanwhile, and the end that was asked for does not come after", () => {
    const story = grown().verdict("breached", full("inflight"));
    expect(story.attempt("undo").state).toBe("withdrawn");
    story.request("contain").outcome("contain", "seen");
    expect(Object.values(story.world.leases)).toMatchObject([
      { switch: "load-shedding", state: "active" },
      { switch: "scale", state: "active" },
    ]);
  });

  it("adds no replicas where connections run out", () => {
    const story = stage().verdict("breached", full("connections"));
    story.request("contain").outcome("contain", "seen").verdict("breached", full("connections"));
    inspected(story);
    expect(story.incident).toMatchObject({ state: "escalated", cause: "connections-run-out" });
  });
});

describe("crash-loop", () => {
  const CRASHES = { target: "api", probe: "crashes", name: "crash-loop" } as const;
  it("is taken back with the release it began with", () => {
    const story = stage().verdict("breached", CRASHES);
    inspected(story, {
      instances: ["RESTARTING"],
      release: { deployment: "bad", at: story.now - 1_000, isLive: true },
    });
    expect(story.incident.kind).toBe("rollout-regression");
  });

  it("is a person's otherwise: Railway restarts it anyway", () => {
    const story = inspected(stage().verdict("breached", CRASHES), { instances: ["CRASHED"] });
    expect(story.incident.state).toBe("escalated");
    expect(story.attempts("remedy")).toEqual([]);
  });
});

describe("memory-leak", () => {
  const leak = (hoursToLimit: number) =>
    ({ target: "api", probe: "leak", name: "memory-leak", numbers: { hoursToLimit } }) as const;

  it("tells how long it will last, waits, and replaces the process when its limit is near", () => {
    const story = inspected(stage().verdict("breached", leak(9)));
    expect(story.incident.state).toBe("waiting");
    expect(story.notices[0]?.lines.join("\n")).toContain("hours to limit 9");
    story.wait(600_000).verdict("breached", leak(1.5));
    inspected(story);
    expect(story.attempt("remedy")).toMatchObject({ action: "redeploy", state: "planned" });
  });
});

describe("a person", () => {
  it("takes an incident over: nothing more is done, and nobody is reminded", () => {
    const story = order(stage().verdict("breached", ERRORS), "take");
    expect(story.incident).toMatchObject({ state: "escalated", acknowledgedBy: "ann" });
    expect(story.wait(3_600_000).told).not.toContain("reminder");
    last(story, "healthy", ERRORS);
    expect(story.attempts("remedy")).toEqual([]);
  });

  it("is reminded until they say that they know", () => {
    const story = inspected(stage().verdict("breached", ERRORS));
    expect(story.incident.state).toBe("escalated");
    story.wait(1_900_000);
    expect(story.told.filter((kind) => kind === "reminder")).toHaveLength(1);
    order(story, "ack").wait(36_000_000);
    expect(story.told.filter((kind) => kind === "reminder")).toHaveLength(1);
  });

  it("is asked back when they resolve what still fails, and obeyed the second time", () => {
    const story = order(stage().verdict("breached", ERRORS), "resolve");
    expect(story.incident.closedAt).toBeNull();
    expect(story.told.at(-1)).toBe("asked-back");
    order(story, "resolve");
    expect(story.incident.ending).toBe("resolved");
    expect(story.notices.at(-1)?.title).toBe("Closed by ann: api is not seen to be well");
  });

  it("is asked back while another signal of it is breached, whatever its own says", () => {
    const burn = { ...ERRORS, name: "burn-rate" };
    const story = stage().verdict("breached", ERRORS).verdict("breached", burn);
    order(story.verdict("healthy", ERRORS), "resolve");
    expect(story.told.at(-1)).toBe("asked-back");
    expect(story.notices.at(-1)?.lines[0]).toContain("api (rates, burn-rate) is still breached");
    order(story, "resolve");
    expect(story.notices.at(-1)?.title).toBe("Closed by ann: api is not seen to be well");
  });

  it("is asked back when they resolve before the first look after a restart", () => {
    const before = stage().verdict("breached", ERRORS);
    const after = new Theatre(before.rules);
    after.now = before.now;
    after.world = before.world;
    after.watchingSince = before.now;
    order(after, "resolve", before.incident.id);
    expect(after.notices.at(-1)).toMatchObject({
      kind: "asked-back",
      title: expect.stringContaining("Not seen to be well") as string,
    });
    after.verdict("healthy", ERRORS);
    order(after, "resolve", before.incident.id);
    expect(after.notices.at(-1)?.title).toBe("Resolved: api is well");
  });

  it("hears only what needs them while it is silenced", () => {
    const story = order(inspected(stage().verdict("breached", ERRORS)), "silence");
    const before = story.told.length;
    story.wait(1_900_000);
    expect(story.told).toHaveLength(before);
  });
});
