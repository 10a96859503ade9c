import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";

import { defaultRules } from "../../src/config/default-rules.ts";
import { TRAITS } from "../../src/actions/index.ts";
import { conflict } from "../../src/core/safeguards/conflict.ts";
import { IN_FLIGHT, UNSTARTED, type Attempt } from "../../src/domain/attempt.ts";
import { eventId, hashOf } from "../../src/domain/ids.ts";
import type { Incident } from "../../src/domain/incident.ts";
import type { JsonObject } from "../../src/domain/json.ts";
import { problem } from "../../src/domain/problem.ts";
import type { Rules } from "../../src/domain/rules.ts";
import { paths, Theatre, WELL } from "../support/theatre.ts";

/** With the runbooks as they are shipped, everything on auto, and nothing but the conflict in the way. */
const RULES: Rules = await (async () => {
  const switches = { "load-shedding": { targets: ["api"], leaseMs: 600_000, renewMs: 120_000 } };
  const rules = {
    ...(await defaultRules(["api"])),
    switches: { ...switches, "circuit-breaker": switches["load-shedding"] },
    modes: { default: "auto" as const },
    actions: TRAITS,
    ceilings: {
      perService: 100,
      overall: 100,
      cooldownMs: 0,
      processAgeMs: 0,
      standBackMs: 0,
      aftermathMs: 120_000,
      storm: { targets: 3, withinMs: 0 },
      vain: { incidents: 2, withinMs: 0 },
    },
    budgets: {},
  };
  return { ...rules, hash: hashOf(rules) };
})();

/** What each kind of incident on the same service is opened by, and goes on failing with. */
const KINDS = {
  "service-down": { probe: "health", name: "up", code: "timeout" },
  "memory-leak": { probe: "leak", name: "leak", numbers: { hoursToLimit: 1 } },
  "high-error-rate": { probe: "rates", name: "error-share" },
  saturation: { probe: "full", name: "saturation", numbers: { resource: "inflight" } },
  "rollout-regression": { probe: "release", name: "release" },
} as const;
type Kind = keyof typeof KINDS;

/** None of these explains the other, so that both are open at once. */
const PAIRS: readonly (readonly [Kind, Kind])[] = [
  ["service-down", "memory-leak"],
  ["memory-leak", "high-error-rate"],
  ["saturation", "memory-leak"],
  ["high-error-rate", "saturation"],
  ["memory-leak", "rollout-regression"],
];

const doing = fc.record({
  which: fc.nat(1),
  do: fc.constantFrom("ask", "ask", "ask", "answer", "answer", "well", "wait"),
  how: fc.constantFrom("seen", "seen", "accepted", "accepted", "rejected", "unknown", "not-seen"),
});
type Doing = typeof doing extends fc.Arbitrary<infer T> ? T : never;

/** How often acts began and were kept back for another one: a walk on which neither happens proves nothing. */
interface Tally {
  begun: number;
  held: number;
}

function neverTwoAtOnce(tally: Tally) {
  const story = fc.array(doing, { minLength: 30, maxLength: 90 });
  return fc.property(fc.constantFrom(...PAIRS), story, (kinds, steps) => {
    const stage = new Theatre(RULES);
    for (const kind of kinds) fail(stage, kind);
    for (const step of steps) {
      play(stage, kinds[step.which] ?? kinds[0], step);
      expect(together(stage)).toEqual([]);
    }
    const acts = Object.values(stage.world.attempts).filter(({ slot }) => slot === "remedy");
    tally.begun += acts.filter(({ startedAt }) => startedAt !== null).length;
    tally.held += stage.entries.filter(({ decision }) =>
      decision.reasons.some(({ code }) => code === "target-busy"),
    ).length;
  });
}

