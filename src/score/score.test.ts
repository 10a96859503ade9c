import { describe, expect, it } from "vitest";

import { booksOf, PLAYS, stage } from "../report/story.fixture.ts";
import { paths, WELL, type Theatre } from "../../test/support/theatre.ts";
import type { PlatformFact } from "../domain/facts.ts";
import type { JsonObject } from "../domain/json.ts";
import { earned } from "./earn.ts";
import { readScore } from "./read.ts";
import type { Counts, Outcomes, Total } from "./tally.ts";
import { renderScore } from "./text.ts";

const NEVER = new AbortController().signal;
const scoreOf = async (theatre: Theatre, since: number | null = null) =>
  readScore(await booksOf(theatre), since, NEVER);

/** A crashed database in shadow, whose restart is wanted; minutes later it is well, and the platform is read. */
function shadowed(options: { platform?: PlatformFact; meanwhile?: (of: Theatre) => void } = {}) {
  const theatre = stage({ modes: { default: "shadow" } })
    .untilRemedyInShadow()
    .request("remedy", options.platform ?? WELL);
  theatre.pass(60_000);
  options.meanwhile?.(theatre);
  theatre.pass(60_000);
  const restartedAt = theatre.now;
  theatre.pass(1_000).verdict("healthy").verdict("healthy").verdict("healthy").wait(3_100);
  theatre.verdict("healthy");
  expect(theatre.incident.ending).toBe("resolved");
  const start = { what: "start", deployment: "d1", at: restartedAt, afterCrash: true };
  const changes: JsonObject[] = [{ ...start, words: "a new process" }];
  return theatre.request("evidence").outcome("evidence", "seen", { changes });
}

describe("the score", () => {
  it("judges what the journal tells of an act in shadow", async () => {
    const { cases, rows } = await scoreOf(shadowed());
    expect(cases.map(({ action, verdict, code }) => [action, verdict, code])).toEqual([
      ["read-only", "helped", "would-have-contained"],
      ["restart", "helped", "person-did-the-same"],
    ]);
    expect(rows.map(({ action, kind }) => [action, kind])).toEqual([
      ["read-only", "database-down"],
      ["restart", "database-down"],
    ]);
  });

  it("never counts as help what nobody saw", async () => {
    const blind = shadowed({
      meanwhile: (of) => void of.verdict("missing", { code: "timeout" }),
    });
    // Seen failing for longer than the switch takes and than the restart is given: what was not seen later does not matter.
    expect((await scoreOf(blind)).cases.map(({ verdict }) => verdict)).toEqual([
      "helped",
      "helped",
    ]);
    const stopped = stage({ modes: { default: "shadow" } })
      .untilRemedyInShadow()
      .request("remedy");
    stopped.dispatch({ id: "stop" as never, at: stopped.now, cause: null, type: "stop" });
    stopped.pass(300_000);
    stopped.watchingSince = stopped.now;
    const at = stopped.now;
    stopped.dispatch({ id: "start" as never, at, cause: null, type: "start", version: "test" });
    stopped.pass(100).verdict("healthy").verdict("healthy").verdict("healthy").wait(3_100);
    stopped.verdict("healthy");
    expect(stopped.incident.ending).toBe("resolved");
    const { cases } = await scoreOf(stopped);
    expect(cases.map(({ code }) => code)).toEqual(["not-looked", "not-looked"]);
  });

  it("knows that nothing can be said yet while the incident is open, or the platform was not read", async () => {
    const open = await scoreOf(PLAYS.shadowed());
    expect(open.cases.map(({ code }) => code)).toEqual(["still-open", "still-open"]);
    expect(renderScore(open)).toContain("[still-open] the incident is still open.");
  });

  it("keeps what would have held it back", async () => {
    const obstacle = { code: "volume-busy", detail: "the volume is MIGRATING" } as const;
    const { cases } = await scoreOf(shadowed({ platform: { ...WELL, obstacle } }));
    expect(cases.at(-1)).toMatchObject({ verdict: "no-difference", code: "held-back" });
    expect(cases.at(-1)?.text).toContain("volume-busy");
  });

  it("names who gave orders, and counts from a moment on", async () => {
    const theatre = shadowed({
      meanwhile: (of) =>
        void of.dispatch({
          id: "o1" as never,
          at: of.now,
          cause: null,
          type: "order",
          order: { id: "o1", order: "ack", incident: of.incident.id, by: "ann" },
        }),
    });
    expect(renderScore(await scoreOf(theatre))).toContain("Orders by ann.");
    const later = await scoreOf(theatre, theatre.now);
    expect(later.cases).toEqual([]);
    expect(renderScore(later)).toContain("No act was wanted, so there is nothing to score.");
  });

  it("counts what was really done outside shadow", async () => {
    const { rows, totals } = await scoreOf(PLAYS.healed());
    const restart = rows.find(({ action }) => action === "restart");
    expect(restart?.done).toEqual({ effective: 1, ineffective: 0, unknown: 0, notDone: 0 });
    expect(totals.find(({ action }) => action === "restart")?.mode).toBe("auto");
    const failed = await scoreOf(PLAYS.escalated());
    expect(failed.rows.find(({ action }) => action === "restart")?.done.ineffective).toBe(1);
    const doubtful = await scoreOf(PLAYS.unknown());
    expect(doubtful.rows.find(({ action }) => action === "restart")?.done.unknown).toBe(1);
  });

  it("counts a suggestion that nobody approved as not done", async () => {
    const theatre = stage({ modes: { default: "suggest" } })
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"))
      .request("contain");
    const { totals } = await scoreOf(theatre);
    expect(totals).toMatchObject([{ action: "read-only", mode: "suggest", done: { notDone: 1 } }]);
  });
});

const NONE: Counts = { helped: 0, "no-difference": 0, hurt: 0, unknown: 0 };
const NOTHING: Outcomes = { effective: 0, ineffective: 0, unknown: 0, notDone: 0 };
const total = (more: Partial<Total>): Total => ({
  action: "restart",
  kinds: ["service-down"],
  mode: "shadow",
  shadow: NONE,
  done: NOTHING,
  approved: NOTHING,
  ...more,
});

describe("the next mode", () => {
  it.each<[string, Partial<Total>, string | null]>([
    ["helped twice", { shadow: { ...NONE, helped: 2 } }, "restart: suggest"],
    ["helped once", { shadow: { ...NONE, helped: 1 } }, null],
    ["helped twice and hurt once", { shadow: { ...NONE, helped: 2, hurt: 1 } }, null],
    ["only what cannot be said", { shadow: { ...NONE, unknown: 9, "no-difference": 9 } }, null],
    [
      "approved and effective five times",
      { mode: "suggest", approved: { ...NOTHING, effective: 5, notDone: 3 } },
      "restart: auto",
    ],
    ["four times", { mode: "suggest", approved: { ...NOTHING, effective: 4 } }, null],
    [
      "once not effective",
      { mode: "suggest", approved: { ...NOTHING, effective: 5, ineffective: 1 } },
      null,
    ],
    ["once unknown", { mode: "suggest", approved: { ...NOTHING, effective: 5, unknown: 1 } }, null],
    [
      "it would have hurt while it was in shadow",
      { mode: "suggest", shadow: { ...NONE, hurt: 1 }, approved: { ...NOTHING, effective: 5 } },
      null,
    ],
    ["auto already", { mode: "auto", done: { ...NOTHING, effective: 9 } }, null],
  ])("%s", (_name, more, line) => {
    expect(earned(total(more))).toMatchObject({ isEarned: line !== null, line });
  });
});
