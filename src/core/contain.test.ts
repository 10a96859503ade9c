import { describe, expect, it } from "vitest";

import { answer } from "../../test/support/answer.ts";
import { ACTIONS, rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre } from "../../test/support/theatre.ts";
import { TRAITS } from "../actions/index.ts";
import type { Rules } from "../domain/rules.ts";
import { recompute } from "./replay.ts";

// Read-only mode that a person has to approve. The incident does not stand still for it.

const MINUTE = 60_000;

/** Read-only mode is asked about, and the machine looks at the platform meanwhile. */
const asked = (more: Partial<Rules> = {}): Theatre =>
  new Theatre(rulesFor({ modes: { default: "auto", "read-only": "suggest" }, ...more }))
    .verdict("breached")
    .request("confirm")
    .outcome("confirm", "seen", paths("down"))
    .request("contain");

const inspected = (stage: Theatre): Theatre =>
  stage.request("inspect").outcome("inspect", "seen", CRASHED);
const verifying = (stage: Theatre): Theatre =>
  inspected(stage).verdict("breached").request("remedy").outcome("remedy", "seen");
/** The act was done and did not help. */
const escalated = (stage: Theatre): Theatre =>
  verifying(stage).verdict("breached").wait(11_000).verdict("breached");
const well = (stage: Theatre): Theatre =>
  stage.verdict("healthy").verdict("healthy").verdict("healthy");

const switchOf = ({ world }: Theatre) => Object.values(world.leases)[0];
const text = ({ notices }: Theatre): string => notices.at(-1)?.lines.join("\n") ?? "";

/** kill -9: what was seen is forgotten, what was written stays. */
function crash(stage: Theatre, awayMs = 1_000): Theatre {
  stage.pass(awayMs);
  stage.watchingSince = stage.now;
  stage.world = JSON.parse(JSON.stringify(stage.world)) as typeof stage.world;
  const event = { id: "start" as never, at: stage.now, cause: null, type: "start" as const };
  stage.dispatch({ ...event, version: "test" });
  return stage.pass(10);
}

describe("what contains and waits for a person", () => {
  it.each<[string, (stage: Theatre) => Theatre]>([
    ["inspecting", (stage) => stage],
    ["remedying.asked", inspected],
    ["verifying", verifying],
    ["escalated", escalated],
  ])("starts on a yes while the incident is %s, is renewed, and taken back", (state, until) => {
    const stage = until(asked());
    expect(stage.incident.state).toBe(state);
    expect(answer(stage, "contain", "approve")).toEqual(["approved"]);
    expect(stage.attempt("contain").state).toBe("awaiting-approval");
    stage.verdict("breached").request("contain");
    expect(stage.attempt("contain")).toMatchObject({ state: "started", tries: 1 });
    expect(stage.incident.state).toBe(state);
    stage.outcome("contain", "seen");
    expect(switchOf(stage)?.state).toBe("active");
    stage.wait(10_000).request("renew").outcome("renew", "seen");
    expect(stage.attempt("renew").state).toBe("seen");
    // Whatever became of the remedy meanwhile: it is well, and what is on goes off.
    well(stage);
    expect(stage.incident.state).toBe("undoing.asking");
    stage.request("undo").outcome("undo", "seen");
    expect(switchOf(stage)?.state).toBe("ended");
    expect(stage.incident.state).toBe("soaking");
    expect(recompute(stage.entries, stage.rules)).toEqual([]);
  });

  it("starts on fresh facts only", () => {
    const stage = asked();
    answer(stage, "contain", "approve");
    stage.pass(6_000).request("contain");
    expect(stage.attempt("contain")).toMatchObject({
      state: "held",
      problem: { code: "stale-input" },
    });
    stage.verdict("healthy").request("contain");
    expect(stage.attempt("contain")).toMatchObject({ problem: { code: "signal-recovered" } });
    stage.verdict("breached").request("contain");
    expect(stage.attempt("contain").state).toBe("started");
  });

  it("does not start without a yes, however often it is asked for", () => {
    const stage = escalated(asked().request("contain")).request("contain");
    expect(stage.attempts("contain")).toHaveLength(1);
    expect(stage.attempt("contain").state).toBe("awaiting-approval");
    expect(switchOf(stage)).toBeUndefined();
  });

  it("ends with a no, and the incident goes on as it was", () => {
    const stage = inspected(asked());
    expect(answer(stage, "contain", "reject")[0]).toBe("approval-refused");
    expect(stage.attempt("contain")).toMatchObject({
      state: "withdrawn",
      problem: { code: "approval-refused" },
    });
    expect(stage.incident.state).toBe("remedying.asked");
    stage.verdict("breached").request("contain");
    expect(stage.attempt("contain").state).toBe("withdrawn");
    expect(answer(stage, "contain", "approve")).toEqual(["already-ended"]);
  });

  it("is a no when nobody answers in time", () => {
    const stage = escalated(asked()).wait(30 * MINUTE);
    expect(stage.attempt("contain")).toMatchObject({
      state: "expired",
      problem: { code: "approval-expired" },
    });
    expect(stage.incident.state).toBe("escalated");
    expect(answer(stage, "contain", "approve")).toEqual(["already-ended"]);
    stage.verdict("breached").request("contain");
    expect(switchOf(stage)).toBeUndefined();
  });

  it.each<[string, (stage: Theatre) => unknown]>([
    ["it is well again", well],
    ["a person takes it over", (stage) => order(stage, "take")],
    ["a person takes over what is theirs", (stage) => order(escalated(stage), "take")],
    ["a person calls it over", (stage) => [order(stage, "resolve"), order(stage, "resolve")]],
  ])("is withdrawn, also after a yes, when %s", (_, happens) => {
    const stage = asked();
    answer(stage, "contain", "approve");
    happens(stage);
    expect(stage.attempt("contain").state).toBe("withdrawn");
    stage.verdict("breached").request("contain");
    expect(switchOf(stage)).toBeUndefined();
  });

  it("starts once after a crash between the yes and the start, when it was looked at again", () => {
    const stage = asked();
    answer(stage, "contain", "approve");
    crash(stage).request("contain");
    expect(stage.attempt("contain")).toMatchObject({ state: "held", tries: 0 });
    stage.verdict("breached").request("contain");
    expect(stage.attempt("contain")).toMatchObject({ state: "started", tries: 1 });
  });

  it("is settled by evidence after a crash in its call when the yes no longer counts", () => {
    const stage = asked();
    answer(stage, "contain", "approve");
    stage.verdict("breached").request("contain");
    crash(stage, 6 * MINUTE)
      .verdict("breached")
      .request("contain");
    expect(stage.attempt("contain")).toMatchObject({ state: "started", tries: 1 });
    stage.outcome("contain", "not-seen", {}, "no-evidence");
    expect(stage.attempt("contain").state).toBe("not-seen");
  });

  it("is not begun again after a crash once it is being taken back", () => {
    const stage = asked();
    answer(stage, "contain", "approve");
    stage.verdict("breached").request("contain");
    order(stage, "resolve");
    order(crash(stage).verdict("breached"), "resolve");
    expect(stage.incident.state).toBe("undoing.asking");
    stage.request("contain");
    expect(stage.attempt("contain").tries).toBe(1);
  });

  it("is asked for by a variable, which needs a yes of its own, when the approved switch is refused", () => {
    const way = { targets: ["api"], leaseMs: 30_000, renewMs: 10_000 };
    const variable = { target: "api", name: "READ_ONLY", on: "1", off: "0" };
    const switches = { "read-only": { ...way, variable } };
    const modes = { default: "auto", "read-only": "suggest", restart: "suggest" } as const;
    const stage = inspected(asked({ switches, modes, actions: { ...TRAITS, ...ACTIONS } }));
    answer(stage, "contain", "approve");
    stage.verdict("breached").request("contain");
    stage.outcome("contain", "rejected", {}, "switch-refused").request("contain");
    expect(stage.attempt("contain")).toMatchObject({
      action: "variable",
      state: "awaiting-approval",
    });
    expect(stage.notices.at(-1)?.title).toBe("May I? read-only on by a variable of api");
    // What the machine waits for is told as that, although it was asked for earlier.
    stage.verdict("breached").request("remedy");
    expect(stage.notices.at(-1)?.title).toBe("May I? restart of postgres");
  });
});

