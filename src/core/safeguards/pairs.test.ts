import { expect, it } from "vitest";

import { rulesFor } from "../../../test/support/rules.ts";
import { Theatre, WELL } from "../../../test/support/theatre.ts";
import type { Attempt } from "../../domain/attempt.ts";
import type { PlatformFact } from "../../domain/facts.ts";
import type { AttemptId, IncidentId } from "../../domain/ids.ts";
import type { Incident } from "../../domain/incident.ts";
import type { ProblemCode } from "../../domain/problem.ts";
import type { Ceilings, Rules } from "../../domain/rules.ts";
import { HOUR_MS, MINUTE_MS } from "../../domain/time.ts";
import { SAFEGUARDS } from "../safeguard.ts";

/** What happens before the restart is asked for, and what the platform shows then. */
type Play = (stage: Theatre) => PlatformFact | void;

interface Pair {
  readonly code: ProblemCode;
  readonly rules?: Partial<Rules>;
  /** With this it alone stops the restart. */
  readonly stops: Play;
  /** With this, which differs in one thing, nothing does. */
  readonly lets: Play;
}

const TARGET = { needs: [], detectMsMax: 8_000, freshMs: 5_000 };
const { ceilings, targets } = rulesFor();
const capped = (changes: Partial<Ceilings>): Partial<Rules> => ({
  ceilings: { ...ceilings, ...changes },
});
const guarding = (postgres: object, others: Rules["targets"] = {}): Partial<Rules> => ({
  targets: { ...targets, ...others, postgres: { ...TARGET, ...postgres } },
});

/** Another act in the books, like the one that is asked for but for what is named. */
function acted(stage: Theatre, changes: Partial<Attempt>): void {
  const asked = stage.attempt("remedy");
  const id = "other.1" as AttemptId;
  const past = {
    incident: "other" as IncidentId,
    startedAt: stage.now,
    state: "effective",
  } as const;
  const other: Attempt = { ...asked, ...past, endedAt: stage.now, ...changes, id };
  // Before the one that is asked for, which stays the newest.
  const attempts = { [id]: other, ...stage.world.attempts };
  stage.world = { ...stage.world, attempts };
}

function changed(stage: Theatre, changes: Partial<Incident>): void {
  const incident = { ...stage.incident, ...changes };
  stage.world = {
    ...stage.world,
    incidents: { ...stage.world.incidents, [incident.id]: incident },
  };
}

/** Other targets that began to fail so long ago. */
function failed(
  stage: Theatre,
  names: readonly string[],
  agoMs = 0,
  ending: Incident["ending"] = null,
) {
  for (const target of names) {
    const id = `of ${target}` as IncidentId;
    const row = { ...stage.incident, id, target, openedAt: stage.now - agoMs, ending };
    stage.world = { ...stage.world, incidents: { [id]: row, ...stage.world.incidents } };
  }
}

/** The incident was opened by what this probe counts, and it is bad still. */
function counted(stage: Theatre, probe: string): void {
  changed(stage, { signal: `postgres|${probe}|complaints` });
  stage.verdict("breached", { probe, name: "complaints" });
}

/** Only our own looks find it hanging, and the only other target answers them with this. */
function hanging(stage: Theatre, code: ProblemCode): void {
  changed(stage, { cause: "not-answering" });
  stage.verdict("breached", { target: "api", probe: "health", code });
}

/** It answers and refuses: what has crashed is not on its way up, so its age would say nothing. */
function startedAt(stage: Theatre, processStart: number): PlatformFact {
  changed(stage, { cause: "refusing-connections" });
  return { ...WELL, processStart };
}

/** The same act did not help on so many incidents of this kind before. */
function inVain(stage: Theatre, times: number): void {
  const acts = Array.from({ length: times }, (_, index) => ({
    incident: `before ${index}` as IncidentId,
    at: stage.now - HOUR_MS,
  }));
  const marks = { ...stage.world.marks, vain: { "database-down|postgres|restart": acts } };
  stage.world = { ...stage.world, marks };
}

/** The books have begun only lately, which counts until then. */
function begun(stage: Theatre, until: number): void {
  const booksDoubt = { code: "books-empty", detail: "they are new", until } as const;
  stage.world = { ...stage.world, marks: { ...stage.world.marks, booksDoubt } };
}

const DISKS = { disk: TARGET, cache: TARGET };
const CHANGE = { what: "start", deployment: "d1", words: "a new process" } as const;

