import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre } from "../../test/support/theatre.ts";
import { fold, recompute } from "./replay.ts";

const WINDOW_MS = 60_000;
const RULES = rulesFor({
  reopenMs: WINDOW_MS,
  budgets: { restart: { perIncident: 9, perHour: 9 } },
});
const ERRORS = { target: "api", probe: "errors" };
const RATES = { target: "api", probe: "rates", name: "error-share" };

/** A restart that helped, and everything taken back. */
function resolved(stage: Theatre = new Theatre(RULES)): Theatre {
  stage.untilRemedy().request("remedy").outcome("remedy", "seen");
  return calm(stage);
}

function calm(stage: Theatre): Theatre {
  stage.verdict("healthy").verdict("healthy").request("undo").outcome("undo", "seen");
  stage.wait(3_100).verdict("healthy");
  expect(stage.incident.ending).toBe("resolved");
  return stage;
}

/** A restart that did not help; it got well without us. */
function resolvedInVain(): Theatre {
  const stage = new Theatre(RULES).untilRemedy().request("remedy").outcome("remedy", "seen");
  stage.verdict("breached").wait(10_100);
  expect(stage.attempt("remedy").state).toBe("ineffective");
  expect(stage.incident.state).toBe("escalated");
  return calm(stage);
}

/** Changes the row of the only incident, as if it had been written so. */
function alter(stage: Theatre, of: (incident: Theatre["incident"]) => object): void {
  const { incident } = stage;
  const incidents = { [incident.id]: { ...incident, ...of(incident) } };
  stage.world = { ...stage.world, incidents };
}

const all = (stage: Theatre) => Object.values(stage.world.incidents);

