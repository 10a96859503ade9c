import { describe, expect, it } from "vitest";

import { paths } from "../../test/support/theatre.ts";
import { PLAYS, stage, storyOf } from "./story.fixture.ts";
import type { Story } from "./story.ts";
import { refusalsOf, renderRefusals } from "./why-not.ts";
import { renderWhy } from "./why-text.ts";
import { explain, type Section, type Why } from "./why.ts";

describe("why", () => {
  it("tells the chain of a restart that helped, from the verdict to the judgement", async () => {
    const why = explain(await storyOf(PLAYS.healed()));
    expect(why.sections.map(({ title, state }) => [title.split(" (")[0], state])).toEqual([
      ["How it opened", null],
      ["confirm: look of postgres", "seen"],
      ["contain: read-only on", "seen"],
      ["inspect: inspect of postgres", "seen"],
      ["remedy: restart of postgres", "effective"],
      ["undo: read-only off", "seen"],
      ["While soaking", null],
      ["While settling", null],
    ]);
    expect(textsOf(why, "How it opened")[0]).toContain(
      "is breached: 3 failed in a row (down after 3)",
    );
    const confirm = textsOf(why, "confirm");
    expect(confirm).toContain("evidence: direct look by path 0: down (as told)");
    expect(confirm).toContain("confirm-down: independent paths say down");
    expect(textsOf(why, "inspect")).toContain("inspect-remedy: cause: crashed");
    const remedy = textsOf(why, "remedy");
    expect(remedy[0]).toMatch(/asked for \(slot remedy in state remedying\), because inspect of/);
    expect(remedy).toContain("plan: deploymentId: d1");
    expect(remedy).toContain("fact: platform well (stable), nothing in the way");
    expect(remedy).toContainEqual(
      expect.stringMatching(/^fact: postgres \(postgres\) breached.*160 ms old$/),
    );
    expect(remedy).toContain("evidence: Railway lists a new execution x2");
    expect(remedy).toContain("state: verifying → undoing.asking");
    expect(remedy.at(-1)).toBe("effective: enough fresh healthy samples followed");
  });

  it("names on every line an entry of the journal that holds it, in order within each section", async () => {
    for (const play of Object.values(PLAYS)) {
      const story = await storyOf(play());
      const entries = new Map(story.beats.map(({ entry }) => [entry.seq, entry]));
      for (const { lines } of explain(story).sections) {
        expect(lines.length).toBeGreaterThan(0);
        expect(lines.map(({ seq }) => seq)).toEqual(
          lines.map(({ seq }) => seq).sort((a, b) => a - b),
        );
        for (const line of lines) {
          expect(entries.get(line.seq)).toMatchObject({ at: line.at, event: { id: line.event } });
        }
      }
    }
  });

  it("leaves no entry of the incident untold", async () => {
    for (const play of Object.values(PLAYS)) {
      const story = await storyOf(play());
      const told = new Set(
        explain(story).sections.flatMap(({ lines }) =>
          lines.flatMap(({ seq, through }) =>
            story.beats
              .map(({ entry }) => entry.seq)
              .filter((one) => one >= seq && one <= (through?.seq ?? seq)),
          ),
        ),
      );
      expect(story.beats.map(({ entry }) => entry.seq).filter((seq) => !told.has(seq))).toEqual([]);
    }
  });

  it("tells of a hold with its code and text, of the pause, and of the start that followed", async () => {
    const why = explain(await storyOf(PLAYS.held()));
    const remedy = sectionOf(why, "remedy");
    expect(remedy.lines).toContainEqual(
      expect.objectContaining({
        code: "paused",
        text: expect.stringMatching(
          /^held back: \[paused\] paused by ann at 21:04:00 UTC/,
        ) as string,
      }),
    );
    expect(remedy.state).toBe("started");
    const meanwhile = why.sections.filter(({ title }) => title === "While remedying");
    expect(meanwhile.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual([
      "Signalman was paused by ann (everything)",
      "Signalman was resumed",
    ]);
  });

  it("tells of a shadowed act and of an unknown outcome", async () => {
    const shadowed = explain(await storyOf(PLAYS.shadowed()));
    expect(sectionOf(shadowed, "remedy")).toMatchObject({ state: "shadowed", action: "restart" });
    expect(textsOf(shadowed, "remedy")[1]).toMatch(/^not carried out: \[mode-shadow\]/);
    const unknown = textsOf(explain(await storyOf(PLAYS.unknown())), "remedy");
    expect(unknown).toContainEqual(expect.stringMatching(/^unknown: .*\[evidence-withheld\]/));
  });

  it("draws looks alike together and keeps the entries they stand for", async () => {
    const why = explain(await storyOf(PLAYS.escalated()));
    const run = sectionOf(why, "remedy").lines.find(({ through }) => through !== undefined);
    expect(run?.text).toMatch(/^2 looks, the first: postgres \(postgres\) is breached/);
    expect(run?.through?.seq).toBe((run?.seq ?? 0) + 1);
  });

  it("finds the end of an incident that another one took over, and keeps the other's reasons out", async () => {
    const theatre = stage();
    theatre.verdict("breached", { probe: "errors", target: "api" });
    const api = theatre.incident.id;
    theatre.verdict("breached").request("confirm").outcome("confirm", "seen", paths("up"));
    const postgres = explain(await storyOf(theatre)).sections.flatMap(({ lines }) => lines);
    expect(postgres.map(({ text }) => text)).not.toContain("state: watching → attached");
    const story = await storyOf(theatre, api);
    expect(story.incident).toMatchObject({ kind: "unclassified", ending: "attached" });
    const texts = explain(story).sections.flatMap(({ lines }) => lines.map(({ text }) => text));
    expect(texts).toContain("the incident ended: attached");
    expect(texts).toContain("state: watching → attached");
    expect(texts.join("\n")).not.toContain("confirming");
    expect(texts.filter((text) => text.startsWith("opened: "))).toHaveLength(1);
  });

  it("tells of a stop that ends the switch, and of a switch found on after the end", async () => {
    const stopped = stage().untilRemedy();
    stopped.dispatch({ id: "stop:1" as never, at: stopped.now, cause: null, type: "stop" });
    const stop = explain(await storyOf(stopped));
    expect(stop.sections.flatMap(({ lines }) => lines.map(({ text }) => text))).toContain(
      "Signalman ends, and ends its switches first",
    );
    expect(sectionOf(stop, "undo: read-only off")).toMatchObject({ state: "planned" });

    const theatre = PLAYS.healed().pass(1_000);
    const [lease] = Object.values(theatre.world.leases);
    if (lease === undefined) throw new Error("no lease");
    const { id, until, seq } = lease;
    const found = { lease: id, switch: "read-only", until, seq };
    theatre.dispatch({
      id: "orphan:1" as never,
      at: theatre.now,
      cause: null,
      type: "orphan",
      ...found,
    });
    const orphan = explain(await storyOf(theatre));
    expect(orphan.sections.at(-1)).toMatchObject({
      title: expect.stringContaining("orphan.") as string,
    });
    expect(orphan.sections.flatMap(({ lines }) => lines.map(({ text }) => text))).toContain(
      "the app had read-only on and nothing held it",
    );
  });

  it("reads at night: by act, indented, each line with entry and time, event ids once, no JSON", async () => {
    const story = await storyOf(PLAYS.healed());
    const text = renderWhy(explain(story), lastMoment(story));
    const lines = text.split("\n");
    expect(lines[0]).toMatch(/^database-down of postgres \([0-9a-f]{10}\): resolved$/);
    const told = lines.filter((line) => line.startsWith("   "));
    expect(told.length).toBeGreaterThan(40);
    for (const line of told) expect(line).toMatch(/^ {3}\[#\d+(–#\d+)?\] +\d\d:\d\d:\d\d/);
    expect(text).toContain("(event outcome:");
    expect(text).not.toMatch(/[{}]|undefined|\[object/);
  });
});

describe("why --not", () => {
  it("lists each refusal with its code, and says so when there was none", async () => {
    const held = refusalsOf(await storyOf(PLAYS.held()), "restart");
    expect(held.refusals).toMatchObject([{ code: "paused", state: "held" }]);
    expect(renderRefusals(held)).toMatch(/held: \[paused\] paused by ann .*journal #\d+/);
    const healed = await storyOf(PLAYS.healed());
    expect(renderRefusals(refusalsOf(healed, "restart"))).toContain("was never held back");
    expect(renderRefusals(refusalsOf(healed, "rollback"))).toContain("was never asked for");
  });

  it("answers for a switch by its name", async () => {
    const { refusals } = refusalsOf(await storyOf(PLAYS.shadowed()), "read-only");
    expect(refusals).toMatchObject([{ code: "mode-shadow", what: "read-only on" }]);
  });
});

function sectionOf(why: Why, title: string): Section {
  const found = why.sections.find((section) => section.title.startsWith(title));
  if (found === undefined) throw new Error(`no section ${title}`);
  return found;
}

function textsOf(why: Why, title: string): readonly string[] {
  return sectionOf(why, title).lines.map(({ text }) => text);
}

function lastMoment(story: Story): number {
  return story.beats.at(-1)?.entry.at ?? 0;
}
