import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre, WELL } from "../../test/support/theatre.ts";
import { IN_FLIGHT, UNSTARTED, type Attempt } from "../domain/attempt.ts";
import type { PlatformFact } from "../domain/facts.ts";
import { eventId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import { problem } from "../domain/problem.ts";
import type { Rules } from "../domain/rules.ts";
import type { Entry } from "../domain/world.ts";
import { fold, recompute } from "./replay.ts";

/**
 * Whatever happens in whatever order (verdicts, answers, crashes at any step, pauses, stops, orphans, time), the
 * promises hold after every single event. The seed of a failure is printed; put it into `SEED` to see it again.
 */
const RUNS = 300;
const SEED = process.env["SEED"] === undefined ? {} : { seed: Number(process.env["SEED"]) };

const TARGETS = ["postgres", "second", "api"] as const;
const OUTCOMES = ["accepted", "rejected", "seen", "not-seen", "unknown"] as const;

type Doing =
  | { readonly do: "verdict"; readonly of: (typeof TARGETS)[number]; readonly state: number }
  | { readonly do: "request"; readonly which: number; readonly platform: number }
  | { readonly do: "outcome"; readonly which: number; readonly how: number; readonly saw: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "pause"; readonly kind: number }
  | { readonly do: "crash"; readonly away: number }
  | { readonly do: "go"; readonly but: string; readonly state: number }
  | { readonly do: "answer"; readonly which: number; readonly no: boolean; readonly old: number }
  | { readonly do: "upgrade" }
  | { readonly do: "stop" }
  | { readonly do: "orphan"; readonly known: boolean }
  | { readonly do: "hint"; readonly of: string | null; readonly said: number };

const number = fc.nat(1_000);
const doing: fc.Arbitrary<Doing> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("verdict" as const),
      of: fc.constantFrom("postgres" as const, "postgres" as const, ...TARGETS),
      state: number,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("request" as const),
      which: number,
      platform: number,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("outcome" as const),
      which: number,
      how: number,
      saw: number,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(200, 1_100, 4_100, 11_000, 31_000, 31 * 60_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pause" as const), kind: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("crash" as const),
      away: fc.constantFrom(0, 5_000, 600_000),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("go" as const),
      but: fc.constantFrom("contain", "undo", "remedy", "renew", "none", "none"),
      state: number,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      which: number,
      no: fc.boolean(),
      old: fc.constantFrom(0, 0, 290_000, 400_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "upgrade" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "stop" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("orphan" as const), known: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("hint" as const),
      of: fc.constantFrom(null, ...TARGETS),
      said: number,
    }),
  },
);

/** `asks`: everything that changes something waits for a person. */
function rules(asks: boolean): Rules {
  const base = rulesFor(asks ? { modes: { default: "suggest" } } : {});
  const second = { needs: [], detectMsMax: 8_000, freshMs: 5_000 };
  return { ...base, targets: { ...base.targets, second } };
}

describe("whatever happens", { timeout: 120_000 }, () => {
  it("nothing happens twice, no switch stays on, nobody is forgotten", () => {
    fc.assert(
      fc.property(
        fc.array(doing, { minLength: 20, maxLength: 140 }),
        fc.boolean(),
        (story, asks) => {
          const stage = new Theatre(rules(asks));
          for (const step of story) {
            play(stage, step);
            expectPromises(stage);
          }
        },
      ),
      { numRuns: RUNS, ...SEED },
    );
  });

  it("the journal leads to the same world and the same decisions", () => {
    fc.assert(
      fc.property(
        fc.array(doing, { minLength: 20, maxLength: 80 }),
        fc.boolean(),
        (story, asks) => {
          const stage = new Theatre(rules(asks));
          // An upgrade changes the machines, not the journal: recomputing is only promised without one.
          for (const step of story) if (step.do !== "upgrade") play(stage, step);
          const stored = JSON.parse(JSON.stringify(stage.entries)) as typeof stage.entries;
          expect(JSON.stringify(fold(stored))).toBe(JSON.stringify(stage.world));
          expect(recompute(stored, stage.rules)).toEqual([]);
        },
      ),
      { numRuns: Math.ceil(RUNS / 4), ...SEED },
    );
  });

  it("once all is well and stays well, every incident ends and every switch is off", () => {
    fc.assert(
      fc.property(
        fc.array(doing, { minLength: 20, maxLength: 100 }),
        fc.boolean(),
        (story, asks) => {
          const stage = new Theatre(rules(asks));
          for (const step of story) play(stage, step);
          stage.pause(null);
          for (let round = 0; round < 150 && !isQuiet(stage); round += 1) calm(stage);
          const open = Object.values(stage.world.incidents).filter((one) => one.closedAt === null);
          expect(open.map(({ kind, state }) => `${kind} ${state}`)).toEqual([]);
          const on = Object.values(stage.world.leases).filter((lease) => lease.state !== "ended");
          expect(on).toEqual([]);
          const left = Object.values(stage.world.attempts).filter(isAlive);
          expect(left.map((attempt) => `${attempt.slot} ${attempt.state}`)).toEqual([]);
          expect(stage.world.timers).toEqual({});
        },
      ),
      { numRuns: RUNS, ...SEED },
    );
  });
});

