import { describe, expect, it } from "vitest";

import { ACTIONS, rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre, WELL } from "../../test/support/theatre.ts";
import { TRAITS } from "../actions/index.ts";
import type { PlatformFact } from "../domain/facts.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Rules } from "../domain/rules.ts";
import { createDraft } from "./draft.ts";
import { recompute } from "./replay.ts";
import { ease, withdrawEnds } from "./undo.ts";

// A switch that nothing takes, and the variable that a person may have set instead.

const FLAG = { name: "READ_ONLY", on: "1", off: "0" };
const UNDO: JsonObject = { value: "off", ...FLAG, restore: null, since: 7 };
const CAPPED: PlatformFact = {
  ...WELL,
  cap: { mode: "suggest", code: "switch-needs-approval", detail: "READ_ONLY would be set" },
};

function rules(more: Partial<Rules> = {}): Rules {
  const way = { targets: ["api"], leaseMs: 30_000, renewMs: 10_000 };
  return rulesFor({
    switches: { "read-only": { ...way, variable: { target: "api", ...FLAG } } },
    actions: { ...TRAITS, ...ACTIONS },
    ...more,
  });
}

const down = (more?: Partial<Rules>): Theatre =>
  new Theatre(rules(more))
    .verdict("breached")
    .request("confirm")
    .outcome("confirm", "seen", paths("down"));

/** The other ways did not take it. */
const refused = (more?: Partial<Rules>): Theatre =>
  down(more).request("contain").outcome("contain", "rejected", {}, "switch-refused");

/** A person has approved it, and it was done. */
const inForce = (): Theatre =>
  refused()
    .request("contain", CAPPED)
    .verdict("breached")
    .request("contain", WELL, { undo: UNDO })
    .outcome("contain", "seen", { deploymentId: "d2" });

const lease = ({ world }: Theatre) =>
  Object.values(world.leases).find(({ held }) => held?.action === "variable");

describe("the variable of a switch", () => {
  it("is not asked for while another way takes the switch, which needs no approval", () => {
    const stage = down().request("contain", CAPPED);
    expect(stage.attempt("contain")).toMatchObject({ action: "switch", state: "started" });
    stage.outcome("contain", "seen");
    expect(stage.attempts("contain")).toHaveLength(1);
    expect(stage.incident.state).toBe("inspecting");
  });

  it.each(["rejected", "not-seen", "unknown"] as const)(
    "is asked for after a switch that was %s, and waits for a person in every mode",
    (state) => {
      const stage = down().request("contain").outcome("contain", state, {}, "switch-unreachable");
      expect(stage.incident.state).toBe("containing");
      expect(stage.attempt("contain")).toMatchObject({
        action: "variable",
        target: "api",
        params: { switch: "read-only", value: "on", ...FLAG },
      });
      stage.request("contain", CAPPED);
      expect(stage.attempt("contain")).toMatchObject({
        state: "awaiting-approval",
        problem: { code: "switch-needs-approval" },
      });
      // The machine goes on meanwhile, people are told once, and what waits goes on waiting.
      expect(stage.incident.state).toBe("inspecting");
      expect(stage.told).toEqual(["opened"]);
      const line = "Not contained yet. May I? read-only on by a variable of api (READ_ONLY";
      expect(stage.notices[0]?.lines.join("\n")).toContain(line);
      stage.request("inspect").outcome("inspect", "seen", CRASHED).request("contain", CAPPED);
      expect(stage.attempt("contain").state).toBe("awaiting-approval");
    },
  );

  it("is no second one while the first waits, and none where no action knows it", () => {
    expect(refused({ actions: ACTIONS }).attempts("contain")).toHaveLength(1);
    expect(refused().attempts("contain")).toHaveLength(2);
  });

  it.each([
    [{ default: "shadow", switch: "auto" } as const, "awaiting-approval"],
    [{ default: "auto", variable: "shadow" } as const, "shadowed"],
  ])("obeys the switch's mode, and the lower of its own: %j", (modes, state) => {
    expect(refused({ modes }).request("contain", CAPPED).attempt("contain").state).toBe(state);
  });

  it.each([
    ["took it over", ["take"]],
    ["called it over", ["resolve", "resolve"]],
  ])("is not asked for when a person %s before the switch failed", (_, orders) => {
    const stage = down().request("contain");
    for (const kind of orders) order(stage, kind as "take");
    stage.outcome("contain", "not-seen", {}, "switch-unreachable");
    expect(stage.attempts("contain")).toHaveLength(1);
  });

  it("is held while something is under way, and that is told", () => {
    const obstacle = { code: "deployment-in-flight", detail: "d0 is BUILDING" } as const;
    const stage = refused().request("contain", { ...CAPPED, obstacle });
    expect(stage.attempt("contain")).toMatchObject({ state: "held", problem: obstacle });
    expect(stage.incident.state).toBe("inspecting");
    // It needs no database that is well: that is what it is for.
    stage.request("contain", CAPPED);
    expect(stage.attempt("contain").state).toBe("awaiting-approval");
    expect(stage.told).toEqual(["opened", "withheld"]);
    expect(stage.notices.at(-1)?.title).toBe("May I? read-only on by a variable of api");
  });

  it("is not begun any more when it is well again", () => {
    const stage = refused().request("contain", CAPPED);
    stage.verdict("healthy").verdict("healthy").verdict("healthy");
    expect(stage.incident.state).toBe("soaking");
    expect(stage.attempt("contain")).toMatchObject({ state: "withdrawn" });
  });
});

