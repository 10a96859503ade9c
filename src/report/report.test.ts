import { describe, expect, it } from "vitest";

import { problem } from "../domain/problem.ts";
import { renderMarkdown } from "./markdown.ts";
import { reportOn, type Report } from "./report.ts";
import type { Source } from "./source.ts";
import { NINE_PM, PLAYS, stage, storyOf } from "./story.fixture.ts";

const NOW = NINE_PM + 600_000;

describe("report", () => {
  it("tells of an incident that a restart healed", async () => {
    const report = reportOn(await storyOf(PLAYS.healed()), NOW);
    expect(report.incident).toMatchObject({
      kind: "database-down",
      target: "postgres",
      severity: "critical",
      standing: "resolved",
    });
    expect(report.summary).toContain("What helped: restart of postgres. It is resolved.");
    const restart = report.actions.find(({ slot }) => slot === "remedy");
    expect(restart).toMatchObject({ state: "effective", helped: { verdict: "effective" } });
    expect(restart?.evidence).toContain("Railway lists a new execution x2");
    expect(restart?.helped?.samples.map(({ text }) => text.split(":")[0])).toEqual([
      "postgres (postgres) is inconclusive",
      "postgres (postgres) is healthy",
      "postgres (postgres) is healthy",
    ]);
    expect(report.withheld).toEqual([]);
    expect(report.followUps).toEqual([]);
  });

  it("measures every duration from the first failing sample, and impact from there to recovery", async () => {
    const story = await storyOf(PLAYS.healed());
    const { durations, impact, detection, recovery } = reportOn(story, NOW);
    const firstGood = story.beats.find(
      ({ entry }) => entry.event.type === "verdict" && entry.event.verdict.state === "healthy",
    );
    const onset = NINE_PM - 2_000;
    expect(detection).toMatchObject({ firstFailingSample: onset, tookMs: 2_000 });
    expect(recovery).toMatchObject({ at: firstGood?.entry.at });
    expect(durations).toEqual({
      detectMs: 2_000,
      acknowledgeMs: null,
      containMs: 2_130,
      actMs: 2_160,
      recoverMs: (firstGood?.entry.at ?? 0) - onset,
      closeMs: (story.incident.closedAt ?? 0) - onset,
    });
    expect(impact).toMatchObject({ from: onset, to: recovery?.at });
    expect(impact.switches).toMatchObject([
      { switch: "read-only", state: "ended", onAt: NINE_PM + 130 },
    ]);
    expect(impact.switches[0]?.offAt).toBeGreaterThan(recovery?.at ?? Infinity);
  });

  it("rests every sentence on something that can be looked up", async () => {
    for (const play of Object.values(PLAYS)) {
      const story = await storyOf(play());
      const report = reportOn(story, NOW);
      const seqs = new Set(story.beats.map(({ entry }) => entry.seq));
      const notices = new Set<string>(story.deliveries.map(({ notice }) => notice.id));
      const holds = (source: Source): boolean => {
        if (source.kind === "journal") return seqs.has(source.seq);
        if (source.kind === "notice") return notices.has(source.id);
        return source.at === story.incident.onset;
      };
      const sources = [
        ...report.timeline,
        ...report.withheld,
        ...report.cause.evidence,
        ...report.actions.flatMap(({ helped }) => helped?.samples ?? []),
      ].map(({ source }) => source);
      sources.push(...report.followUps.flatMap(({ sources: all }) => all));
      expect(sources.length).toBeGreaterThanOrEqual(4);
      expect(sources.filter((source) => !holds(source))).toEqual([]);
      expect(report.followUps.filter(({ sources: all }) => all.length === 0)).toEqual([]);
      expect(report.timeline.map(({ at }) => at)).toEqual(
        report.timeline.map(({ at }) => at).sort((a, b) => a - b),
      );
    }
  });

  it("calls a false alarm one: low, nothing done, and asks why it rang", async () => {
    const report = reportOn(await storyOf(PLAYS.falseAlarm()), NOW);
    expect(report.incident).toMatchObject({ severity: "low", standing: "false-alarm" });
    expect(report.actions.map(({ slot }) => slot)).toEqual(["confirm"]);
    expect(codesOf(report)).toEqual(["false-alarm"]);
  });

  it("says what was withheld and why", async () => {
    const report = reportOn(await storyOf(PLAYS.held()), NOW);
    expect(report.withheld).toMatchObject([
      { code: "paused", state: "held", what: "restart of postgres" },
    ]);
    expect(report.timeline.map(({ text }) => text)).toContain(
      "Signalman was paused by ann (everything)",
    );
    const shadowed = reportOn(await storyOf(PLAYS.shadowed()), NOW);
    expect(shadowed.withheld.map(({ state, what }) => [what, state])).toEqual([
      ["read-only on", "shadowed"],
      ["restart of postgres", "shadowed"],
    ]);
    expect(codesOf(shadowed)).toEqual(expect.arrayContaining(["act-shadowed", "person-called"]));
    expect(shadowed.actions.find(({ slot }) => slot === "remedy")?.helped).toBeNull();
  });

  it("never guesses at an unknown outcome and asks a person to find out", async () => {
    const report = reportOn(await storyOf(PLAYS.unknown()), NOW);
    const restart = report.actions.find(({ slot }) => slot === "remedy");
    expect(restart).toMatchObject({ state: "unknown", helped: { verdict: "unknown" } });
    expect(codesOf(report)).toEqual([
      "outcome-unknown",
      "switch-not-ended",
      "person-called",
      "not-recovered",
    ]);
  });

  it("shows an act that did not help with the samples that say so", async () => {
    const report = reportOn(await storyOf(PLAYS.escalated()), NOW);
    const helped = report.actions.find(({ slot }) => slot === "remedy")?.helped;
    expect(helped?.verdict).toBe("ineffective");
    expect(helped?.samples.map(({ text }) => text.includes("is breached"))).toEqual([true, true]);
    expect(codesOf(report)).toContain("act-ineffective");
  });

  it("is written for an incident that is still open, too", async () => {
    const report = reportOn(await storyOf(PLAYS.stillOpen()), NOW);
    expect(report.incident.standing).toBe("still open (confirming.looking)");
    expect(report.impact).toMatchObject({ to: null, lastedMs: NOW - (NINE_PM - 2_000) });
    expect(report.durations).toMatchObject({ containMs: null, actMs: null, closeMs: null });
    expect(renderMarkdown(report)).toContain("**Closed:** still open");
  });

  it("takes no data for no recovery", async () => {
    const theatre = PLAYS.escalated().verdict("healthy").verdict("missing");
    expect(reportOn(await storyOf(theatre), NOW).recovery).toBeNull();
    theatre.verdict("healthy");
    expect(reportOn(await storyOf(theatre), NOW).recovery).not.toBeNull();
  });

  it("says when a switch could not be undone", async () => {
    const theatre = PLAYS.escalated().verdict("healthy").verdict("healthy");
    theatre.request("undo").outcome("undo", "unknown", {}, "switch-unreachable");
    const report = reportOn(await storyOf(theatre), NOW);
    expect(codesOf(report)).toEqual(expect.arrayContaining(["undo-failed", "switch-not-ended"]));
    expect(report.impact.switches).toMatchObject([{ state: "ending", offAt: null }]);
  });

  it("does not say that what has no end of its own ends by itself", async () => {
    const story = await storyOf(PLAYS.escalated());
    const held = { action: "variable", params: {}, target: "api" };
    const beats = story.beats.map((beat) => ({
      ...beat,
      leases: beat.leases.map((change) => ({ ...change, row: { ...change.row, held } })),
    }));
    const text = reportOn({ ...story, beats }, NOW).followUps.map((one) => one.text);
    expect(text.join("\n")).toContain("what was done to api (read-only) is taken back");
    expect(text.join("\n")).not.toMatch(/mode is off/);
  });

  it("tells of a second time the switch was on after a relapse", async () => {
    const theatre = PLAYS.escalated().verdict("healthy").verdict("healthy");
    theatre.request("undo").outcome("undo", "seen").verdict("breached");
    theatre.request("contain").outcome("contain", "seen");
    const report = reportOn(await storyOf(theatre), NOW);
    expect(report.impact.switches.map(({ state }) => state)).toEqual(["ended", "active"]);
    expect(codesOf(report)).toContain("relapsed");
  });

  it("lists who was told, with tries that may have been repeats", async () => {
    const { told } = reportOn(await storyOf(PLAYS.healed()), NOW);
    expect(told.map(({ kind, state, tries }) => [kind, state, tries])).toEqual([
      ["opened", "delivered", 2],
      ["acted", "delivered", 1],
      ["resolved", "delivered", 1],
    ]);
    expect(told[0]?.delivery).toBe("delivered at try 2");
  });

  it("keeps its keys", async () => {
    const report = JSON.parse(
      JSON.stringify(reportOn(await storyOf(PLAYS.healed()), NOW)),
    ) as Report;
    expect(report.version).toBe(1);
    expect(Object.keys(report)).toEqual([
      "version",
      "madeAt",
      "incident",
      "summary",
      "timeline",
      "impact",
      "detection",
      "cause",
      "actions",
      "withheld",
      "told",
      "recovery",
      "durations",
      "followUps",
      "journal",
    ]);
  });
});