/** After each event; the executor and the timekeeper are assumed to live. */
function expectPromises(stage: Theatre): void {
  const { world, entries } = stage;
  const attempts = Object.values(world.attempts);
  expectAsked(stage, entries.at(-1));
  for (const incident of Object.values(world.incidents)) {
    const remedies = attempts.filter((one) => one.incident === incident.id && isRemedy(one));
    // Never twice: begun once each, and no two of which the first may have happened.
    for (const remedy of remedies) expect(remedy.tries).toBeLessThanOrEqual(1);
    expect(remedies.filter(mayHaveHappened).length).toBeLessThanOrEqual(1);
    if (incident.closedAt === null) {
      expect(isCaredFor(stage, incident), `${incident.state} waits for nothing`).toBe(true);
      continue;
    }
    // Closed means closed: nothing of it may still begin …
    for (const one of attempts) {
      if (one.incident !== incident.id || one.slot === "undo") continue;
      expect(UNSTARTED, `${one.slot} of a closed incident`).not.toContain(one.state);
    }
    // … and no switch of it is on without its end on the way.
    for (const lease of Object.values(world.leases)) {
      if (lease.incident !== incident.id) continue;
      const isEnding = attempts.some(
        (one) => one.slot === "undo" && isAlive(one) && one.params["leaseId"] === lease.id,
      );
      if (!isEnding) expect(["ending", "ended"], "a switch of the past").toContain(lease.state);
    }
  }
  for (const lease of Object.values(world.leases)) {
    // Every lease that is not over has a timer that will end it in the books.
    if (lease.state === "asked" || lease.state === "active")
      expect(
        Object.values(world.timers).some(
          ({ purpose }) => purpose.of === "lease" && purpose.lease === lease.id,
        ),
      ).toBe(true);
  }
  // A look is the only thing that may begin in an entry that a closed incident's attempt asked for.
  const last = entries.at(-1);
  for (const change of last?.decision.changes ?? []) {
    if (change.table !== "attempts" || change.row.state !== "started") continue;
    const { row } = change;
    const incident = row.incident === null ? undefined : world.incidents[row.incident];
    const effect = stage.rules.actions[row.action]?.effect;
    if (effect !== "look" && row.slot !== "undo") expect(incident?.closedAt).toBeNull();
    if (effect === "destructive" || (effect === "switch" && !["undo", "renew"].includes(row.slot)))
      expect(last?.facts.signals[incident?.signal ?? ""]?.state).toBe("breached");
  }
  const ids = stage.notices.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
}

/** Some timer of its own, some attempt that will have an outcome or an end, or a person. */
function isCaredFor(stage: Theatre, incident: Incident): boolean {
  if (incident.parked !== null) return true;
  if (["escalated", "watching", "hinted"].includes(incident.state)) return true;
  const { timers, attempts } = stage.world;
  const hasTimer = Object.values(timers).some(
    ({ purpose }) => purpose.of === "incident" && purpose.incident === incident.id,
  );
  // A renewal moves no machine, and neither does anything of another state.
  const hasAttempt = Object.values(attempts).some(
    (one) =>
      one.incident === incident.id &&
      isAlive(one) &&
      one.askedIn !== "" &&
      one.askedIn === incident.state.split(".", 1)[0],
  );
  return hasTimer || hasAttempt;
}

