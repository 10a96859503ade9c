import { describe, expect, it } from "vitest";
import { rulesFor } from "../../test/support/rules.ts";
import { CRASHED, Theatre, paths } from "../../test/support/theatre.ts";
import { EMPTY_WORLD } from "../domain/apply.ts";
import { eventId } from "../domain/ids.ts";

const leases = (stage: Theatre) => Object.values(stage.world.leases).map(({ state }) => state);
/** A new life of the daemon on the same books: nothing was looked at yet. */
function reborn(stage: Theatre): Theatre {
  const next = new Theatre(stage.rules);
  next.now = stage.now;
  next.world = JSON.parse(JSON.stringify(stage.world)) as typeof stage.world;
  next.watchingSince = stage.now;
  next.dispatch({
    id: eventId("start", next.now),
    at: next.now,
    cause: null,
    type: "start",
    version: "t",
  });
  return next;
}

describe("unlucky orders", () => {
  it("a contain cut off by a crash never switches on for a closed incident", () => {
    const stage = new Theatre()
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"));
    stage.request("contain"); // started, then kill -9
    const next = reborn(stage).wait(8_100); // containMs, or the time to look
    next.verdict("healthy").verdict("healthy").verdict("healthy");
    next.request("undo").outcome("undo", "seen").wait(3_100).verdict("healthy");
    expect(next.incident.ending).toBe("resolved");
    expect(leases(next)).toEqual(["ended"]);
    next.pass(60_000).verdict("breached"); // the next failure, a new incident
    // The executor still finds the old attempt in flight and asks again.
    const zombie = next.attempts("contain")[0];
    if (zombie === undefined) expect.unreachable();
    next.dispatch({
      id: eventId("r", next.now),
      at: next.now,
      cause: null,
      type: "request",
      attempt: zombie.id,
      plan: {},
    });
    expect(leases(next)).toEqual(["ended"]);
  });

  it("a parked incident keeps no lease on and does not hide the next failure", () => {
    const stage = new Theatre().untilRemedy();
    const { incident } = stage;
    stage.world = {
      ...stage.world,
      incidents: { [incident.id]: { ...incident, snapshot: { ...incident.snapshot, version: 0 } } },
    };
    stage.verdict("breached");
    expect(stage.incident.parked).not.toBeNull();
    stage.wait(10_100);
    const renewals = stage.attempts("renew");
    expect(renewals).toEqual([]);
    stage.request("undo").outcome("undo", "seen");
    expect(leases(stage)).toEqual(["ended"]);
    stage.verdict("healthy").verdict("healthy").wait(600_000).verdict("breached");
    expect(Object.values(stage.world.incidents)).toHaveLength(2);
  });

  it("undoing has a way out when the app never answers again", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .verdict("healthy")
      .verdict("healthy");
    for (let i = 0; i < 60 && stage.incident.state.startsWith("undoing"); i += 1) {
      stage
        .request("undo")
        .outcome("undo", "unknown", {}, "switch-unreachable")
        .verdict("breached")
        .wait(1_100);
    }
    expect(stage.incident.state).not.toMatch(/^undoing/); // lease is 30 s; 66 s are over, and the database is down again
  });

  it("the undo of one incident does not switch off what another open one holds", () => {
    const rules = rulesFor();
    const two = new Theatre({
      ...rules,
      targets: { ...rules.targets, pg2: { needs: [], detectMsMax: 8_000, freshMs: 5_000 } },
    });
    two.untilRemedy();
    const first = two.incident.id;
    two.verdict("breached", { target: "pg2", probe: "postgres" });
    two
      .request("confirm")
      .outcome("confirm", "seen", paths("down"))
      .request("contain")
      .outcome("contain", "seen");
    const remedy = Object.values(two.world.attempts).find(
      (a) => a.slot === "remedy" && a.incident === first,
    );
    if (remedy === undefined) expect.unreachable();
    two.verdict("breached");
    const at = two.now;
    two.dispatch(
      { id: eventId("rr", at), at, cause: null, type: "request", attempt: remedy.id, plan: {} },
      { status: "well", statusDetail: "", obstacle: null, seen: {} },
    );
    two.dispatch({
      id: eventId("oo", at),
      at,
      cause: null,
      type: "outcome",
      attempt: remedy.id,
      state: "seen",
      evidence: {},
      problem: null,
    });
    two.verdict("healthy").verdict("healthy");
    expect(two.world.incidents[first]?.state).toMatch(/^undoing|^soaking/);
    const sent: string[] = [];
    for (const a of Object.values(two.world.attempts))
      if (a.slot === "undo" && a.state === "planned") {
        two.dispatch({
          id: eventId("u", two.now),
          at: two.now,
          cause: null,
          type: "request",
          attempt: a.id,
          plan: {},
        });
        const now = two.world.attempts[a.id];
        if (now?.state === "started") sent.push(JSON.stringify(now.plan["value"]));
      }
    expect(sent).toEqual([]); // "off" would reach the one app whose read-only the second incident still needs
  });

  it("no data while verifying is not 'ineffective'", () => {
    const stage = new Theatre().untilRemedy().request("remedy").outcome("remedy", "seen");
    stage.verdict("missing").verdict("missing").wait(10_100);
    expect(stage.attempt("remedy").state).toBe("unknown");
    expect(stage.notices.at(-1)?.lines.join()).not.toContain("did not help");
  });

  it("a daemon that was dead longer than verifyMs looks before it judges", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .verdict("breached");
    stage.pass(600_000);
    const next = reborn(stage).wait(0);
    expect(next.attempt("remedy").state).toBe("seen");
    expect(next.told).toEqual([]);
    next.verdict("healthy").verdict("healthy");
    expect(next.attempt("remedy").state).toBe("effective");
  });

  it("an inspection before the first sample of this life is no reason to give up", () => {
    const stage = new Theatre()
      .verdict("breached", { code: "timeout" })
      .request("confirm")
      .outcome("confirm", "seen", paths("down"));
    stage.request("contain").outcome("contain", "seen").request("inspect");
    const next = reborn(stage);
    next.request("inspect").outcome("inspect", "seen", {
      inspection: {
        platform: "well",
        deployment: { status: "SUCCESS", stopped: false },
        inFlight: null,
        instances: ["RUNNING"],
        volume: null,
      },
    });
    expect(next.incident.state).toBe("waiting");
  });

  it("what helped is not claimed for a relapse that ended without us", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .verdict("healthy")
      .verdict("healthy");
    stage
      .request("undo")
      .outcome("undo", "seen")
      .verdict("breached")
      .request("contain")
      .outcome("contain", "seen")
      .request("inspect")
      .outcome("inspect", "seen", CRASHED);
    expect(stage.incident.state).toBe("escalated");
    stage
      .verdict("healthy")
      .verdict("healthy")
      .request("undo")
      .outcome("undo", "seen")
      .wait(3_100)
      .verdict("healthy");
    expect(stage.incident.ending).toBe("resolved");
    expect(stage.notices.at(-1)?.lines.join("\n")).not.toContain("What helped");
  });

  it("an escalated incident does not write a journal entry for every sample", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy")
      .outcome("remedy", "seen")
      .verdict("breached")
      .wait(10_100);
    const before = stage.entries.length;
    for (let i = 0; i < 100; i += 1) stage.verdict("breached");
    expect(stage.entries.length - before).toBeLessThan(5);
  });

  it("a pause of the app's target holds the switch that flips that app", () => {
    const stage = new Theatre()
      .pause({ target: "api" })
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"));
    stage.request("contain");
    expect(stage.world.leases).toEqual({});
  });

  it("what is withheld is named, not a renewal that waits beside it", () => {
    const stage = new Theatre()
      .untilRemedy()
      .request("remedy", { status: "trouble", statusDetail: "x", obstacle: null, seen: {} });
    stage.wait(10_100).pause({}).request("renew").verdict("breached").request("remedy");
    expect(stage.notices.at(-1)?.title).toContain("restart of postgres");
  });

  it("a contain that never began needs no undo", () => {
    const stage = new Theatre()
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"));
    stage.pass(0).verdict("inconclusive").request("contain"); // momentary hold, nobody told
    stage.wait(4_100).verdict("healthy").verdict("healthy").verdict("healthy");
    expect(stage.attempts("undo")).toEqual([]);
    expect(stage.incident.state).toBe("soaking");
  });

  it("a held reason that alternates does not send a message each time", () => {
    const stage = new Theatre().untilRemedy();
    const trouble = { status: "trouble", statusDetail: "x", obstacle: null, seen: {} } as const;
    const busy = {
      status: "well",
      statusDetail: "x",
      obstacle: { code: "deployment-in-flight", detail: "d" },
      seen: {},
    } as const;
    for (let i = 0; i < 30; i += 1)
      stage
        .verdict("breached")
        .request("remedy", i % 2 === 0 ? trouble : busy)
        .wait(10_000);
    expect(stage.told.filter((kind) => kind === "withheld").length).toBeLessThanOrEqual(3);
  });

  it("orphans found in the same moment each have their undo", () => {
    const stage = new Theatre();
    const orphan = {
      at: stage.now,
      cause: null,
      type: "orphan",
      switch: "read-only",
      seq: 7,
      until: stage.now + 9_000,
    } as const;
    stage.dispatch({ ...orphan, id: "o1" as never, lease: "a/read-only" as never });
    stage.dispatch({ ...orphan, id: "o2" as never, lease: "b/read-only" as never });
    expect(stage.attempts("undo")).toHaveLength(2);
  });

  it("an orphan that is found again and again has one undo at a time", () => {
    const stage = new Theatre().pause({ includingUndo: true });
    const find = (seq = 7): void => {
      stage.dispatch({
        id: `orphan:${stage.now}` as never,
        at: stage.now,
        cause: null,
        type: "orphan",
        switch: "read-only",
        lease: "gone/read-only" as never,
        seq,
        until: stage.now + 3_600_000,
      });
      if (stage.attempt("undo").state === "planned") stage.request("undo");
    };
    for (let looks = 0; looks < 10; looks += 1) {
      find();
      stage.wait(30_000);
    }
    expect(stage.attempts("undo")).toHaveLength(1);
    stage.pause(null).request("undo").outcome("undo", "unknown");
    find();
    expect(stage.attempts("undo")).toHaveLength(2);
  });
});
void EMPTY_WORLD;