describe("a variable that was set", () => {
  it("is a lease that stays in the books until it was read back, through restarts", () => {
    const stage = inForce();
    expect(lease(stage)).toMatchObject({
      state: "active",
      held: { action: "variable", params: UNDO, target: "api" },
    });
    stage.dispatch({ id: "stop" as never, at: stage.now, cause: null, type: "stop" });
    stage.dispatch({ id: "start" as never, at: stage.now, cause: null, type: "start" } as never);
    expect(lease(stage)?.state).toBe("active");
    stage.verdict("healthy").verdict("healthy").verdict("healthy");
    expect(stage.incident.state).toBe("undoing.asking");
    const end = stage.attempt("undo");
    // At the app, where it was set, and not at the database that failed.
    expect(end).toMatchObject({
      action: "variable",
      target: "api",
      params: { ...UNDO, leaseId: lease(stage)?.id },
    });
    // Undo needs no approval, and a failed one is asked for again.
    stage.request("undo", WELL, { undo: null }).outcome("undo", "unknown", {}, "no-evidence");
    stage.wait(2_000).request("undo", WELL, { undo: null }).outcome("undo", "seen");
    expect(stage.attempts("undo")).toHaveLength(2);
    expect(lease(stage)?.state).toBe("ended");
    expect(stage.incident.state).toBe("soaking");
    expect(recompute(stage.entries, stage.rules)).toEqual([]);
  });

  it("is taken back also where nobody knows whether it happened", () => {
    const stage = refused()
      .verdict("breached")
      .request("contain", WELL, { undo: UNDO })
      .outcome("contain", "unknown", {}, "evidence-withheld");
    expect(lease(stage)?.state).toBe("asked");
    stage.verdict("healthy").verdict("healthy").verdict("healthy");
    expect(stage.attempt("undo")).toMatchObject({ action: "variable", state: "planned" });
  });

  it("stays when it is contained again before its end has begun", () => {
    const stage = inForce();
    const { id } = stage.incident;
    const event = { id: "x" as never, at: stage.now, cause: null, type: "stop" } as const;
    const facts = { watchingSince: 0, signals: {} };
    const draft = createDraft(stage.world, event, facts, stage.rules);
    ease(draft, id);
    const end = () => Object.values(draft.world().attempts).find(({ slot }) => slot === "undo");
    expect(end()).toMatchObject({ action: "variable", target: "api", state: "planned" });
    withdrawEnds(draft, id);
    expect(end()?.state).toBe("withdrawn");
  });

  it("is nothing to take back where it surely did not happen", () => {
    const stage = refused()
      .verdict("breached")
      .request("contain", WELL, { undo: UNDO })
      .outcome("contain", "rejected", {}, "railway-not-authorized");
    expect(lease(stage)?.state).toBe("ended");
  });

  it.each(["seen", "rejected"] as const)("is looked at again after a rollback: %s", (state) => {
    const stage = inForce();
    const { attempts } = stage.world;
    const remedy = Object.values(attempts).find(({ action }) => action === "variable");
    if (remedy === undefined) throw new Error("no variable");
    const id = "other.1" as typeof remedy.id;
    // Another incident's, on the same service.
    const act = { ...remedy, id, incident: null, action: "rollback", state: "accepted" as const };
    stage.world = { ...stage.world, attempts: { ...attempts, [id]: act } };
    stage.dispatch({
      id: "rolled" as never,
      at: stage.now,
      cause: null,
      type: "outcome",
      attempt: id,
      state: "seen",
      evidence: {},
      problem: null,
    });
    expect(stage.attempt("undo").params).toEqual({ ...UNDO, recheck: true });
    const before = stage.incident.state;
    stage.request("undo", WELL, { undo: null }).outcome("undo", state, {}, "still-stands");
    expect(lease(stage)?.state).toBe(state === "seen" ? "ended" : "active");
    expect(stage.incident.state).toBe(before);
  });
});

function order(stage: Theatre, kind: "take" | "resolve"): void {
  const id = `${kind}-${stage.now}`;
  const said = { id, order: kind, incident: stage.incident.id, by: "ann" };
  stage.dispatch({ id: id as never, at: stage.now, cause: null, type: "order", order: said });
  stage.pass(10);
}