/** Nothing starts in mode suggest, or in doubt about the platform, without a person's yes to this very attempt that still counts. */
function expectAsked({ rules: { modes } }: Theatre, entry: Entry | undefined): void {
  if (entry?.event.type !== "request") return;
  const isInDoubt = entry.facts.platform?.status === "unknown";
  for (const change of entry.decision.changes) {
    if (change.table !== "attempts" || change.row.state !== "started") continue;
    const isAsked =
      change.row.slot === "remedy" ||
      (change.row.slot === "contain" && modes.default === "suggest");
    if (!isAsked || !(isInDoubt || modes.default === "suggest")) continue;
    expect(change.row.approval?.until ?? 0).toBeGreaterThan(entry.at);
  }
}

/** Every incident is over, every lease has ended, nothing is under way. */
function isQuiet({ world }: Theatre): boolean {
  return (
    Object.values(world.incidents).every(({ closedAt }) => closedAt !== null) &&
    Object.values(world.leases).every(({ state }) => state === "ended") &&
    !Object.values(world.attempts).some(isAlive)
  );
}

/** A healthy round: all is asked, all is answered, all probes say well. */
function calm(stage: Theatre): void {
  for (const attempt of Object.values(stage.world.attempts).filter(isAlive)) {
    ask(stage, attempt, WELL);
    const now = stage.world.attempts[attempt.id];
    if (now === undefined || !IN_FLIGHT.includes(now.state)) continue;
    answer(stage, now, "seen", evidenceFor(now, 0));
  }
  for (const target of TARGETS) tellVerdict(stage, target, "healthy");
  for (let alert = 1; alert < 12; alert += 3) heard(stage, null, alert);
  stage.wait(1_000);
}

function play(stage: Theatre, step: Doing): void {
  const attempts = Object.values(stage.world.attempts);
  switch (step.do) {
    case "verdict": {
      const state = (["breached", "breached", "healthy", "inconclusive", "missing"] as const)[
        step.state % 5
      ];
      return tellVerdict(stage, step.of, state ?? "missing");
    }
    case "request": {
      const attempt = pick(attempts.filter(isAlive), step.which);
      return attempt === undefined ? undefined : ask(stage, attempt, platform(step.platform));
    }
    case "outcome": {
      const attempt = pick(
        attempts.filter((one) => IN_FLIGHT.includes(one.state)),
        step.which,
      );
      if (attempt === undefined) return undefined;
      const drawn = OUTCOMES[step.how % (OUTCOMES.length + 3)] ?? "seen";
      // What was accepted is no longer refused; only evidence speaks after it.
      const how = attempt.state === "accepted" && drawn === "rejected" ? "seen" : drawn;
      return answer(stage, attempt, how, evidenceFor(attempt, step.saw));
    }
    case "wait":
      return void stage.wait(step.ms);
    case "pause":
      return void stage.pause(
        [null, {}, { includingUndo: true }, { target: "api" }][step.kind] ?? null,
      );
    case "crash":
      return crash(stage, step.away);
    case "go":
      return go(stage, step.but, step.state);
    case "answer": {
      // Any attempt, also what nobody asks about: what cannot count changes nothing.
      const waiting = attempts.filter(({ state }) => state === "awaiting-approval");
      const attempt = pick(step.which % 3 === 0 ? attempts : waiting, step.which);
      if (attempt === undefined || attempt.incident === null) return undefined;
      const { id, incident } = attempt;
      const order = step.no ? ("reject" as const) : ("approve" as const);
      const at = stage.now - step.old;
      const said = { id: `said-${stage.now}`, order, incident, attempt: id, by: "ann", at };
      stage.dispatch({ ...fact(stage, "order"), type: "order", order: said });
      return void stage.pass(10);
    }
    case "upgrade":
      return upgrade(stage);
    case "stop":
      stage.dispatch({ ...fact(stage, "stop"), type: "stop" });
      return crash(stage, 1_000);
    case "orphan": {
      const lease = step.known ? Object.values(stage.world.leases).at(-1) : undefined;
      stage.dispatch({
        ...fact(stage, "orphan"),
        type: "orphan",
        lease: lease?.id ?? ("lost/read-only" as never),
        switch: "read-only",
        seq: stage.now,
        until: stage.now + 9_000,
      });
      return void stage.pass(10);
    }
    case "hint":
      return heard(stage, step.of, step.said);
  }
}