/** One of each, by name: `it("has a pair …")` fails when one is missing. */
const PAIRS: { readonly [name: string]: Pair } = {
  pause: {
    code: "paused",
    stops: (stage) => void stage.pause({ target: "postgres" }),
    lets: (stage) => void stage.pause({ target: "api" }),
  },
  platform: {
    code: "platform-incident",
    stops: () => ({ ...WELL, status: "trouble", statusDetail: "fire" }),
    lets: () => WELL,
  },
  storm: {
    code: "storm",
    rules: guarding({}, DISKS),
    stops: (stage) => failed(stage, ["disk", "cache"], 5 * MINUTE_MS - 1),
    lets: (stage) => failed(stage, ["disk", "cache"], 5 * MINUTE_MS + 1),
  },
  "stand-back": {
    code: "somebody-acting",
    stops: ({ now }) => ({ ...WELL, changes: [{ ...CHANGE, at: now }] }),
    lets: (stage) => ({ ...WELL, changes: [{ ...CHANGE, at: stage.incident.onset - 1 }] }),
  },
  obstacle: {
    code: "volume-busy",
    stops: () => ({ ...WELL, obstacle: { code: "volume-busy", detail: "MIGRATING" } }),
    lets: () => ({ ...WELL, obstacle: null }),
  },
  hearsay: {
    code: "hearsay-only",
    stops: (stage) => counted(stage, "hook generic"),
    lets: (stage) => counted(stage, "own count"),
  },
  fresh: {
    code: "stale-input",
    stops: (stage) => void stage.pass(5_100),
    lets: (stage) => void stage.pass(4_800),
  },
  network: {
    code: "network-in-doubt",
    stops: (stage) => hanging(stage, "timeout"),
    lets: (stage) => hanging(stage, "unexpected-status"),
  },
  upstream: {
    code: "upstream-in-doubt",
    rules: guarding({ needs: ["disk"] }, DISKS),
    stops: () => undefined,
    lets: (stage) => void stage.verdict("healthy", { target: "disk", probe: "disk" }),
  },
  conflict: {
    code: "target-busy",
    stops: (stage) => acted(stage, { state: "accepted", endedAt: null }),
    lets: (stage) => acted(stage, { state: "accepted", endedAt: null, target: "api" }),
  },
  tier: {
    code: "tier-busy",
    rules: guarding(
      { tier: "data" },
      { disk: { ...TARGET, tier: "data" }, api: { ...TARGET, tier: "app" } },
    ),
    stops: (stage) => acted(stage, { state: "seen", endedAt: null, target: "disk" }),
    lets: (stage) => acted(stage, { state: "seen", endedAt: null, target: "api" }),
  },
  age: {
    code: "process-too-young",
    rules: capped({ processAgeMs: MINUTE_MS }),
    stops: (stage) => startedAt(stage, stage.now - MINUTE_MS + 1_000),
    lets: (stage) => startedAt(stage, stage.now - MINUTE_MS),
  },
  futility: {
    code: "futile",
    rules: { budgets: {} },
    stops: (stage) => acted(stage, { state: "ineffective", incident: stage.incident.id }),
    lets: (stage) => acted(stage, { state: "not-seen", incident: stage.incident.id }),
  },
  budget: {
    code: "budget-hour",
    rules: { budgets: { restart: { perIncident: 1, perHour: 1 } } },
    stops: (stage) => acted(stage, { target: "api", startedAt: stage.now - HOUR_MS + 1_000 }),
    lets: (stage) => acted(stage, { target: "api", startedAt: stage.now - HOUR_MS - 1_000 }),
  },
  cooldown: {
    code: "cooling-down",
    rules: capped({ cooldownMs: 5 * MINUTE_MS }),
    stops: (stage) => acted(stage, { startedAt: stage.now - 5 * MINUTE_MS + 1_000 }),
    lets: (stage) => acted(stage, { startedAt: stage.now - 5 * MINUTE_MS - 1_000 }),
  },
  advised: {
    code: "migration-between",
    stops: () => ({ ...WELL, cap: { mode: "suggest", code: "migration-between", detail: "0042" } }),
    lets: () => WELL,
  },
  taken: {
    code: "taken-over",
    stops: (stage) => changed(stage, { taken: { by: "ann", at: stage.incident.openedAt } }),
    // What comes back after its end is nobody's yet.
    lets: (stage) => changed(stage, { taken: { by: "ann", at: stage.incident.openedAt - 1 } }),
  },
  unseen: {
    code: "platform-unknown",
    stops: () => ({ ...WELL, status: "unknown" }),
    lets: () => WELL,
  },
  books: {
    code: "books-empty",
    stops: (stage) => begun(stage, stage.now + 1_000),
    lets: (stage) => begun(stage, stage.now),
  },
  protected: {
    code: "protected",
    rules: guarding({ protected: true }, DISKS),
    stops: () => undefined,
    // What is protected is one target, and not all of its kind.
    lets: (stage) => {
      const attempt = { ...stage.attempt("remedy"), target: "disk" };
      stage.world = {
        ...stage.world,
        attempts: { ...stage.world.attempts, [attempt.id]: attempt },
      };
    },
  },
  vain: {
    code: "futile-before",
    stops: (stage) => inVain(stage, 2),
    lets: (stage) => inVain(stage, 1),
  },
  hours: {
    code: "outside-hours",
    // The theatre begins at 00:16:40 UTC.
    rules: guarding({ hours: { from: 20 * 60, to: 17 } }),
    stops: (stage) => void stage.pass(MINUTE_MS).verdict("breached"),
    lets: () => undefined,
  },
};

const play = (name: string, what: "stops" | "lets") => {
  const pair = PAIRS[name];
  if (pair === undefined) throw new Error(`no pair for ${name}`);
  const stage = new Theatre(rulesFor(pair.rules)).untilRemedy();
  const seen = pair[what](stage) ?? WELL;
  return { pair, stage, seen, objections: stage.objections("remedy", seen) };
};

it("has a pair for every safeguard and for nothing else", () => {
  const names = SAFEGUARDS.map(({ name }) => name);
  expect(Object.keys(PAIRS).toSorted()).toEqual(names.toSorted());
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(15);
});

it.each(SAFEGUARDS)("$name alone stops the act", ({ name, asks }) => {
  const { pair, stage, seen, objections } = play(name, "stops");
  expect(objections).toEqual([name]);
  const attempt = stage.request("remedy", seen).attempt("remedy");
  const state = asks === true ? "awaiting-approval" : "held";
  expect(attempt).toMatchObject({ state, problem: { code: pair.code } });
});

it.each(SAFEGUARDS)("$name lets the act start", ({ name }) => {
  const { stage, seen, objections } = play(name, "lets");
  expect(objections).toEqual([]);
  expect(stage.request("remedy", seen).attempt("remedy").state).toBe("started");
});
