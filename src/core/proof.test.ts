import { describe, expect, it } from "vitest";

import { MACHINES } from "../../state-machines/index.ts";
import type { MachineEvent } from "../../state-machines/vocabulary.ts";
import { ACTIONS } from "../../test/support/rules.ts";
import { Theatre } from "../../test/support/theatre.ts";
import { TRAITS } from "../actions/index.ts";
import { defaultRules } from "../config/default-rules.ts";
import { apply } from "../domain/apply.ts";
import { eventId } from "../domain/ids.ts";
import type { Rules } from "../domain/rules.ts";
import { HOUR_MS } from "../domain/time.ts";
import { createDraft } from "./draft.ts";
import { askedBy } from "../config/runbooks.ts";
import { deliver } from "./drive.ts";
import { fold, recompute } from "./replay.ts";

// What says that an act helped: which signals, how many fresh samples of each, and that no word is no judgement.

const shipped = await defaultRules(["api"]);
const HEALTH = { target: "api", probe: "health" };
const TRADES = { target: "api", probe: "trades" };
const LOOKS = ["api|health|up", "api|trades|up"];
const RULES: Rules = {
  ...shipped,
  modes: { default: "auto" as const },
  actions: { ...TRAITS, ...ACTIONS },
  switches: { "circuit-breaker": { targets: ["api"], leaseMs: 600_000, renewMs: 120_000 } },
  targets: {
    api: {
      needs: [],
      detectMsMax: 30_000,
      freshMs: 30_000,
      watched: { up: LOOKS },
      asking: LOOKS,
    },
  },
};

const AFTERMATH_MS = RULES.ceilings.aftermathMs + 1_000;

/** The probe of the theatre whose signal opens a kind. */
const PROBES: Readonly<Record<string, string>> = {
  "database-down": "postgres",
  "redis-down": "redis",
  "service-down": "health",
  "high-error-rate": "rates",
  "high-latency": "slow",
  saturation: "full",
  "memory-leak": "leak",
  "rollout-regression": "release",
};

const signalOf = (kind: string) => ({
  target: "api",
  probe: PROBES[kind] ?? "",
  name: kind.endsWith("-down") ? "up" : (PROBES[kind] ?? ""),
});

/** An act of this kind and slot has been seen to have happened. */
function acted(kind: string, slot: "remedy" | "fallback" = "remedy", rules = RULES): Theatre {
  const stage = new Theatre(rules).verdict("breached", signalOf(kind));
  expect(stage.incident.kind).toBe(kind);
  say(stage, { type: "confirm.seen", answer: "down" });
  say(stage, { type: "contain.dropped", code: "not-configured" });
  say(stage, { type: "inspect.seen", advice: slot, cause: "crashed" });
  say(stage, { type: `${slot}.started` });
  const attempt = stage.attempt(slot);
  const started = { ...attempt, state: "started" as const, startedAt: stage.now, tries: 1 };
  stage.world = { ...stage.world, attempts: { ...stage.world.attempts, [attempt.id]: started } };
  stage.outcome(slot, "seen");
  expect(stage.incident.state).toBe("verifying");
  return stage;
}

/** The machine hears something of which the rest of the story does not matter here. */
function say(stage: Theatre, event: MachineEvent): void {
  const at = stage.now;
  const pause = { id: eventId("pause", at), at, cause: null, type: "pause", pause: null } as const;
  const draft = createDraft(stage.world, pause, { watchingSince: 0, signals: {} }, stage.rules);
  deliver(draft, stage.incident.id, event);
  stage.world = apply(stage.world, stage.world.seq, at, draft.finish(null).changes);
}

const ACTS = Object.keys(MACHINES).flatMap((kind) =>
  askedBy(kind)
    .filter((slot) => slot === "remedy" || slot === "fallback")
    .map((slot) => [kind, slot] as const),
);
const codes = (stage: Theatre) =>
  stage.entries.flatMap(({ decision }) => decision.reasons.map(({ code }) => code));
const outcome = (stage: Theatre) => stage.attempt("remedy").state;

