import { describe, expect, it } from "vitest";

import { ACTIONS, rulesFor } from "../../test/support/rules.ts";
import { Theatre } from "../../test/support/theatre.ts";
import { TRAITS } from "../actions/index.ts";
import { defaultRules } from "../config/default-rules.ts";
import { eventId, hashOf } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Rules } from "../domain/rules.ts";
import { MINUTE_MS } from "../domain/time.ts";

// What we do ourselves looks like a failure while it lasts, and like health before it began. (Refusals by a switch:
// test/integration/refusals.test.ts.)

/** The runbooks as they are shipped, everything on auto, and an API that needs nothing: nothing else may explain what it says. */
const ALONE: Rules = await (async () => {
  const shipped = await defaultRules(["api"]);
  const rules = {
    ...shipped,
    modes: { default: "auto" as const },
    actions: { ...TRAITS, ...ACTIONS },
  };
  return { ...rules, hash: hashOf(rules) };
})();
const { aftermathMs } = ALONE.ceilings;
/** More than any runbook asks for. */
const LOOKS = 5;

const LEAK = { target: "api", probe: "leak", name: "memory-leak", numbers: { hoursToLimit: 1 } };
const RELEASE = { target: "api", probe: "release", name: "rollout-regression" };
/** Whatever else a new process may be taken for. */
const GAP = { target: "api", probe: "health" };
const RATES = [
  { target: "api", probe: "rates", name: "error-share" },
  { target: "api", probe: "slow", name: "latency-shift" },
  { target: "api", probe: "full", name: "saturation" },
  { target: "api", probe: "crashes", name: "crash-loop" },
];

const RUNNING = {
  platform: "well",
  deployment: { status: "SUCCESS", stopped: false },
  inFlight: null,
  instances: ["RUNNING"],
  volume: null,
};

function inspected(story: Theatre, more: JsonObject = {}): Theatre {
  return story
    .request("inspect")
    .outcome("inspect", "seen", { inspection: { ...RUNNING, ...more } });
}

/** Until the call of a redeploy of the API is under way. */
function redeploying(): Theatre {
  const story = inspected(new Theatre(ALONE).verdict("breached", LEAK));
  return story.verdict("breached", LEAK).request("remedy");
}

/** Until the call of a rollback of the API is under way. */
function rollingBack(): Theatre {
  const story = new Theatre(ALONE).verdict("breached", RELEASE);
  story.request("contain", undefined, { undo: { value: "off" } }).outcome("contain", "seen");
  inspected(story, { release: { deployment: "bad", at: story.now, isLive: true } });
  return story.verdict("breached", RELEASE).request("remedy");
}

/** Until the call of a restart of PostgreSQL is under way; the API that needs it has been failing for longer than that explains. */
function restarting(): Theatre {
  const { targets } = rulesFor();
  const postgres = { needs: [], freshMs: 5_000, ...targets["postgres"], detectMsMax: 0 };
  return new Theatre(rulesFor({ targets: { ...targets, postgres } }))
    .untilRemedy()
    .request("remedy");
}

/** A person calls the incident done. */
function resolve(story: Theatre): Theatre {
  const { id: incident } = story.incident;
  const id = "order";
  story.dispatch({
    id: eventId("order", id),
    at: story.now,
    cause: null,
    type: "order",
    order: { id, order: "resolve", incident, by: "ann" },
  });
  return story.pass(10);
}

function kinds(story: Theatre): readonly string[] {
  return Object.values(story.world.incidents).map(({ kind }) => kind);
}

describe.each([
  ["a redeploy", "redeploy", redeploying],
  ["a rollback", "rollback", rollingBack],
])("%s of ours", (_name, action, begin) => {
  it.each(["started", "accepted"] as const)("opens nothing while it is %s", (state) => {
    const story = begin();
    if (state === "accepted") story.outcome("remedy", "accepted");
    expect(story.attempt("remedy")).toMatchObject({ action, state });
    const before = kinds(story);
    for (const signal of [GAP, ...RATES]) story.verdict("breached", signal);
    expect(kinds(story)).toEqual(before);
  });
});

