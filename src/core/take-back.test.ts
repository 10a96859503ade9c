import { describe, expect, it } from "vitest";

import { ACTIONS } from "../../test/support/rules.ts";
import { Theatre } from "../../test/support/theatre.ts";
import { defaultRules } from "../config/default-rules.ts";
import { TRAITS } from "../actions/index.ts";
import { HOUR_MS, MINUTE_MS } from "../domain/time.ts";
import { fold, recompute } from "./replay.ts";

// Replicas that were added for an incident whose machine then stopped: nobody but the lease itself asks for their end.

const shipped = await defaultRules(["api", "postgres"]);
const RULES = {
  ...shipped,
  modes: { default: "auto" as const },
  actions: { ...TRAITS, ...ACTIONS },
};
const ERRORS = { target: "api", probe: "rates", name: "error-share" };
const UNDO = { value: "down", restore: { eu: 1 }, set: { eu: 2 } };

function parked(): Theatre {
  const stage = new Theatre(RULES).verdict("breached", ERRORS);
  const inspection = {
    platform: "well",
    deployment: { status: "SUCCESS", stopped: false },
    inFlight: null,
    instances: ["RUNNING"],
    volume: null,
    errors: { timeout: 40, database: 1, other: 2 },
  };
  stage.request("inspect").outcome("inspect", "seen", { inspection }).verdict("breached", ERRORS);
  stage.request("remedy", undefined, { undo: UNDO }).outcome("remedy", "seen");
  const { incident } = stage;
  const snapshot = { ...incident.snapshot, version: 0 };
  stage.world = {
    ...stage.world,
    incidents: { [incident.id]: { ...incident, snapshot } },
  };
  stage.verdict("breached", ERRORS);
  expect(stage.incident.parked).not.toBeNull();
  return stage;
}

const fail = (stage: Theatre): Theatre =>
  stage.request("undo").outcome("undo", "rejected", {}, "platform-failed");

const lease = (stage: Theatre) => Object.values(stage.world.leases)[0];
const pages = (stage: Theatre) => stage.told.filter((kind) => kind === "undo-failed").length;

describe("what has no end of its own and no machine", () => {
  it("is asked for again, ever more seldom, and at least once an hour", () => {
    const stage = fail(parked());
    const asked: number[] = [];
    for (let tries = 1; tries <= 6; tries += 1) {
      const since = stage.now;
      while (stage.attempts("undo").length === tries) stage.wait(MINUTE_MS);
      asked.push(Math.round((stage.now - since) / MINUTE_MS));
      fail(stage);
    }
    expect(asked).toEqual([5, 10, 20, 40, 60, 60]);
  });

  it("is one try at a time, also while a pause holds it, and goes on after one that expired", () => {
    const stage = parked().pause({ includingUndo: true }).request("undo");
    stage.wait(29 * MINUTE_MS);
    expect(stage.attempts("undo")).toHaveLength(1);
    stage.wait(10 * MINUTE_MS);
    expect(stage.attempts("undo").map(({ state }) => state)).toEqual(["expired", "planned"]);
  });

  it("calls a person once, after two tries in vain", () => {
    const stage = fail(parked()).wait(6 * MINUTE_MS);
    expect(pages(stage)).toBe(0);
    fail(stage).wait(11 * MINUTE_MS);
    expect(pages(stage)).toBe(1);
    expect(stage.notices.at(-1)?.title).toBe(
      "Needs a person: what was done to api (scale) does not go back",
    );
    fail(stage).wait(HOUR_MS);
    fail(stage).wait(HOUR_MS);
    expect(pages(stage)).toBe(1);
    expect(lease(stage)?.state).toBe("active");
  });

  it("is over when it is read back, and nobody asks any more", () => {
    const stage = fail(parked())
      .wait(6 * MINUTE_MS)
      .request("undo")
      .outcome("undo", "seen");
    expect(lease(stage)?.state).toBe("ended");
    stage.wait(5 * HOUR_MS);
    expect(stage.attempts("undo")).toHaveLength(2);
    expect(pages(stage)).toBe(0);
  });

  it("is asked for when its incident is over, and when the books have forgotten it", () => {
    const stage = fail(parked()).verdict("healthy", ERRORS);
    expect(stage.incident.ending).toBe("resolved");
    while (stage.attempt("undo").incident !== null) {
      fail(stage);
      while (stage.attempt("undo").state !== "planned") stage.wait(MINUTE_MS);
    }
    expect(stage.world.incidents).toEqual({});
    expect(stage.attempt("undo")).toMatchObject({
      incident: null,
      target: "api",
      action: "scale",
      state: "planned",
    });
    stage.request("undo").outcome("undo", "seen");
    expect([stage.world.leases, stage.world.timers]).toEqual([{}, {}]);
  });

  it("is left to the machine where one has it again", () => {
    const stage = fail(parked()).verdict("healthy", ERRORS);
    fail(stage)
      .pass(3 * MINUTE_MS)
      .verdict("breached", ERRORS);
    expect(stage.incident).toMatchObject({ parked: null, closedAt: null });
    expect(stage.incident.snapshot.context["contained"]).toBe(true);
    stage.wait(5 * HOUR_MS);
    expect(stage.attempts("undo")).toHaveLength(2);
    for (let look = 0; look < 9; look += 1) stage.verdict("healthy", ERRORS);
    expect(stage.attempts("undo")).toHaveLength(3);
    stage.request("undo").outcome("undo", "seen");
    expect(lease(stage)?.state).toBe("ended");
  });

  it("is decided again from the journal, byte for byte", () => {
    const stage = fail(parked()).wait(6 * MINUTE_MS);
    const after = stage.entries.findIndex(({ decision }) =>
      decision.reasons.some(({ code }) => code === "machine-failed"),
    );
    // The entry at which a machine of another version is met cannot be made again by this one; the rest can.
    const stored = JSON.parse(JSON.stringify(stage.entries)) as typeof stage.entries;
    expect(fold(stored).timers).toEqual(stage.world.timers);
    expect(recompute(stored, RULES).every(({ seq }) => seq === after + 1)).toBe(true);
  });
});
