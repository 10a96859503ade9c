import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { Theatre, WELL } from "../../test/support/theatre.ts";
import { eventId } from "../domain/ids.ts";
import type { Said } from "../domain/hint.ts";
import { fold, recompute } from "./replay.ts";

let number = 0;

function said(of: Partial<Said> = {}): Said {
  return {
    about: "HighErrorRate",
    alert: of.about ?? "HighErrorRate",
    state: "firing",
    severity: "critical",
    words: "12 % of requests fail",
    at: 1_000_000,
    ...of,
  };
}

function hint(stage: Theatre, target: string | null, ...all: readonly Said[]): Theatre {
  number += 1;
  const id = eventId("hint", number);
  const event = { id, at: stage.now, cause: null, type: "hint" as const };
  stage.dispatch({ ...event, source: "alertmanager", target, said: all });
  return stage.pass(10);
}

function open(stage: Theatre): readonly string[] {
  return Object.values(stage.world.incidents)
    .filter(({ closedAt }) => closedAt === null)
    .map(({ kind, target }) => `${kind} of ${target}`);
}

describe("a word from outside about a target of ours", () => {
  it("opens nothing while our own looks find it healthy, and is not even written down", () => {
    const stage = new Theatre().verdict("healthy");
    const before = stage.world;
    for (let storm = 0; storm < 500; storm += 1) hint(stage, "postgres", said());
    expect(stage.world).toBe(before);
    expect(stage.entries.filter(({ event }) => event.type === "hint")).toEqual([]);
  });

  it("opens nothing where nobody has looked yet", () => {
    expect(open(hint(new Theatre(), "postgres", said()))).toEqual([]);
  });

  it("is written into the open incident and changes nothing of it", () => {
    const stage = new Theatre().verdict("breached");
    const { incident } = stage;
    const { timers, attempts, leases } = stage.world;
    for (const state of ["firing", "resolved", "note"] as const)
      hint(stage, "postgres", said({ state }));
    expect(stage.incident).toEqual(incident);
    expect(stage.world).toMatchObject({ timers, attempts, leases });
    expect(stage.told).toEqual([]);
    const entries = stage.entries.filter(({ event }) => event.type === "hint");
    expect(entries.map(({ decision }) => decision.incident)).toEqual([
      incident.id,
      incident.id,
      incident.id,
    ]);
  });

  it("is written into the incident that explains the target's symptoms", () => {
    const stage = new Theatre().verdict("breached");
    stage.verdict("breached", { probe: "health", target: "api" });
    expect(stage.incident.symptoms).toEqual(["api|health|up"]);
    hint(stage, "api", said());
    expect(stage.entries.at(-1)).toMatchObject({
      event: { type: "hint" },
      decision: { incident: stage.incident.id },
    });
  });

  it("does not end an incident that our own looks opened", () => {
    const stage = new Theatre().verdict("breached", { probe: "health", target: "api" });
    hint(stage, "api", said({ state: "resolved" })).wait(600_000);
    expect(open(stage)).toEqual(["service-down of api"]);
  });
});

