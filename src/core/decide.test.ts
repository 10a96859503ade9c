import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre, WELL } from "../../test/support/theatre.ts";
import { fold, recompute } from "./replay.ts";

describe("database-down, as a story", () => {
  it("is contained, restarted once, verified, undone and resolved", () => {
    const stage = new Theatre().untilRemedy();
    expect(stage.incident).toMatchObject({
      kind: "database-down",
      state: "remedying.asked",
      cause: "crashed",
    });
    expect(Object.values(stage.world.leases)).toMatchObject([
      { switch: "read-only", state: "active" },
    ]);

    stage
      .request("remedy")
      .outcome("remedy", "accepted")
      .outcome("remedy", "seen", { shown: ["a new execution"] });
    expect(stage.incident.state).toBe("verifying");
    stage.verdict("inconclusive").verdict("healthy").verdict("healthy");
    expect(stage.attempt("remedy").state).toBe("effective");
    expect(stage.incident.state).toBe("undoing.asking");

    stage.request("undo").outcome("undo", "seen");
    expect(Object.values(stage.world.leases)).toMatchObject([{ state: "ended" }]);
    stage.wait(3_100);
    expect(stage.incident.state).toBe("settling");
    stage.verdict("healthy");
    expect(stage.incident).toMatchObject({ state: "resolved", ending: "resolved" });
    expect(stage.told).toEqual(["opened", "acted", "resolved"]);
    expect(stage.world.timers).toEqual({});
    expect(stage.attempts("remedy")).toHaveLength(1);
  });

  it("closes as a false alarm when a second path finds the database up, and touches nothing", () => {
    const stage = new Theatre()
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("up"));
    expect(stage.incident.ending).toBe("false-alarm");
    expect(stage.told).toEqual(["false-alarm"]);
    expect(stage.attempts("contain")).toEqual([]);
  });

  it("does not act while the paths disagree, and calls a person after so many looks", () => {
    const stage = new Theatre().verdict("breached");
    for (let look = 0; look < 3; look += 1) {
      stage.request("confirm").outcome("confirm", "seen", paths("down", "up")).wait(600);
    }
    expect(stage.incident.state).toBe("escalated");
    expect(stage.told).toEqual(["escalated"]);
    expect(stage.attempts("contain")).toEqual([]);
    expect(stage.attempts("remedy")).toEqual([]);
  });

  it("calls a person when the restart happened and did not help, and resolves when it recovers later", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .verdict("breached")
      .wait(10_100);
    expect(stage.attempt("remedy").state).toBe("ineffective");
    expect(stage.incident.state).toBe("escalated");
    expect(stage.attempts("remedy")).toHaveLength(1);
    stage
      .verdict("healthy")
      .verdict("healthy")
      .request("undo")
      .outcome("undo", "seen")
      .wait(3_100)
      .verdict("healthy");
    expect(stage.incident.ending).toBe("resolved");
    expect(stage.told).toEqual(["opened", "acted", "escalated", "resolved"]);
  });

  it("asks a person when nobody can say whether the restart happened, and never repeats it", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "unknown", {}, "evidence-withheld");
    expect(stage.incident.state).toBe("escalated");
    stage.verdict("breached").wait(60_000);
    expect(stage.attempts("remedy")).toHaveLength(1);
    expect(stage.notices.at(-1)?.lines.join("\n")).toContain("does not show whether it happened");
  });

  it("asks again after a look when it certainly did not happen", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "not-seen")
      .wait(1_100);
    stage.verdict("breached").request("inspect").outcome("inspect", "seen", CRASHED);
    expect(stage.attempts("remedy").map(({ state }) => state)).toEqual(["not-seen", "planned"]);
  });

  it("withdraws an unstarted restart when the database comes back by itself", () => {
    const stage = new Theatre().untilRemedy().verdict("healthy");
    expect(stage.attempt("remedy")).toMatchObject({
      state: "withdrawn",
      problem: { code: "state-left" },
    });
    expect(stage.incident.state).toBe("recovering");
    stage
      .verdict("healthy")
      .verdict("healthy")
      .request("undo")
      .outcome("undo", "seen")
      .wait(3_100)
      .verdict("healthy");
    expect(stage.incident.ending).toBe("resolved");
    expect(stage.told).toEqual(["opened", "resolved"]);
  });

  it("never ends on missing data: silence after the soak calls a person", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .verdict("healthy")
      .verdict("healthy");
    stage.request("undo").outcome("undo", "seen").wait(3_100).verdict("missing").wait(60_000);
    expect(stage.incident).toMatchObject({ closedAt: null, state: "escalated" });
  });

  it("starts over on a relapse, without a second restart beyond its bound", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .verdict("healthy")
      .verdict("healthy");
    stage.request("undo").outcome("undo", "seen").verdict("breached");
    expect(stage.incident.state).toBe("containing");
    stage
      .request("contain")
      .outcome("contain", "seen")
      .request("inspect")
      .outcome("inspect", "seen", CRASHED);
    expect(stage.incident.state).toBe("escalated");
    expect(stage.attempts("remedy")).toHaveLength(1);
    expect(Object.values(stage.world.leases)).toMatchObject([{ state: "active" }]);
    expect(stage.told).toEqual(["opened", "acted", "relapsed", "escalated"]);
  });
});