describe("an act of which no fresh sample tells", () => {
  it("is one of every kind that acts", () => {
    expect(ACTS.length).toBeGreaterThan(9);
    expect([...new Set(ACTS.map(([kind]) => kind))].sort()).toEqual(Object.keys(PROBES).sort());
  });

  describe.each(ACTS)("%s, %s", (kind, slot) => {
    const { samplesMin = 0 } = RULES.runbooks[kind]?.limits ?? {};
    it.each([
      ["no word at all", []],
      ["looks that find nothing", ["missing", "missing", "missing", "missing"]],
      ["looks that cannot say", ["inconclusive", "inconclusive", "inconclusive", "inconclusive"]],
      ["one healthy look too few", Array<"healthy">(samplesMin - 1).fill("healthy")],
      [
        "healthy looks that are not in a row",
        Array<"healthy">(samplesMin - 1)
          .fill("healthy")
          .concat("missing" as "healthy"),
      ],
    ] as const)("is unknown, and a person has it: %s", (_, words) => {
      const stage = acted(kind, slot);
      for (const word of words) stage.verdict(word, signalOf(kind));
      stage.wait(4 * HOUR_MS + 1);
      expect(stage.attempt(slot)).toMatchObject({
        state: "unknown",
        problem: { code: "stale-input" },
      });
      expect(stage.incident.state).toBe("escalated");
      expect(stage.told).toContain("escalated");
    });
  });
});

describe("a rate that looks back", () => {
  it.each(ACTS.filter(([kind]) => !kind.endsWith("-down")))(
    "is no fresh sample of what came before it: %s, %s",
    (kind, slot) => {
      const stage = acted(kind, slot);
      for (let look = 0; look < 3; look += 1) stage.verdict("breached", signalOf(kind));
      expect(codes(stage)).toContain("looks-back");
      stage.wait(4 * HOUR_MS + 1);
      expect(stage.attempt(slot).state).toBe("unknown");
      const later = acted(kind, slot).pass(AFTERMATH_MS).verdict("breached", signalOf(kind));
      later.wait(4 * HOUR_MS + 1);
      expect(later.attempt(slot).state).toBe("ineffective");
    },
  );

  it("is one of its own where somebody looks: whether it answers is judged at once", () => {
    const stage = acted("service-down").verdict("breached", signalOf("service-down"));
    expect(outcome(stage.wait(HOUR_MS))).toBe("ineffective");
  });

  it("has half of the time at most to come to speak of the present", () => {
    const runbook = RULES.runbooks["high-error-rate"];
    const short = { ...runbook, limits: { ...runbook?.limits, verifyMs: 60_000 } };
    const runbooks = { ...RULES.runbooks, "high-error-rate": short as Rules["runbooks"][string] };
    const stage = acted("high-error-rate", "remedy", { ...RULES, runbooks }).pass(31_000);
    stage.verdict("breached", signalOf("high-error-rate")).wait(60_000);
    expect(outcome(stage)).toBe("ineffective");
  });
});