describe("report as Markdown", () => {
  it("has every part of the template and only whole tables", async () => {
    for (const play of Object.values(PLAYS)) {
      const text = renderMarkdown(reportOn(await storyOf(play()), NOW));
      expect(text.match(/^## .*$/gm)).toEqual([
        "## Timeline",
        "## Impact",
        "## Detection",
        "## Cause",
        "## Actions",
        "## What was withheld, and why",
        "## Who was told",
        "## Recovery",
        "## Durations",
        "## Follow-ups",
      ]);
      expectWholeTables(text);
      expect(text).not.toMatch(/undefined|\[object|NaN/);
    }
  });

  it("shows what strangers wrote and obeys none of it", async () => {
    const evil =
      "a | b `rm` <script>alert(1)</script> ![x](http://evil.example/p.png) **bold** [l](javascript:1)\n# head\u001b[31m\u202e @everyone";
    const theatre = stage().untilRemedy().request("remedy");
    const attempt = theatre.attempt("remedy");
    theatre.dispatch({
      id: "outcome:evil" as never,
      at: theatre.now,
      cause: null,
      type: "outcome",
      attempt: attempt.id,
      state: "rejected",
      evidence: { shown: [evil], [evil]: evil },
      problem: problem("railway-refused", evil),
    });
    const text = renderMarkdown(reportOn(await storyOf(theatre), NOW));
    expect(text).toContain("alert(1)");
    expect(text).not.toMatch(/<script|<\/script|(?<!\\)`|(?<!\\)!\[|:\/\/|@everyone/);
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(text.match(/^# .*$/gm)).toHaveLength(1);
    expectWholeTables(text);
  });
});

function codesOf(report: Report): readonly string[] {
  return report.followUps.map(({ code }) => code);
}

/** Each row of a table has as many cells as its head, and each table has its line of dashes. */
function expectWholeTables(text: string): void {
  const blocks = text.split(/\n\n/).filter((block) => block.startsWith("|"));
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) {
    const rows = block.trimEnd().split("\n");
    const cells = rows.map((row) => row.match(/(?<!\\)\|/g)?.length ?? 0);
    expect(new Set(cells).size, block).toBe(1);
    expect(rows[1]).toMatch(/^\|( --- \|)+$/);
  }
}