describe("withheld acts", () => {
  it("holds everything while paused, says once what is held, and goes on after resume", () => {
    const stage = new Theatre().pause({}).untilRemedy();
    // The first act was held in `containing`, so the incident went on without it.
    expect(stage.attempt("contain").state).toBe("withdrawn");
    stage
      .request("inspect")
      .outcome("inspect", "seen", CRASHED)
      .request("remedy")
      .request("remedy")
      .request("remedy");
    expect(stage.attempt("remedy")).toMatchObject({ state: "held", problem: { code: "paused" } });
    expect(stage.told).toEqual(["paused", "opened", "withheld"]);
    stage.pause(null).verdict("breached").request("remedy");
    expect(stage.attempt("remedy").state).toBe("started");
  });

  it("ends a lease while paused, and not when undo is included", () => {
    for (const includingUndo of [false, true]) {
      const stage = new Theatre()
        .untilRemedy()
        .request("remedy")
        .outcome("remedy", "seen")
        .verdict("healthy")
        .verdict("healthy");
      stage.pause({ includingUndo }).request("undo");
      expect(stage.attempt("undo").state).toBe(includingUndo ? "held" : "started");
    }
  });

  it("only records in shadow, and calls a person", () => {
    const stage = new Theatre(rulesFor({ modes: { default: "shadow" } }));
    stage
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"))
      .request("contain");
    expect(stage.attempt("contain").state).toBe("shadowed");
    stage.request("inspect").outcome("inspect", "seen", CRASHED).request("remedy");
    expect(stage.attempt("remedy").state).toBe("shadowed");
    expect(stage.incident.state).toBe("escalated");
    expect(stage.world.leases).toEqual({});
    expect(stage.notices[0]?.lines.join(" ")).toContain("nothing is done in shadow mode");
  });

  it("looks again when Railway did not answer once, and calls a person when it never does", () => {
    const stage = new Theatre()
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"));
    stage.request("contain").outcome("contain", "seen");
    stage.request("inspect").outcome("inspect", "rejected", {}, "railway-unreachable");
    expect(stage.incident.state).toBe("waiting");
    for (let look = 0; look < 3; look += 1) {
      stage
        .wait(1_100)
        .request("inspect")
        .outcome("inspect", "rejected", {}, "railway-unreachable");
    }
    expect(stage.incident.state).toBe("escalated");
    expect(stage.attempts("remedy")).toEqual([]);
  });

  it("waits for a person in suggest, expires, and escalates", () => {
    const stage = new Theatre(rulesFor({ modes: { default: "auto", restart: "suggest" } }))
      .untilRemedy()
      .request("remedy");
    expect(stage.attempt("remedy").state).toBe("awaiting-approval");
    expect(stage.told).toContain("withheld");
    stage.wait(31 * 60_000);
    expect(stage.attempt("remedy").state).toBe("expired");
    expect(stage.incident.state).toBe("escalated");
  });
});