describe("what a runbook wants to be well too", () => {
  const KIND = "high-error-rate";
  const OWN = signalOf(KIND);
  const looks = (stage: Theatre, count: number, of: object = HEALTH): Theatre => {
    for (let look = 0; look < count; look += 1) stage.verdict("healthy", of);
    return stage;
  };

  it("keeps an act from being effective until it was seen well often enough", () => {
    const stage = looks(looks(acted(KIND), 3), 2, TRADES).verdict("healthy", OWN);
    expect(stage.incident.state).toBe("verifying");
    expect(codes(stage)).toContain("not-proven");
    // Each of these looks is told of the incident, so that it is known what was waited for.
    expect(stage.entries.slice(-5).map(({ decision }) => decision.incident)).toEqual(
      Array(5).fill(stage.incident.id),
    );
    looks(stage, 1, TRADES).verdict("healthy", OWN);
    expect(outcome(stage)).toBe("effective");
  });

  it("begins anew with a look that is not good", () => {
    const stage = looks(looks(acted(KIND), 3), 3, TRADES);
    stage.verdict("inconclusive", TRADES).verdict("healthy", OWN);
    looks(stage, 2, TRADES).verdict("healthy", { ...TRADES, failing: true });
    looks(stage, 2, TRADES).verdict("healthy", OWN);
    expect(outcome(stage)).toBe("seen");
    looks(stage, 1, TRADES).verdict("healthy", OWN);
    expect(outcome(stage)).toBe("effective");
  });

  it("makes an act ineffective that nobody gets through after, however few errors there are", () => {
    const stage = acted("rollout-regression");
    for (let look = 0; look < 9; look += 1)
      stage.verdict("breached", HEALTH).verdict("healthy", signalOf("rollout-regression"));
    stage.wait(HOUR_MS);
    expect(outcome(stage)).toBe("ineffective");
    expect(stage.incident.state).toBe("escalated");
    // What was taken for health by the errors alone is not taken for it later.
    looks(stage, 9, TRADES);
    for (let look = 0; look < 3; look += 1)
      stage.verdict("healthy", signalOf("rollout-regression"));
    expect(stage.incident.state).toBe("escalated");
  });

  it("takes a refusal by a switch for neither, and asks the others", () => {
    const stage = looks(acted(KIND), 3);
    stage.verdict("inconclusive", { ...TRADES, code: "refused-by-switch" }).verdict("healthy", OWN);
    expect(outcome(stage)).toBe("effective");
    const between = looks(looks(acted(KIND), 3), 2, TRADES);
    between.verdict("inconclusive", { ...TRADES, code: "refused-by-switch" });
    expect(outcome(looks(between, 1, TRADES).verdict("healthy", OWN))).toBe("effective");
    const none = acted(KIND);
    for (const of of [HEALTH, TRADES])
      none.verdict("inconclusive", { ...of, code: "refused-by-switch" });
    expect(outcome(none.verdict("healthy", OWN))).toBe("seen");
  });

  it("is not asked for where nobody watches it, nor by a runbook that names nothing", () => {
    const unwatched = { ...RULES, targets: { api: { needs: [], detectMsMax: 1, freshMs: 1 } } };
    expect(outcome(acted(KIND, "remedy", unwatched).verdict("healthy", OWN))).toBe("effective");
    const stage = acted("saturation").verdict("healthy", signalOf("saturation"));
    expect(outcome(stage)).toBe("effective");
  });
});

