import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { paths, Theatre, WELL } from "../../test/support/theatre.ts";

describe("mode shadow", () => {
  it("keeps what it would have done, for how long, and what would have held it", () => {
    const stage = new Theatre(rulesFor({ modes: { default: "shadow" } })).untilRemedyInShadow();
    const obstacle = { code: "volume-busy", detail: "the volume is MIGRATING" } as const;
    stage.request("remedy", { ...WELL, obstacle }, { serviceId: "s1" });
    const { plan, settlesAt, endedAt, objection, startedAt } = stage.attempt("remedy");
    expect(plan).toEqual({ deploymentId: "d1", serviceId: "s1" });
    expect(objection).toMatchObject({ code: "volume-busy" });
    // Five seconds to settle and ten to verify.
    expect((settlesAt ?? 0) - (endedAt ?? 0)).toBe(15_000);
    expect(startedAt).toBeNull();
  });

  it("waits for what is over in a moment, and no longer", () => {
    const ready = () =>
      new Theatre(rulesFor({ modes: { default: "shadow" } })).untilRemedyInShadow().pass(5_100);
    const soon = ready().request("remedy");
    expect(soon.attempt("remedy").state).toBe("held");
    expect(soon.told).not.toContain("withheld");
    const { state, objection } = soon.verdict("breached").request("remedy").attempt("remedy");
    expect(state).toBe("shadowed");
    expect(objection).toBeUndefined();
    const late = ready().request("remedy").pass(61_000).request("remedy").attempt("remedy");
    expect(late).toMatchObject({ state: "shadowed", objection: { code: "stale-input" } });
    // It came back meanwhile: nothing would have been done.
    const back = ready().request("remedy").verdict("healthy").attempt("remedy");
    expect(back.state).toBe("withdrawn");
  });

  it("looks back at the platform when an incident is over that shadow kept from an act, and at no other", () => {
    const stage = new Theatre(rulesFor({ modes: { default: "shadow" } }))
      .untilRemedyInShadow()
      .request("remedy");
    stage.verdict("healthy").verdict("healthy").wait(3_100).verdict("healthy");
    expect(stage.incident.closedAt).not.toBeNull();
    expect(stage.attempts("evidence").map(({ action, state }) => [action, state])).toEqual([
      ["inspect", "planned"],
    ]);
    stage.request("evidence").outcome("evidence", "seen", { changes: [] });
    expect(stage.attempt("evidence").state).toBe("seen");
    const other = new Theatre().verdict("breached").request("confirm");
    other.outcome("confirm", "seen", paths("up"));
    expect(other.incident.closedAt).not.toBeNull();
    expect(other.attempts("evidence")).toEqual([]);
  });
});