describe("leases", () => {
  it("are renewed while the incident needs them, with growing sequence numbers", () => {
    const stage = new Theatre().untilRemedy();
    const [lease] = Object.values(stage.world.leases);
    stage.wait(10_100);
    expect(stage.attempt("renew").state).toBe("planned");
    stage.request("renew").outcome("renew", "seen");
    const [renewed] = Object.values(stage.world.leases);
    expect(renewed?.seq).toBeGreaterThan(lease?.seq ?? Infinity);
    expect(renewed?.until).toBeGreaterThan(lease?.until ?? Infinity);
  });

  it("are renewed one at a time, and are over at their end when a pause kept them from it", () => {
    const stage = new Theatre().untilRemedy().pause({});
    stage.wait(10_100).request("renew").wait(15_000);
    expect(stage.attempts("renew")).toHaveLength(1);
    expect(stage.attempt("renew")).toMatchObject({ state: "held", problem: { code: "paused" } });
    stage.wait(10_000);
    expect(Object.values(stage.world.leases)).toMatchObject([{ state: "ended" }]);
    stage.pause(null).request("renew");
    expect(stage.attempt("renew").state).toBe("withdrawn");
  });

  it("are not switched on again by a renewal that comes after the end was asked for", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .wait(10_100);
    stage.verdict("healthy").verdict("healthy").request("undo").request("renew");
    expect(stage.attempt("renew").state).toBe("withdrawn");
  });

  it("are ended when the daemon goes, whatever the incident is doing", () => {
    const stage = new Theatre().untilRemedy();
    stage.dispatch({ id: "stop:1" as never, at: stage.now, cause: null, type: "stop" });
    stage.request("undo").outcome("undo", "seen");
    expect(Object.values(stage.world.leases)).toMatchObject([{ state: "ended" }]);
    expect(stage.incident.state).toBe("remedying.asked");
  });

  it("of nobody are switched off, and those of an open incident are left alone", () => {
    const stage = new Theatre().untilRemedy();
    const [lease] = Object.values(stage.world.leases);
    if (lease === undefined) expect.unreachable();
    const orphan = {
      at: stage.now,
      cause: null,
      type: "orphan",
      switch: "read-only",
      seq: 7,
      until: stage.now + 9_000,
    } as const;
    expect(stage.dispatch({ ...orphan, id: "orphan:1" as never, lease: lease.id })).toBeNull();
    const gone = { ...orphan, lease: "gone/read-only" as never };
    // Left on by one that is over, and needed by the one that is open.
    expect(stage.dispatch({ ...gone, id: "orphan:2" as never })).toBeNull();
    stage.dispatch({ ...gone, id: "orphan:4" as never, seq: stage.now + 5 });
    expect(stage.world.marks.switchSeq).toEqual({ "read-only": stage.now + 5 });
    expect(stage.attempts("undo")).toEqual([]);
    stage.world = { ...stage.world, incidents: {} };
    stage.dispatch({ ...gone, id: "orphan:3" as never });
    const undo = stage.attempt("undo");
    expect(undo).toMatchObject({
      incident: null,
      params: { leaseId: "gone/read-only", value: "off" },
    });
    stage.request("undo");
    expect(stage.attempt("undo").plan).toMatchObject({ value: false, leaseId: "gone/read-only" });
  });
});

