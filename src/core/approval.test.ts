import { describe, expect, it } from "vitest";

import { answer as answerTo } from "../../test/support/answer.ts";
import { rulesFor } from "../../test/support/rules.ts";
import { Theatre, WELL } from "../../test/support/theatre.ts";
import type { PlatformFact } from "../domain/facts.ts";
import type { AnswerKind } from "../domain/order.ts";

const MINUTE = 60_000;
const DOUBT: PlatformFact = { ...WELL, status: "unknown", statusDetail: "nobody answers" };
const FIRE: PlatformFact = { ...WELL, status: "trouble", statusDetail: "fire" };

/** A restart that waits for a person. */
function asked(): Theatre {
  const modes = { default: "auto", restart: "suggest" } as const;
  return new Theatre(rulesFor({ modes })).untilRemedy().request("remedy");
}

const answer = (stage: Theatre, order: AnswerKind, at = stage.now): readonly string[] =>
  answerTo(stage, "remedy", order, at);

/** Looks again, as the daemon does while it waits, so that the last look is fresh. */
const look = (stage: Theatre): Theatre => stage.verdict("breached");

describe("an act that waits for a person", () => {
  it("is asked about once, with both commands, what it would do, and until when", () => {
    const stage = asked().request("remedy").request("remedy");
    const { id } = stage.attempt("remedy");
    expect(stage.told.filter((kind) => kind === "withheld")).toHaveLength(1);
    const notice = stage.notices.at(-1);
    expect(notice?.title).toBe("May I? restart of postgres");
    const text = notice?.lines.join("\n") ?? "";
    expect(text).toContain(`signalman approve ${id}\n`);
    expect(text).toContain(`signalman reject ${id}\n`);
    expect(text).toMatch(/Until \d\d:\d\d:\d\d UTC; no answer is a no/);
  });

  it("is asked about also while people wanted silence, because no answer is a no", () => {
    const modes = { default: "auto", restart: "suggest" } as const;
    const stage = new Theatre(rulesFor({ modes })).untilRemedy();
    const { now: at, incident } = stage;
    const order = { id: "hush", order: "silence", incident: incident.id, by: "ann" } as const;
    stage.dispatch({ id: "hush" as never, at, cause: null, type: "order", order });
    stage.request("remedy");
    expect(stage.notices.at(-1)?.title).toBe("May I? restart of postgres");
  });

  it("starts on a yes, at the next request with fresh facts, and once", () => {
    const stage = asked();
    expect(answer(stage, "approve")).toEqual(["approved"]);
    expect(stage.attempt("remedy")).toMatchObject({
      state: "awaiting-approval",
      approval: { by: "ann (HTTP)", of: "mode-suggest" },
    });
    look(stage).request("remedy");
    expect(stage.attempt("remedy")).toMatchObject({ state: "started", tries: 1 });
    stage.request("remedy");
    expect(stage.attempt("remedy").tries).toBe(1);
  });

  it("does not start on a yes when its facts are stale, its target is well, or the platform is in trouble", () => {
    const stale = asked();
    answer(stale, "approve");
    stale.pass(6_000).request("remedy");
    expect(stale.attempt("remedy")).toMatchObject({ problem: { code: "stale-input" } });
    look(stale).request("remedy");
    expect(stale.attempt("remedy").state).toBe("started");
    const fire = asked();
    answer(fire, "approve");
    look(fire).request("remedy", FIRE);
    expect(fire.attempt("remedy")).toMatchObject({
      state: "held",
      problem: { code: "platform-incident" },
    });
    const well = asked();
    answer(well, "approve");
    well.verdict("healthy").request("remedy");
    expect(well.attempt("remedy").state).toBe("withdrawn");
  });

  it("is only written down, also after a yes, when the mode was set back to shadow over a restart", () => {
    const before = asked();
    const stage = new Theatre(rulesFor({ modes: { default: "auto", restart: "shadow" } }));
    Object.assign(stage, { world: before.world, now: before.now, watchingSince: before.now });
    answer(stage, "approve");
    look(stage).request("remedy");
    expect(stage.attempt("remedy").state).toBe("shadowed");
    expect(stage.incident.state).toBe("escalated");
  });

  it("is asked about anew when a safeguard holds it for longer than the yes lives", () => {
    const stage = asked();
    answer(stage, "approve");
    look(stage).request("remedy", FIRE);
    const before = stage.notices.length;
    look(stage.wait(5 * MINUTE)).request("remedy", FIRE);
    expect(stage.attempt("remedy").state).toBe("held");
    expect(stage.notices.slice(before).map(({ lines }) => lines.join())).toEqual([
      expect.stringContaining("The approval ran out before it could start") as string,
    ]);
    look(stage).request("remedy");
    expect(stage.attempt("remedy").state).toBe("awaiting-approval");
    expect(stage.notices.at(-1)?.title).toBe("May I? restart of postgres");
    // Held and free again, and again: people have been asked.
    const told = stage.notices.length;
    look(stage).request("remedy", FIRE).request("remedy");
    look(stage).request("remedy", FIRE).request("remedy");
    expect(stage.notices).toHaveLength(told);
    expect(answer(stage, "approve")).toEqual(["approved"]);
    look(stage).request("remedy");
    expect(stage.attempt("remedy").state).toBe("started");
  });

  it("is asked about anew for a graver reason, and not for a lesser one", () => {
    const graver = asked();
    answer(graver, "approve");
    look(graver).request("remedy", DOUBT);
    expect(graver.attempt("remedy")).toMatchObject({
      state: "awaiting-approval",
      problem: { code: "platform-unknown" },
    });
    expect(graver.notices.at(-1)?.lines.join()).toContain("An earlier approval counts no longer");
    const lesser = new Theatre().untilRemedy().request("remedy", DOUBT);
    answer(lesser, "approve");
    look(lesser).request("remedy", DOUBT);
    expect(lesser.attempt("remedy").state).toBe("started");
  });

  it("is asked about anew when it would do something else now", () => {
    const stage = new Theatre(rulesFor({ modes: { default: "auto", restart: "suggest" } }));
    stage.untilRemedy().request("remedy", WELL, { words: "back to release 7" });
    expect(stage.notices.at(-1)?.lines.join()).toContain("back to release 7");
    answer(stage, "approve");
    look(stage).request("remedy", WELL, { words: "back to release 6" });
    expect(stage.attempt("remedy").state).toBe("awaiting-approval");
    expect(stage.notices.at(-1)?.lines.join()).toContain("back to release 6");
    answer(stage, "approve");
    look(stage).request("remedy", WELL, { words: "back to release 6" });
    expect(stage.attempt("remedy").state).toBe("started");
  });

  it("is a no when nobody answers, and lives as long as a late yes", () => {
    const silent = asked().wait(30 * MINUTE);
    expect(silent.attempt("remedy")).toMatchObject({
      state: "expired",
      problem: { code: "approval-expired" },
    });
    expect(silent.incident.state).toBe("escalated");
    const late = asked().wait(29 * MINUTE);
    answer(late, "approve");
    look(late.wait(4 * MINUTE)).request("remedy");
    expect(late.attempt("remedy").state).toBe("started");
  });

  it("ends with a no, and a person has the incident", () => {
    const stage = asked();
    expect(answer(stage, "reject")[0]).toBe("approval-refused");
    expect(stage.attempt("remedy")).toMatchObject({
      state: "withdrawn",
      problem: { code: "approval-refused", detail: "refused by ann (HTTP)" },
    });
    expect(stage.incident.state).toBe("escalated");
    expect(stage.notices.at(-1)?.lines.join()).toContain("Why: a person refused it");
    look(stage).request("remedy");
    expect(stage.attempt("remedy").state).toBe("withdrawn");
  });

  it("takes a no after a yes, as long as it has not started", () => {
    const stage = asked();
    answer(stage, "approve");
    answer(stage, "reject");
    look(stage).request("remedy");
    expect(stage.attempt("remedy").state).toBe("withdrawn");
  });
});