describe("a rate that too few users ask for", () => {
  const KIND = "high-error-rate";
  const QUIET = { ...signalOf(KIND), needsRequests: 8 };
  const looksOf = (stage: Theatre, count: number): Theatre => {
    for (let look = 0; look < count; look += 1)
      stage.verdict("healthy", HEALTH).verdict("healthy", TRADES);
    return stage;
  };
  const round = (stage: Theatre): Theatre =>
    stage.verdict("healthy", HEALTH).verdict("healthy", TRADES).verdict("inconclusive", QUIET);

  it("is judged by looks of our own that were all answered well, as many as requests were wanted", () => {
    const stage = round(round(round(acted(KIND))));
    expect(outcome(stage)).toBe("seen");
    round(stage);
    expect(stage.attempt("remedy")).toMatchObject({
      state: "effective",
      evidence: { ownLooks: 8 },
    });
    expect(codes(stage)).toContain("own-looks");
    expect(stage.notices.at(-1)?.lines[0]).toBe(
      "What helped: gave api more replicas (too few users asked: judged by 8 looks of mine, all answered well).",
    );
    // The end of it comes by such looks too: at night nobody else asks.
    stage.wait(31 * 60_000).wait(11_000);
    expect(round(stage).incident.ending).toBe("resolved");
    const [first] = stage.entries.filter(({ decision }) =>
      decision.reasons.some(({ code }) => code === "own-looks"),
    );
    expect(first?.decision.reasons.find(({ code }) => code === "own-looks")?.text).toBe(
      "too few requests to judge api (rates): 8 looks of mine in a row were answered well and count as the traffic",
    );
  });

  it("costs the journal nothing by day, and counts on when the users have gone", () => {
    const stage = looksOf(acted(KIND), 3).verdict("healthy", signalOf(KIND));
    expect(outcome(stage)).toBe("effective");
    const { length } = stage.entries;
    looksOf(stage, 20);
    expect(stage.entries).toHaveLength(length);
    stage.wait(31 * 60_000).wait(11_000);
    expect(round(stage).incident.state).toBe("settling");
    expect(round(stage).incident.ending).toBe("resolved");
  });

  it("is not while one of them fails, and begins anew with a failed one", () => {
    const stage = round(round(round(acted(KIND))));
    stage.verdict("inconclusive", { ...TRADES, failing: true });
    round(round(stage));
    expect(outcome(stage)).toBe("seen");
    round(round(stage));
    expect(outcome(stage)).toBe("effective");
    const nothingElse = { ...RULES.runbooks[KIND], verify: {} } as Rules["runbooks"][string];
    const runbooks = { ...RULES.runbooks, [KIND]: nothingElse };
    const failing = acted(KIND, "remedy", { ...RULES, runbooks });
    for (let look = 0; look < 9; look += 1)
      failing.verdict("healthy", HEALTH).verdict("inconclusive", QUIET);
    expect(outcome(failing)).toBe("seen");
  });

  it("is seen well by them no longer once one was not answered well, or it failed again", () => {
    const resolve = (stage: Theatre): Theatre => {
      const order = { id: "o", order: "resolve", incident: stage.incident.id, by: "ann" } as const;
      const id = eventId("order", stage.now);
      stage.dispatch({ id, at: stage.now, cause: null, type: "order", order });
      return stage;
    };
    const well = () => round(round(round(round(acted(KIND)))));
    expect(resolve(well()).told.at(-1)).toBe("resolved");
    const dead = well().verdict("inconclusive", { ...HEALTH, failing: true });
    expect(resolve(dead).told.at(-1)).toBe("asked-back");
    const back = well().pass(AFTERMATH_MS).verdict("breached", signalOf(KIND));
    expect(resolve(back.verdict("inconclusive", QUIET)).told.at(-1)).toBe("asked-back");
  });

  it("is judged by looks since it came back, and not by those before", () => {
    const stage = round(round(round(round(acted(KIND)))))
      .wait(31 * 60_000)
      .wait(11_000);
    expect(round(stage).incident.ending).toBe("resolved");
    stage.verdict("breached", signalOf(KIND));
    expect(stage.incident).toMatchObject({ closedAt: null, proof: { looks: {} } });
    expect(stage.incident.proof?.ownLooks).toBeUndefined();
  });

  it("is not when the detector has another reason than too few requests, or when its own signal failed since", () => {
    const other = acted(KIND).pass(AFTERMATH_MS);
    for (let look = 0; look < 20; look += 1)
      round(other.verdict("inconclusive", signalOf(KIND)).verdict("breached", signalOf(KIND)));
    expect(outcome(other)).toBe("seen");
    const unclear = acted(KIND);
    for (let look = 0; look < 20; look += 1)
      unclear
        .verdict("healthy", HEALTH)
        .verdict("healthy", TRADES)
        .verdict("inconclusive", signalOf(KIND));
    expect(outcome(unclear.wait(HOUR_MS))).toBe("unknown");
  });

  it("is not while another signal of the same kind is breached", () => {
    const stage = acted(KIND).verdict("breached", { ...signalOf(KIND), name: "burn" });
    for (let look = 0; look < 20; look += 1) round(stage);
    expect(outcome(stage)).toBe("seen");
  });

  it("is decided again from the journal, byte for byte", () => {
    const stage = new Theatre(RULES).verdict("breached", signalOf(KIND));
    const inspection = {
      platform: "well",
      deployment: { status: "SUCCESS", stopped: false },
      inFlight: null,
      instances: ["RUNNING"],
      volume: null,
      errors: { timeout: 40, database: 1, other: 2 },
    };
    stage.request("inspect").outcome("inspect", "seen", { inspection });
    stage.verdict("breached", signalOf(KIND)).request("remedy").outcome("remedy", "seen");
    stage.verdict("breached", HEALTH).verdict("healthy", signalOf(KIND));
    round(round(round(round(stage))));
    expect(outcome(stage)).toBe("effective");
    const stored = JSON.parse(JSON.stringify(stage.entries)) as typeof stage.entries;
    expect(recompute(stored, RULES)).toEqual([]);
    expect(fold(stored).incidents).toEqual(stage.world.incidents);
  });
});