describe("correlation", () => {
  it("attaches a symptom of a needed target to its incident instead of opening another", () => {
    const stage = new Theatre()
      .verdict("breached")
      .verdict("breached", { target: "api", probe: "health" });
    expect(Object.values(stage.world.incidents)).toHaveLength(1);
    expect(stage.incident.symptoms).toEqual(["api|health|up"]);
  });

  it("waits for an upstream that is failing and not yet judged, but not for ever", () => {
    const stage = new Theatre()
      .verdict("inconclusive", { failing: true })
      .verdict("breached", { target: "api", probe: "health" });
    expect(Object.values(stage.world.incidents)).toEqual([]);
    stage.pass(9_000).verdict("breached", { target: "api", probe: "health" });
    expect(stage.incident).toMatchObject({
      kind: "service-down",
      target: "api",
    });
  });

  it("takes over a symptom that opened first", () => {
    const stage = new Theatre().verdict("breached", { target: "api", probe: "health" });
    expect(stage.incident.kind).toBe("service-down");
    stage.verdict("breached");
    expect(Object.values(stage.world.incidents)).toMatchObject([
      { kind: "service-down", ending: "attached" },
      { kind: "database-down", symptoms: ["api|health|up"] },
    ]);
  });

  it("opens nothing for a gap that our own restart explains", () => {
    const rules = rulesFor();
    const stage = new Theatre({
      ...rules,
      targets: {
        ...rules.targets,
        postgres: { ...rules.targets["postgres"], needs: [], detectMsMax: 0, freshMs: 5_000 },
      },
    });
    stage.untilRemedy().request("remedy");
    const incidents = Object.keys(stage.world.incidents);
    stage.verdict("breached", { target: "api", probe: "health" });
    expect(Object.keys(stage.world.incidents)).toEqual(incidents);
  });

  it("says once that it is blind and once that it sees, and neither opens nor closes on it", () => {
    const stage = new Theatre()
      .verdict("missing", { code: "dns-failed" })
      .verdict("missing", { code: "dns-failed" })
      .verdict("healthy");
    expect(stage.told).toEqual(["blind", "seeing"]);
    expect(stage.world.incidents).toEqual({});
  });

  it("says it once for all signals of a probe, and again for what is blind by itself", () => {
    const stage = new Theatre()
      .verdict("missing", { name: "memory-leak" })
      .verdict("missing")
      .verdict("missing", { name: "flood" })
      .verdict("missing", { probe: "metrics", name: "flood" });
    expect(stage.told).toEqual(["blind", "blind", "blind"]);
    stage.verdict("healthy").verdict("healthy", { name: "flood" });
    expect(stage.told.slice(3)).toEqual(["seeing"]);
    stage.verdict("healthy", { name: "memory-leak" });
    expect(stage.told.slice(4)).toEqual(["seeing"]);
  });
});

describe("the journal", () => {
  it("leads to the same world and the same decisions, byte for byte", () => {
    const stage = new Theatre().pause({}).untilRemedy().pause(null).verdict("breached");
    stage
      .request("inspect")
      .outcome("inspect", "seen", CRASHED)
      .request("remedy", WELL)
      .outcome("remedy", "seen");
    stage.verdict("healthy").verdict("healthy").wait(12_000);
    const stored = JSON.parse(JSON.stringify(stage.entries)) as typeof stage.entries;
    expect(JSON.stringify(fold(stored))).toBe(JSON.stringify(stage.world));
    expect(recompute(stored, stage.rules)).toEqual([]);
    // And it would say so if they differed.
    const other = recompute(stored, rulesFor({ modes: { default: "shadow" } }));
    expect(other.length).toBeGreaterThan(0);
  });

  it("writes nothing while nothing changes", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .wait(10_100);
    expect(stage.incident.state).toBe("escalated");
    stage.verdict("breached");
    const { length } = stage.entries;
    for (let look = 0; look < 50; look += 1) stage.verdict("breached");
    expect(stage.entries.length).toBe(length);
  });

  it("parks an incident whose machine has changed instead of losing it", () => {
    const stage = new Theatre().untilRemedy();
    const { incident } = stage;
    const stale = {
      ...incident,
      snapshot: { ...incident.snapshot, value: "a-state-of-yesterday" },
    };
    stage.world = { ...stage.world, incidents: { [incident.id]: stale } };
    stage.verdict("healthy");
    expect(stage.incident.parked).toContain("a-state-of-yesterday");
    expect(stage.told.at(-1)).toBe("escalated");
  });
});