describe("a word from outside about what nobody guards", () => {
  it.each([
    [{ severity: "warning" }],
    [{ severity: "info" }],
    [{ state: "note" }],
    [{ state: "resolved" }],
  ] as const)("opens nothing with %j", (of) => {
    expect(open(hint(new Theatre(), null, said(of)))).toEqual([]);
  });

  it("opens one incident, tells a person once, and does nothing", () => {
    const stage = hint(new Theatre(), null, said(), said({ about: "Slow", words: "p95 4 s" }));
    for (let storm = 0; storm < 500; storm += 1) hint(stage, null, said());
    expect(open(stage)).toEqual(["unclassified of hook alertmanager"]);
    expect(stage.told).toEqual(["opened"]);
    const [notice] = stage.notices;
    expect(notice?.title).toBe("alertmanager: HighErrorRate (critical)");
    expect(notice?.lines).toEqual([
      "00:16:40 UTC critical: HighErrorRate: 12 % of requests fail",
      "00:16:40 UTC critical: Slow: p95 4 s",
      "It fits nothing that I guard, so I cannot look, and I do nothing.",
      "I say when alertmanager calls it over, or when I heard nothing of it for 1 min.",
      expect.stringContaining("signalman why"),
    ]);
    expect(stage.world.attempts).toEqual({});
  });

  it("tells of another alert of the same source in the same incident", () => {
    const stage = hint(new Theatre(), null, said());
    hint(stage, null, said({ about: "DiskFull" }));
    expect(open(stage)).toHaveLength(1);
    expect(stage.notices.map(({ title }) => title)).toEqual([
      "alertmanager: HighErrorRate (critical)",
      "alertmanager: DiskFull (critical)",
    ]);
  });

  it("waits for each instance of an alert, and tells a person of the first only", () => {
    const down = (alert: string) => said({ about: "InstanceDown", alert });
    const stage = hint(new Theatre(), null, down("i1"), down("i2"));
    hint(stage, null, down("i3"), { ...down("i1"), state: "resolved" });
    expect(stage.told).toEqual(["opened"]);
    hint(stage, null, { ...down("i2"), state: "resolved" });
    expect(open(stage)).toHaveLength(1);
    hint(stage, null, { ...down("i3"), state: "resolved" });
    expect(open(stage)).toEqual([]);
    expect(stage.told).toEqual(["opened", "resolved"]);
  });

  it("is over when the source has called all of its alerts over, and may come again", () => {
    const stage = hint(new Theatre(), null, said(), said({ about: "DiskFull" }));
    hint(stage, null, said({ state: "resolved" }));
    expect(open(stage)).toHaveLength(1);
    hint(stage, null, said({ about: "DiskFull", state: "resolved", severity: "info" }));
    expect(open(stage)).toEqual([]);
    expect(stage.notices.at(-1)?.title).toBe("Resolved, says alertmanager");
    expect(stage.world.timers).toEqual({});
    const [first] = Object.keys(stage.world.incidents);
    expect(open(hint(stage, null, said()))).toHaveLength(1);
    expect(stage.incident.id).not.toBe(first);
  });

  it("is over after a long silence, and says that it is only that", () => {
    const stage = hint(new Theatre(), null, said()).wait(50_000);
    hint(stage, null, said()).wait(50_000);
    expect(open(stage)).toHaveLength(1);
    stage.wait(20_000);
    expect(open(stage)).toEqual([]);
    expect(stage.notices.at(-1)?.title).toBe("Closed: alertmanager says nothing more");
    expect(stage.notices.at(-1)?.lines[0]).toContain("HighErrorRate");
  });

  it("keeps apart at most 20 alerts, whatever is sent", () => {
    const many = Array.from({ length: 60 }, (_, index) => said({ about: `alert|${index}` }));
    const stage = hint(new Theatre(), null, ...many);
    expect(stage.incident.symptoms).toHaveLength(20);
    expect(stage.notices[0]?.lines).toContain("And 55 more.");
    // What had no room is not told again and again.
    for (let storm = 0; storm < 5; storm += 1) hint(stage, null, ...many);
    expect(stage.told).toEqual(["opened"]);
    for (const one of many) hint(stage, null, { ...one, state: "resolved" });
    expect(open(stage)).toEqual([]);
  });

  it("ends also when its machine was stopped by an upgrade", () => {
    const stage = hint(new Theatre(), null, said());
    const { incident } = stage;
    stage.world = {
      ...stage.world,
      incidents: { [incident.id]: { ...incident, parked: "another version" } },
    };
    hint(stage, null, said({ state: "resolved" }));
    expect(open(stage)).toEqual([]);
  });
});

it("a restart on hearsay is held, whatever runbook asks for it", () => {
  const stage = new Theatre(rulesFor()).untilRemedy();
  const { incident } = stage;
  const signal = "postgres|hook generic|complaints";
  stage.world = {
    ...stage.world,
    incidents: { [incident.id]: { ...incident, signal } },
  };
  stage.request("remedy", WELL);
  expect(stage.attempt("remedy")).toMatchObject({
    state: "held",
    problem: { code: "hearsay-only" },
  });
});

it("a call is kept, and the journal leads to the same world", () => {
  const stage = hint(new Theatre(), null, said());
  for (const failed of [false, true]) {
    const id = eventId("call", stage.now);
    const call = { target: "postgres", probe: "hook heartbeat", failed };
    stage.dispatch({ id, at: stage.now, cause: null, type: "call", ...call });
    stage.pass(10);
  }
  hint(stage, null, said({ state: "resolved" }));
  expect(stage.world.marks.calls).toEqual({
    "postgres|hook heartbeat": { at: stage.now - 20, failed: true },
  });
  const stored = JSON.parse(JSON.stringify(stage.entries)) as typeof stage.entries;
  expect(fold(stored)).toEqual(stage.world);
  expect(recompute(stored, stage.rules)).toEqual([]);
});