describe("what people read of it", () => {
  it("stands in the first message: what waits, both commands, until when", () => {
    const stage = asked();
    const { id } = stage.attempt("contain");
    expect(stage.told).toEqual(["opened"]);
    expect(text(stage)).toContain("Not contained yet. May I? read-only on (the mode is suggest");
    expect(text(stage)).toContain(`Yes: signalman approve ${id}\nNo: signalman reject ${id}\n`);
    expect(text(stage)).toMatch(
      /Until \d\d:\d\d:\d\d UTC; no answer is a no\. A yes counts for 5 /,
    );
    expect(text(stage)).toContain("I go on without it meanwhile.");
  });

  it("is asked once, whatever holds it in between, and again when a yes ran out", () => {
    const stage = asked();
    stage
      .pass(2 * MINUTE)
      .request("contain")
      .verdict("healthy")
      .request("contain");
    expect(stage.attempt("contain").state).toBe("held");
    stage.verdict("breached").request("contain");
    expect(stage.attempt("contain").state).toBe("awaiting-approval");
    expect(stage.told).toEqual(["opened"]);
    answer(stage, "contain", "approve");
    stage.wait(5 * MINUTE);
    expect(stage.notices.at(-1)?.title).toBe("May I? read-only on");
    expect(text(stage)).toContain("An earlier approval counts no longer");
  });

  it("is told again to whoever is called, unless they have said yes", () => {
    const stage = escalated(asked());
    const { id } = stage.attempt("contain");
    expect(stage.told.at(-1)).toBe("escalated");
    expect(text(stage)).toContain(`\nYes: signalman approve ${id}`);
    const approved = asked();
    answer(approved, "contain", "approve");
    expect(text(escalated(approved))).not.toContain("signalman approve");
  });

  it("is asked of nobody who takes the incident over", () => {
    const stage = order(asked(), "take");
    expect(stage.told.at(-1)).toBe("escalated");
    expect(text(stage)).not.toContain("signalman approve");
  });

  it("is told by itself after a relapse, and does not hide what else waits", () => {
    const modes = { default: "auto", "read-only": "suggest", restart: "suggest" } as const;
    const stage = well(inspected(asked({ modes })));
    stage.verdict("breached").request("contain");
    expect(stage.told.slice(-2)).toEqual(["relapsed", "withheld"]);
    expect(stage.notices.at(-1)?.title).toBe("May I? read-only on");
    inspected(stage).verdict("breached").request("remedy");
    expect(stage.notices.at(-1)?.title).toBe("May I? restart of postgres");
    answer(stage, "contain", "approve");
    stage.wait(5 * MINUTE);
    expect(stage.notices.at(-1)?.title).toBe("May I? read-only on");
  });
});

function order(stage: Theatre, kind: "take" | "resolve"): Theatre {
  const id = `${kind}-${stage.now}`;
  const said = { id, order: kind, incident: stage.incident.id, by: "ann" };
  stage.dispatch({ id: id as never, at: stage.now, cause: null, type: "order", order: said });
  return stage.pass(10);
}
