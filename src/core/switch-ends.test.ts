import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre } from "../../test/support/theatre.ts";
import type { Attempt } from "../domain/attempt.ts";
import { type AttemptId, eventId, type LeaseId } from "../domain/ids.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";

// Switches whose end no machine waits for, and switches of an app that has a new process.

const LEASE_MS = 10 * MINUTE_MS;
const RULES = rulesFor({
  switches: { "read-only": { targets: ["api"], leaseMs: LEASE_MS, renewMs: 2 * MINUTE_MS } },
});

/** The database is down and read-only mode is on. */
const contained = (): Theatre =>
  new Theatre(RULES)
    .verdict("breached")
    .request("confirm")
    .outcome("confirm", "seen", paths("down"))
    .request("contain")
    .outcome("contain", "seen");

/** Its machine has stopped; that read-only mode ends is asked for without it. */
function parked(): Theatre {
  const stage = contained();
  const { incident } = stage;
  const snapshot = { ...incident.snapshot, version: 0 };
  stage.world = { ...stage.world, incidents: { [incident.id]: { ...incident, snapshot } } };
  stage.verdict("breached");
  expect(stage.incident.parked).not.toBeNull();
  return stage;
}

const fail = (stage: Theatre): Theatre =>
  stage.request("undo").outcome("undo", "not-seen", {}, "switch-unreachable");
const lease = (stage: Theatre) => Object.values(stage.world.leases)[0];
const pages = (stage: Theatre) => stage.notices.filter(({ kind }) => kind === "undo-failed");

describe("a switch that does not go off and that no machine waits for", () => {
  it("is tried again every half minute, one try at a time, until the app has ended it by itself", () => {
    const stage = fail(parked());
    stage.wait(29 * SECOND_MS);
    expect(stage.attempts("undo")).toHaveLength(1);
    stage.wait(2 * SECOND_MS);
    expect(stage.attempts("undo")).toHaveLength(2);
    stage.wait(2 * MINUTE_MS);
    expect(stage.attempts("undo")).toHaveLength(2);
    fail(stage).wait(LEASE_MS);
    expect(lease(stage)?.state).toBe("ended");
    const { length } = stage.attempts("undo");
    stage.wait(LEASE_MS);
    expect(stage.attempts("undo")).toHaveLength(length);
  });

  it("calls a person once, after two tries in vain", () => {
    const stage = fail(parked()).wait(31 * SECOND_MS);
    expect(pages(stage)).toEqual([]);
    fail(stage).wait(31 * SECOND_MS);
    fail(stage).wait(MINUTE_MS);
    expect(pages(stage)).toHaveLength(1);
    expect(pages(stage)[0]?.title).toBe(
      "Needs a person: the switch read-only of api does not go off",
    );
    expect(pages(stage)[0]?.lines.join("\n")).toMatch(
      /The last try: the app's switch endpoint did not answer\.\nThe app ends it by itself at /,
    );
  });

  it("is nobody's business any more when it is read back as off", () => {
    const stage = parked().request("undo").outcome("undo", "seen");
    expect(lease(stage)?.state).toBe("ended");
    stage.wait(LEASE_MS);
    expect(stage.attempts("undo")).toHaveLength(1);
  });

  it("calls a person when an app goes on showing it after its end", () => {
    const stage = contained();
    // Nobody needs it any more.
    stage.world = { ...stage.world, incidents: {} };
    const orphan = () => {
      stage.dispatch({
        id: eventId("orphan", stage.now),
        at: stage.now,
        cause: null,
        type: "orphan",
        lease: "gone/read-only" as LeaseId,
        switch: "read-only",
        seq: stage.now,
        until: stage.now - MINUTE_MS,
      });
      return fail(stage).pass(30 * SECOND_MS);
    };
    orphan();
    orphan();
    expect(pages(stage)).toEqual([]);
    orphan();
    orphan();
    expect(pages(stage)).toHaveLength(1);
    expect(pages(stage)[0]?.lines.join("\n")).toContain("should have ended it by itself at");
  });
});

describe("a switch of an app that has a new process", () => {
  /** A restart of this target came to its end. */
  function restarted(stage: Theatre, target: string, action = "restart"): Theatre {
    const like = stage.attempt("contain");
    const id = "other.1" as AttemptId;
    const act: Attempt = {
      ...like,
      id,
      slot: "remedy",
      action,
      target,
      params: {},
      state: "started",
    };
    stage.world = {
      ...stage.world,
      attempts: { ...stage.world.attempts, [id]: { ...act, endedAt: null } },
    };
    return stage.outcome("remedy", "seen").wait(1);
  }

  it("is ordered anew at once", () => {
    const stage = restarted(contained(), "api");
    expect(stage.attempts("renew")).toMatchObject([{ state: "planned", action: "switch" }]);
  });

  it("is not when another target has one, or when the process went on", () => {
    expect(restarted(contained(), "postgres").attempts("renew")).toEqual([]);
    expect(restarted(contained(), "api", "inspect").attempts("renew")).toEqual([]);
  });
});

describe("a switch that is ordered on again before its end was read back", () => {
  /** It was on, its end was refused, and the database is down again. */
  const again = (): Theatre => {
    const stage = contained().request("inspect").outcome("inspect", "seen", CRASHED);
    stage.request("remedy").outcome("remedy", "seen");
    for (let look = 0; look < 4; look += 1) stage.pass(1_000).verdict("healthy");
    stage.request("undo").outcome("undo", "rejected", {}, "switch-refused");
    expect(lease(stage)?.state).toBe("ending");
    stage.verdict("breached").request("contain");
    expect(stage.attempts("contain")).toHaveLength(2);
    return stage;
  };

  it("counts as on all along when the app refuses that, and is ended with the incident", () => {
    const stage = again().outcome("contain", "rejected", {}, "switch-refused");
    expect(lease(stage)?.state).toBe("active");
    stage.wait(2 * MINUTE_MS);
    expect(stage.attempts("renew")).toHaveLength(1);
  });

  it("is asked about first when a person took the incident over meanwhile", () => {
    const stage = contained();
    const order = { id: "taken", order: "take", incident: stage.incident.id, by: "ann" } as const;
    stage.dispatch({ id: "taken" as never, at: stage.now, cause: null, type: "order", order });
    for (let look = 0; look < 4; look += 1) stage.pass(1_000).verdict("healthy");
    stage.request("undo").outcome("undo", "seen");
    stage.verdict("breached").request("contain");
    expect(stage.attempt("contain")).toMatchObject({
      state: "awaiting-approval",
      problem: {
        code: "taken-over",
        detail: expect.stringContaining("ann took it over") as string,
      },
    });
  });

  it("was never on when the app refuses the first order", () => {
    const stage = new Theatre(RULES)
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"))
      .request("contain")
      .outcome("contain", "rejected", {}, "switch-refused");
    expect(lease(stage)?.state).toBe("ended");
  });
});