describe("a redeploy of ours that has happened", () => {
  const happened = (): Theatre =>
    redeploying().outcome("remedy", "accepted").outcome("remedy", "seen");

  it("opens nothing in its aftermath, and hides nothing after it", () => {
    const story = happened();
    for (const signal of RATES) story.verdict("breached", signal);
    expect(kinds(story)).toEqual(["memory-leak"]);
    story.pass(aftermathMs);
    for (const signal of RATES) story.verdict("breached", signal);
    expect(kinds(story)).toContain("high-error-rate");
  });

  it("does not hide that nothing answers", () => {
    expect(kinds(happened().verdict("breached", GAP))).toContain("service-down");
  });
});

describe("a rollback of ours that has happened", () => {
  it("is no release of somebody else's, and hides the next one only for half an hour", () => {
    const story = rollingBack().outcome("remedy", "accepted").outcome("remedy", "seen");
    for (let look = 0; look < LOOKS; look += 1) story.verdict("healthy", RELEASE);
    resolve(story).request("undo").outcome("undo", "seen");
    expect(story.incident).toMatchObject({ kind: "rollout-regression", ending: "resolved" });
    for (const signal of [...RATES, RELEASE]) story.verdict("breached", signal);
    expect(kinds(story)).toEqual(["rollout-regression"]);
    story.pass(30 * MINUTE_MS).verdict("breached", RELEASE);
    expect(kinds(story)).toEqual(["rollout-regression", "rollout-regression"]);
    // Nor from its diagnosis: what somebody has pushed since is theirs.
    story.request("contain", undefined, { undo: { value: "off" } }).outcome("contain", "seen");
    inspected(story, { release: { deployment: "worse", at: story.now, isLive: true } });
    expect(story.incident.state).toBe("remedying.asked");
  });
});

describe("a restart of ours", () => {
  it.each(["started", "accepted"] as const)(
    "opens nothing on what needs it while it is %s",
    (state) => {
      const story = restarting();
      if (state === "accepted") story.outcome("remedy", "accepted");
      expect(story.attempt("remedy")).toMatchObject({ action: "restart", state });
      for (const signal of [GAP, ...RATES, RELEASE]) story.verdict("breached", signal);
      expect(kinds(story)).toEqual(["database-down"]);
    },
  );

  it("opens nothing on what needs it in its aftermath, when it is over itself", () => {
    const story = restarting().outcome("remedy", "accepted").outcome("remedy", "seen");
    for (let look = 0; look < 2; look += 1) story.verdict("healthy");
    story.request("undo").outcome("undo", "seen").wait(3_100).verdict("healthy");
    expect(story.incident.ending).toBe("resolved");
    for (const signal of [...RATES, RELEASE]) story.verdict("breached", signal);
    expect(kinds(story)).toEqual(["database-down"]);
    story.pass(aftermathMs).verdict("healthy");
    for (const signal of RATES) story.verdict("breached", signal);
    expect(kinds(story)).toContain("high-error-rate");
  });
});

describe.each([
  ["a restart", restarting, {}],
  ["a redeploy", redeploying, LEAK],
  ["a rollback", rollingBack, RELEASE],
])("health before the evidence of %s", (_name, begin, signal) => {
  it("verifies nothing, whether the call was answered or not", () => {
    const story = begin();
    for (let look = 0; look < 5; look += 1) story.verdict("healthy", signal);
    expect(story.attempt("remedy").state).toBe("started");
    story.outcome("remedy", "accepted");
    for (let look = 0; look < 5; look += 1) story.verdict("healthy", signal);
    expect(story.attempt("remedy").state).toBe("accepted");
    expect(story.incident).toMatchObject({ closedAt: null, state: "remedying.acting" });
    // Nothing of it is remembered: only samples from now on count.
    story.outcome("remedy", "seen");
    expect(story.attempt("remedy").state).toBe("seen");
    expect(story.incident.state).toBe("verifying");
    for (let look = 0; look < LOOKS; look += 1) story.verdict("healthy", signal);
    expect(story.attempt("remedy").state).toBe("effective");
  });
});