/** Somebody outside says something: of a target it must move nothing, whatever it says. */
function heard(stage: Theatre, target: string | null, which: number): void {
  const before = stage.world;
  const state = (["firing", "resolved", "note"] as const)[which % 3] ?? "note";
  const severity = which % 2 === 0 ? ("critical" as const) : ("info" as const);
  const about = `alert ${which % 4}`;
  const said = { about, alert: about, state, severity, words: "w", at: stage.now };
  const event = { type: "hint" as const, source: "alertmanager", target, said: [said] };
  stage.dispatch({ ...fact(stage, "hint"), ...event });
  if (target !== null) expect({ ...stage.world, seq: 0 }).toEqual({ ...before, seq: 0 });
  stage.pass(10);
}

/** The daemon at work on the first target: everything is asked and answered well, but one slot hangs after its start. */
function go(stage: Theatre, but: string, which: number): void {
  tellVerdict(stage, "postgres", which % 3 === 0 ? "healthy" : "breached");
  for (const attempt of Object.values(stage.world.attempts).filter(isAlive)) {
    ask(stage, attempt, WELL);
    const now = stage.world.attempts[attempt.id];
    if (now === undefined || now.slot === but || !IN_FLIGHT.includes(now.state)) continue;
    answer(stage, now, "seen", evidenceFor(now, 1));
  }
  if (which % 5 === 0) stage.wait(4_100);
}

/** A new version of the machines: what is open cannot go on in them. */
function upgrade(stage: Theatre): void {
  const incidents = Object.values(stage.world.incidents).map((one) =>
    one.closedAt === null ? { ...one, snapshot: { ...one.snapshot, version: 0 } } : one,
  );
  stage.world = {
    ...stage.world,
    incidents: Object.fromEntries(incidents.map((one) => [one.id, one])),
  };
}

/** kill -9: what was seen is forgotten, what was written stays. */
function crash(stage: Theatre, awayMs: number): void {
  stage.pass(awayMs);
  stage.watchingSince = stage.now;
  stage.world = JSON.parse(JSON.stringify(stage.world)) as typeof stage.world;
  stage.dispatch({ ...fact(stage, "start"), type: "start", version: "test" });
  stage.pass(10);
}

function ask(stage: Theatre, attempt: Attempt, with_: PlatformFact): void {
  const event = { type: "request" as const, attempt: attempt.id, plan: { deploymentId: "d1" } };
  stage.dispatch({ ...fact(stage, `request:${attempt.id}`), ...event }, with_);
  stage.pass(10);
}

function answer(
  stage: Theatre,
  attempt: Attempt,
  state: (typeof OUTCOMES)[number],
  evidence: JsonObject,
): void {
  const trouble = state === "seen" || state === "accepted" ? null : problem("no-evidence");
  stage.dispatch({
    ...fact(stage, `outcome:${attempt.id}:${state}`),
    type: "outcome",
    attempt: attempt.id,
    state,
    evidence,
    problem: trouble,
  });
  stage.pass(10);
}

function tellVerdict(
  stage: Theatre,
  target: (typeof TARGETS)[number],
  state: "healthy" | "breached" | "inconclusive" | "missing",
): void {
  stage.verdict(state, { target, probe: target === "api" ? "health" : "postgres" });
}

function evidenceFor(attempt: Attempt, saw: number): JsonObject {
  if (attempt.slot === "confirm") return paths(saw % 4 === 0 ? "up" : "down");
  if (attempt.slot !== "inspect" || saw % 3 !== 0) return CRASHED;
  const inspection = CRASHED["inspection"] as { readonly [key: string]: Json };
  return { inspection: { ...inspection, inFlight: "DEPLOYING" } };
}

function platform(which: number): PlatformFact {
  if (which % 6 === 0) return { ...WELL, status: "trouble" };
  if (which % 6 === 1) return { ...WELL, status: "unknown" };
  return which % 6 === 2
    ? { ...WELL, obstacle: { code: "deployment-in-flight", detail: "a deployment is BUILDING" } }
    : WELL;
}

let counter = 0;
function fact(stage: Theatre, name: string) {
  counter += 1;
  return { id: eventId(name, stage.now, counter), at: stage.now, cause: null };
}

function pick<T>(from: readonly T[], which: number): T | undefined {
  return from[which % Math.max(1, from.length)];
}

function isAlive({ state }: Attempt): boolean {
  return UNSTARTED.includes(state) || IN_FLIGHT.includes(state);
}

function isRemedy({ slot }: Attempt): boolean {
  return slot === "remedy";
}

function mayHaveHappened({ state }: Attempt): boolean {
  return ["started", "accepted", "seen", "effective", "ineffective", "unknown"].includes(state);
}