describe("two incidents on one service, in any order of what happens", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("never have two acts under way that conflict", () => {
    const tally = { begun: 0, held: 0 };
    fc.assert(neverTwoAtOnce(tally), { numRuns: 150 });
    expect(tally.begun).toBeGreaterThan(75);
    expect(tally.held).toBeGreaterThan(10);
  });

  it("would have, without the safeguard", () => {
    vi.spyOn(conflict, "objection").mockReturnValue(null);
    const found = fc.check(neverTwoAtOnce({ begun: 0, held: 0 }), { endOnFailure: true });
    expect(found.failed).toBe(true);
  });
});

/** Pairs of which the second began while the first, which changes the service, was under way. */
function together({ world, rules }: Theatre): readonly string[] {
  const effectOf = ({ action }: Attempt) => rules.actions[action]?.effect;
  const flying = Object.values(world.attempts)
    .filter(({ state }) => IN_FLIGHT.includes(state))
    .filter((one) => ["destructive", "reversible"].includes(effectOf(one) ?? ""))
    .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
  return flying.flatMap((first, index) =>
    effectOf(first) !== "destructive"
      ? []
      : flying
          .slice(index + 1)
          .filter(({ target }) => target === first.target)
          .map((second) => `${second.action} during ${first.action}`),
  );
}

function play(stage: Theatre, kind: Kind, { do: what, how }: Doing): void {
  const incident = Object.values(stage.world.incidents).findLast(
    (one) => one.kind === kind && one.closedAt === null,
  );
  if (what === "wait") return void stage.wait(4_000);
  if (incident === undefined || what === "ask") fail(stage, kind);
  if (incident === undefined) return;
  if (what === "well") return void stage.verdict("healthy", { target: "api", ...KINDS[kind] });
  const attempts = Object.values(stage.world.attempts).filter(
    (one) => one.incident === incident.id,
  );
  if (what === "ask")
    ask(
      stage,
      attempts.find(({ state }) => UNSTARTED.includes(state)),
    );
  else
    answer(
      stage,
      incident,
      attempts.find(({ state }) => IN_FLIGHT.includes(state)),
      how,
    );
}

function fail(stage: Theatre, kind: Kind): void {
  stage.verdict("breached", { target: "api", ...KINDS[kind] });
}

function ask(stage: Theatre, attempt: Attempt | undefined): void {
  if (attempt === undefined) return;
  const undo = attempt.action === "scale" ? { undo: { value: "down" } } : {};
  const plan = { deploymentId: "d1", ...undo };
  const event = { type: "request" as const, attempt: attempt.id, plan };
  stage.dispatch({ id: eventId("request", attempt.id, stage.now), ...now(stage), ...event }, WELL);
  stage.pass(10);
}

function answer(
  stage: Theatre,
  incident: Incident,
  attempt: Attempt | undefined,
  how: Doing["how"],
): void {
  if (attempt === undefined) return;
  // Looks are answered; what was accepted is no longer refused.
  const isLook = RULES.actions[attempt.action]?.effect === "look";
  const state = isLook || (attempt.state === "accepted" && how === "rejected") ? "seen" : how;
  stage.dispatch({
    id: eventId("outcome", attempt.id, state, stage.now),
    ...now(stage),
    type: "outcome",
    attempt: attempt.id,
    state,
    evidence: evidenceFor(attempt, incident),
    problem: state === "seen" || state === "accepted" ? null : problem("no-evidence"),
  });
  stage.pass(10);
}

function now(stage: Theatre): { readonly at: number; readonly cause: null } {
  return { at: stage.now, cause: null };
}

/** What leads each kind to an act. */
function evidenceFor({ slot }: Attempt, { kind, onset }: Incident): JsonObject {
  if (slot === "confirm") return paths("down");
  if (slot !== "inspect") return {};
  return {
    inspection: {
      platform: "well",
      deployment: { status: "SUCCESS", stopped: false },
      inFlight: null,
      instances: [kind === "service-down" ? "CRASHED" : "RUNNING"],
      volume: null,
      errors: { timeout: 40 },
      ...(kind === "rollout-regression"
        ? { release: { deployment: "bad", at: onset, isLive: true } }
        : {}),
    },
  };
}