describe("an answer that cannot count", () => {
  it.each<[string, string, (stage: Theatre) => unknown]>([
    ["already-approved", "twice", (stage) => answer(stage, "approve")],
    ["paused", "while paused", (stage) => stage.pause({})],
    ["paused", "held by a pause", (stage) => look(stage).pause({}).request("remedy")],
    ["not-waiting", "held back", (stage) => look(stage).request("remedy", FIRE)],
    ["already-ended", "refused", (stage) => answer(stage, "reject")],
    ["already-ended", "withdrawn", (stage) => stage.verdict("healthy")],
    ["already-ended", "expired", (stage) => stage.wait(30 * MINUTE)],
    [
      "already-started",
      "started",
      (stage) => {
        answer(stage, "approve");
        return look(stage).request("remedy");
      },
    ],
  ])("%s: %s; it is journalled and changes nothing", (code, _, play) => {
    const stage = asked();
    play(stage);
    const { attempts } = stage.world;
    expect(answer(stage, "approve")).toEqual([code]);
    expect(stage.world.attempts).toEqual(attempts);
  });

  it("too-late: it lay about for as long as it counts", () => {
    const stage = asked();
    expect(answer(stage, "approve", stage.now - 5 * MINUTE)).toEqual(["too-late"]);
    expect(answer(stage, "approve", stage.now - 4 * MINUTE)).toEqual(["approved"]);
    look(stage.wait(61_000)).request("remedy");
    expect(stage.attempt("remedy").state).not.toBe("started");
  });

  it("already-started: a no comes too late as well", () => {
    const stage = asked();
    answer(stage, "approve");
    look(stage).request("remedy");
    expect(answer(stage, "reject")).toEqual(["already-started"]);
    expect(stage.attempt("remedy").state).toBe("started");
  });
});
