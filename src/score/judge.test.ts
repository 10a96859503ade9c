import { describe, expect, it } from "vitest";

import type { Attempt } from "../domain/attempt.ts";
import type { PlatformChange } from "../domain/facts.ts";
import type { AttemptId, IncidentId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import { problem } from "../domain/problem.ts";
import { MINUTE_MS } from "../domain/time.ts";
import type { Case, End } from "./case.ts";
import { judge } from "./judge.ts";

/** It began to fail at 9, the act was wanted at 10 and is given until 13; it is well at 30 and the incident closed at 32. */
const M = MINUTE_MS;
const ATTEMPT: Attempt = {
  id: "i.1" as AttemptId,
  incident: "i" as IncidentId,
  target: "api",
  slot: "remedy",
  action: "restart",
  params: {},
  askedIn: "remedying",
  state: "shadowed",
  plannedAt: 10 * M,
  expiresAt: 40 * M,
  startedAt: null,
  settlesAt: 13 * M,
  endedAt: 10 * M,
  tries: 0,
  problem: problem("mode-shadow"),
  heldUntil: null,
  plan: { deploymentId: "d2" },
  evidence: {},
};
const INCIDENT: Incident = {
  id: "i" as IncidentId,
  kind: "service-down",
  target: "api",
  signal: "api|http|up",
  snapshot: { machine: "service-down", version: 1, value: "resolved", context: {} },
  state: "resolved",
  openedAt: 9.5 * M,
  onset: 9 * M,
  closedAt: 32 * M,
  ending: "resolved",
  cause: "not-answering",
  attempts: 1,
  notices: 0,
  symptoms: [],
  parked: null,
};
const END: End = { at: 32 * M, ending: "resolved", wellAt: 30 * M, unseenFrom: null };

const deployed = (deployment: string, minute: number, release?: string): PlatformChange => ({
  what: "deployment",
  deployment,
  at: minute * M,
  ...(release === undefined ? {} : { release }),
  words: `deployment ${deployment}`,
});
const started = (minute: number, afterCrash = false): PlatformChange => ({
  what: "start",
  deployment: "d2",
  at: minute * M,
  afterCrash,
  words: "a new process",
});
/** What had been there for long. */
const OLD = [deployed("d1", 1, "good"), deployed("d2", 2, "bad")];

interface Told {
  readonly attempt?: Partial<Attempt>;
  readonly incident?: Partial<Incident>;
  readonly end?: Partial<End> | null;
  readonly changes?: readonly PlatformChange[] | null;
  readonly shownThen?: readonly PlatformChange[] | null;
}

function caseOf({ attempt, incident, end, changes, shownThen }: Told): Case {
  return {
    attempt: { ...ATTEMPT, ...attempt },
    incident: { ...INCIDENT, ...incident },
    end: end === null ? null : { ...END, ...end },
    changes: changes === undefined ? OLD : changes,
    shownThen: shownThen === undefined ? OLD : shownThen,
    people: [],
  };
}

const objection = (code: Parameters<typeof problem>[0], retryAt?: number): Told => ({
  attempt: { objection: problem(code, undefined, retryAt) },
});
const rollback = { action: "rollback", plan: { target: { commit: "good" } } };
const redeploy = { action: "redeploy", plan: { present: { commit: "bad" } } };

describe("an act that was not done", () => {
  it.each<[string, Told, string, string]>([
    // helped: it was real, and somebody did the same, later than the act's whole time.
    ["restarted by a person", { changes: [...OLD, started(29)] }, "helped", "person-did-the-same"],
    [
      "redeployed with the same code, which restarts it too",
      { changes: [...OLD, deployed("d3", 29, "bad")] },
      "helped",
      "person-did-the-same",
    ],
    [
      "crashed, and started anew after Railway had given up",
      { incident: { cause: "crashed" }, changes: [...OLD, started(29, true)] },
      "helped",
      "person-did-the-same",
    ],
    [
      "rolled back by a person to the release of the plan",
      { attempt: rollback, changes: [...OLD, deployed("d3", 29, "good")] },
      "helped",
      "person-did-the-same",
    ],
    [
      "redeployed by a person",
      { attempt: redeploy, changes: [...OLD, deployed("d3", 29, "bad")] },
      "helped",
      "person-did-the-same",
    ],
    [
      "contained until somebody acted",
      { attempt: { slot: "contain", action: "switch" }, changes: [...OLD, started(29)] },
      "helped",
      "would-have-contained",
    ],

    // no difference
    ["over before its time", { end: { wellAt: 12 * M } }, "no-difference", "over-before-it"],
    ["well just in its time", { end: { wellAt: 13 * M } }, "no-difference", "over-before-it"],
    [
      "done by a person within its time",
      { end: { wellAt: 12 * M }, changes: [...OLD, started(11)] },
      "no-difference",
      "over-before-it",
    ],
    ["held back", objection("network-in-doubt"), "no-difference", "held-back"],
    ["held back for somebody", objection("somebody-acting", 20 * M), "no-difference", "held-back"],
    [
      "held back for what was in flight",
      objection("deployment-in-flight"),
      "no-difference",
      "held-back",
    ],

    // hurt
    ["false alarm", { end: { ending: "false-alarm", wellAt: null } }, "hurt", "false-alarm"],
    ["wrong incident", { end: { ending: "attached", wellAt: null } }, "hurt", "wrong-incident"],
    ["no release to go back to", objection("no-rollback-target"), "hurt", "invalid-target"],
    [
      "refused by its own preparation",
      { attempt: { plan: { refusal: { code: "autodeploy-locked", detail: "" } } } },
      "hurt",
      "invalid-target",
    ],
    [
      "into a deployment that was not shown yet",
      { changes: [...OLD, deployed("d3", 9.5)] },
      "hurt",
      "would-have-collided",
    ],

    // cannot be said
    ["open", { end: null }, "unknown", "still-open"],
    ["never seen well", { end: { wellAt: null } }, "unknown", "not-seen-well"],
    ["not looked at in its time", { end: { unseenFrom: 12 * M } }, "unknown", "not-looked"],
    ["platform not read", { changes: null }, "unknown", "platform-not-read"],
    ["came back by itself", {}, "unknown", "came-back-by-itself"],
    [
      "started anew by Railway after a crash",
      { changes: [...OLD, started(29, true)] },
      "unknown",
      "came-back-by-itself",
    ],
    [
      "another release",
      { changes: [...OLD, deployed("d3", 29, "fix")] },
      "unknown",
      "something-else-was-done",
    ],
    [
      "a release of which Railway says nothing",
      { changes: [...OLD, deployed("d3", 29)] },
      "unknown",
      "something-else-was-done",
    ],
    [
      "restarted, and then released: the last one counts",
      { changes: [...OLD, started(20), deployed("d3", 29, "fix")] },
      "unknown",
      "something-else-was-done",
    ],
    [
      "rolled back elsewhere",
      { attempt: rollback, changes: [...OLD, deployed("d3", 29, "older")] },
      "unknown",
      "something-else-was-done",
    ],
    [
      "restarted where it would have been scaled",
      { attempt: { action: "scale" }, changes: [...OLD, started(29)] },
      "unknown",
      "something-else-was-done",
    ],
    [
      "contained what came back by itself",
      { attempt: { slot: "contain", action: "switch" } },
      "unknown",
      "came-back-by-itself",
    ],
    ["held for a while", objection("cooling-down", 20 * M), "unknown", "hold-would-have-ended"],
  ])("%s", (_name, told, verdict, code) => {
    expect(judge(caseOf(told))).toMatchObject({ verdict, code });
  });

  it("was seen failing for longer than its time, although nobody looked later", () => {
    const told = { end: { unseenFrom: 20 * M }, changes: [...OLD, started(29)] };
    expect(judge(caseOf(told)).verdict).toBe("helped");
  });

  it("is no collision where the preparation does not read what is under way", () => {
    const changes = [...OLD, deployed("d3", 9.5)];
    expect(judge(caseOf({ changes, shownThen: null })).verdict).not.toBe("hurt");
    expect(judge(caseOf({ changes, shownThen: changes })).verdict).not.toBe("hurt");
  });

  it("tells the numbers", () => {
    expect(judge(caseOf({ end: { wellAt: 12 * M } })).text).toBe(
      "well again 2 min after it was wanted; the act is given 3 min",
    );
  });
});