describe("an incident that comes back", () => {
  it("is the same one within the window, and another one from its end on", () => {
    const stage = resolved();
    const { id, closedAt, openedAt, onset } = stage.incident;
    stage.now = (closedAt ?? 0) + WINDOW_MS - 1;
    stage.verdict("breached");
    expect(all(stage)).toHaveLength(1);
    expect(stage.incident).toMatchObject({
      id,
      openedAt,
      onset,
      closedAt: null,
      ending: null,
      state: "confirming.looking",
      returned: { times: 1, wellSince: closedAt },
    });
    const late = resolved();
    late.now = (late.incident.closedAt ?? 0) + WINDOW_MS;
    late.verdict("breached");
    expect(all(late)).toHaveLength(2);
    expect(late.incident.id).not.toBe(id);
    expect(late.incident.returned).toBeUndefined();
  });

  it("uses no number of an opening up", () => {
    const [twice, once] = [resolved(), resolved()];
    calm(twice.untilRemedy().request("remedy").outcome("remedy", "seen"));
    for (const stage of [twice, once]) stage.pass(WINDOW_MS).verdict("breached");
    expect(twice.incident.id).toBe(once.incident.id);
  });

  it("is another one where the configuration says so", () => {
    const stage = resolved(new Theatre(rulesFor())).verdict("breached");
    expect(all(stage)).toHaveLength(2);
  });

  it("is another one of another kind or target", () => {
    const stage = resolved().verdict("breached", { probe: "health" });
    stage.verdict("breached", { target: "api" });
    expect(all(stage).map(({ kind, target, returned }) => [kind, target, returned])).toEqual([
      ["database-down", "postgres", undefined],
      ["service-down", "postgres", undefined],
      ["database-down", "api", undefined],
    ]);
  });

  it("is told as such and not as new, and once more needs to be acknowledged", () => {
    const stage = resolved();
    alter(stage, () => ({ acknowledgedBy: "ann" }));
    stage.verdict("breached").request("confirm").outcome("confirm", "seen", paths("down"));
    stage.request("contain").outcome("contain", "seen");
    expect(stage.told).toEqual(["opened", "acted", "resolved", "relapsed"]);
    expect(stage.notices.at(-1)?.title).toBe("Again: Database down: postgres");
    expect(stage.incident.acknowledgedBy).toBeUndefined();
    expect(Object.values(stage.world.leases)).toMatchObject([{ state: "active" }]);
  });

  it("says in other words that it failed while it was watched", () => {
    const stage = new Theatre(RULES).untilRemedy().request("remedy").outcome("remedy", "seen");
    stage.verdict("healthy").verdict("healthy").request("undo").outcome("undo", "seen");
    stage.verdict("breached");
    expect(stage.notices.at(-1)).toMatchObject({
      kind: "relapsed",
      title: "Down again: postgres",
    });
    const back = resolved().untilRemedy().verdict("healthy").verdict("healthy");
    back.request("undo").outcome("undo", "seen").verdict("breached");
    expect(back.notices.findLast(({ kind }) => kind === "relapsed")?.title).toBe(
      "Down again: postgres",
    );
  });

  it("is not said to have been well when a person called it over while it failed", () => {
    const stage = new Theatre(RULES).untilRemedy();
    for (const id of ["first", "second"])
      stage.dispatch({
        id: id as never,
        at: stage.now,
        cause: null,
        type: "order",
        order: { order: "resolve", by: "ann", incident: stage.incident.id },
      } as never);
    stage.request("undo").outcome("undo", "seen");
    expect(stage.incident.ending).toBe("resolved");
    stage.verdict("breached").request("confirm").outcome("confirm", "seen", paths("down"));
    stage.request("contain").outcome("contain", "seen");
    const text = stage.notices.at(-1)?.lines.join("\n");
    expect(text).toContain("called over at");
    expect(text).not.toContain("well since");
  });

  it("fails since now, for the diagnosis", () => {
    const stage = resolved().pass(30_000);
    const { onset } = stage.incident;
    stage.verdict("breached");
    expect(stage.incident.onset).toBe(onset);
    expect(stage.incident.returned?.onset).toBeGreaterThan(onset + 30_000);
  });

  it("counts on how often it asked and acted", () => {
    const stage = resolved().untilRemedy();
    // One act is all that this runbook allows.
    expect(stage.incident).toMatchObject({ state: "escalated" });
    expect(stage.incident.snapshot.context).toMatchObject({ acts: 1, reason: "remedy-exhausted" });
    expect(stage.attempts("remedy")).toHaveLength(1);
    const other = resolved().pass(WINDOW_MS).untilRemedy();
    expect(other.incident.state).toBe("remedying.asked");
  });

  it("tries nothing again that was in vain, also when another version of the machine counted", () => {
    const stage = resolvedInVain();
    alter(stage, ({ snapshot }) => ({ snapshot: { ...snapshot, version: snapshot.version - 1 } }));
    stage.untilRemedy();
    expect(stage.incident).toMatchObject({ state: "remedying.asked", parked: null });
    expect(stage.incident.snapshot.context).toMatchObject({ acts: 0, asks: 1, returned: true });
    stage.request("remedy");
    expect(stage.attempt("remedy").problem?.code).toBe("futile");
    expect(resolvedInVain().untilRemedy().attempts("remedy")).toHaveLength(1);
  });

  it("goes on although its machine had stopped", () => {
    const stage = new Theatre(RULES).verdict("breached");
    alter(stage, ({ snapshot }) => ({ snapshot: { ...snapshot, version: 0 } }));
    stage.verdict("breached").verdict("healthy");
    expect(stage.incident).toMatchObject({ ending: "resolved" });
    expect(stage.incident.parked).not.toBeNull();
    stage.verdict("breached");
    expect(stage.incident).toMatchObject({ state: "confirming.looking", parked: null });
  });

  it("is not disturbed by an end that was asked for while it had no machine", () => {
    const stage = new Theatre(RULES).untilRemedy();
    alter(stage, ({ snapshot }) => ({ snapshot: { ...snapshot, version: 0 } }));
    stage.pause({ includingUndo: true }).verdict("breached").request("undo").verdict("healthy");
    expect(stage.attempt("undo").state).toBe("held");
    expect(stage.incident.ending).toBe("resolved");
    stage.verdict("breached").pause(null);
    stage.request("confirm").outcome("confirm", "seen", paths("down"));
    stage.request("contain").outcome("contain", "seen").request("undo");
    expect(stage.attempt("undo")).toMatchObject({
      state: "withdrawn",
      problem: { code: "state-left" },
    });
    expect(Object.values(stage.world.leases)).toMatchObject([{ state: "active" }]);
    stage.request("inspect").outcome("inspect", "seen", CRASHED);
    calm(stage.verdict("healthy"));
    expect(stage.attempts("undo").map(({ state }) => state)).toEqual(["withdrawn", "seen"]);
  });

  it("is told as new when it was a false alarm before", () => {
    const stage = new Theatre(RULES).verdict("breached").request("confirm");
    stage.outcome("confirm", "seen", paths("up"));
    expect(stage.incident.ending).toBe("false-alarm");
    stage.verdict("breached").request("confirm").outcome("confirm", "seen", paths("down"));
    stage.request("contain").outcome("contain", "seen");
    expect(all(stage)).toHaveLength(1);
    expect(stage.told).toEqual(["false-alarm", "opened"]);
  });

  it("is another one when it was only the symptom of something", () => {
    const stage = new Theatre(RULES).verdict("healthy").verdict("breached", RATES);
    stage.verdict("breached", { target: "api", probe: "health" });
    expect(all(stage)[0]?.ending).toBe("attached");
    for (let look = 0; look < 9; look += 1)
      stage.verdict("healthy", { target: "api", probe: "health" });
    expect(all(stage)[1]?.ending).toBe("false-alarm");
    stage.verdict("breached", RATES);
    expect(all(stage).map(({ kind }) => kind)).toEqual([
      "high-error-rate",
      "service-down",
      "high-error-rate",
    ]);
  });

  it("is told again also of a kind without a machine of its own", () => {
    const stage = new Theatre(RULES).verdict("healthy").verdict("breached", ERRORS);
    for (let look = 0; look < 3; look += 1) stage.verdict("healthy", ERRORS);
    stage.verdict("breached", ERRORS);
    expect(all(stage)).toHaveLength(1);
    expect(stage.told).toEqual(["opened", "resolved", "relapsed"]);
  });

  it("is decided again from the journal, byte for byte", () => {
    const stage = calm(resolved().untilRemedy());
    const stored = JSON.parse(JSON.stringify(stage.entries)) as typeof stage.entries;
    expect(recompute(stored, stage.rules)).toEqual([]);
    expect(fold(stored)).toEqual(stage.world);
    expect(recompute(stored, rulesFor({ ...RULES, reopenMs: 0 }))).not.toEqual([]);
  });
});
