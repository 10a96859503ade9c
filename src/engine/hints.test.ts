import { afterEach, beforeEach, expect, it } from "vitest";

import { HandClock } from "../../test/support/clock.ts";
import type { Event } from "../domain/event.ts";
import type { Hint } from "../domain/hint.ts";
import type { Observation } from "../domain/observation.ts";
import { EMPTY_WORLD } from "../domain/apply.ts";
import { createCallBook } from "./calls.ts";
import type { Dispatched, Dispatcher } from "./dispatcher.ts";
import { createHaste, type Haste } from "./haste.ts";
import { createHintDesk, type HintDesk, type Told } from "./hints.ts";

const START = 1_000_000_000_000;

let clock: HandClock;
let haste: Haste;
let desk: HintDesk;
let dispatcher: Dispatcher;
let events: Event[];
let counted: Observation[];
/** What the dispatcher makes of the next hints. */
let becomes: Dispatched;
let ending: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = new HandClock(START);
  haste = createHaste(clock);
  events = [];
  counted = [];
  becomes = "written";
  ending = new AbortController();
  dispatcher = {
    world: () => ({ ...EMPTY_WORLD, seq: events.length }),
    dispatch: (event) => {
      events.push(event);
      return Promise.resolve(becomes);
    },
    judge: () => Promise.reject(new Error("hints are not judged")),
    onCommit: () => undefined,
    trouble: () => null,
  };
  const absorb = (seen: readonly Observation[]): Promise<void> => {
    counted.push(...seen);
    return Promise.resolve();
  };
  const onError = (error: unknown): void => {
    throw error;
  };
  desk = createHintDesk({ dispatcher, haste, clock, signal: ending.signal, absorb, onError });
  running = desk.run();
});
afterEach(async () => {
  ending.abort();
  await running;
});

let number = 0;
function told(of: Partial<Hint> = {}, targets: readonly string[] = ["api"]): Told {
  number += 1;
  const about = `alert ${number}`;
  const rest = { severity: "critical", environment: null, count: null, names: [] } as const;
  const hint: Hint = {
    about,
    alert: of.about ?? about,
    words: "w",
    state: "firing",
    id: about,
    ...rest,
    ...of,
  };
  return { hint, targets, content: about };
}

/** What was handed to the core: source, target and the names of what was said. */
function said(): readonly unknown[] {
  return events.map((event) =>
    event.type === "hint"
      ? [event.source, event.target, event.said.map(({ about }) => about)]
      : event.type,
  );
}

it("hurries each target once for what came together, and hands on what was said", async () => {
  expect(desk.hear("railway", [told({ about: "a" }), told({ about: "b" }, ["api", "db"])])).toEqual(
    {
      kind: "heard",
      fresh: 2,
      repeated: 0,
    },
  );
  expect(haste.times("api")).toBe(0);
  await clock.pass(0);
  expect([haste.times("api"), haste.times("db"), haste.times("other")]).toEqual([1, 1, 0]);
  expect(said()).toEqual([
    ["railway", "api", ["a", "b"]],
    ["railway", "db", ["b"]],
  ]);
});

it("has no effect for a repeat", async () => {
  const one = told();
  for (let storm = 0; storm < 500; storm += 1) desk.hear("railway", [one]);
  await clock.pass(60_000);
  expect(desk.hear("railway", [one])).toEqual({ kind: "heard", fresh: 0, repeated: 1 });
  expect(haste.times("api")).toBe(1);
  expect(events).toHaveLength(1);
});

it("takes nothing of what does not fit any more, so that it can be sent again", async () => {
  const many = Array.from({ length: 999 }, () => told());
  expect(desk.hear("railway", many)).toMatchObject({ kind: "heard" });
  const late = [told(), told()];
  expect(desk.hear("railway", late)).toEqual({ kind: "busy" });
  await clock.pass(0);
  expect(desk.hear("railway", late)).toMatchObject({ kind: "heard", fresh: 2 });
});

it("writes of one source and target once in ten seconds, at most twenty things, of each the last word", async () => {
  desk.hear("railway", [told({ about: "first" })]);
  await clock.pass(0);
  for (let storm = 0; storm < 500; storm += 1) {
    desk.hear("railway", [told({ about: `a ${storm % 30}`, words: `word ${storm}` })]);
    await clock.pass(10);
  }
  expect(events).toHaveLength(1);
  await clock.pass(10_000);
  expect(events).toHaveLength(2);
  const [, event] = events;
  if (event?.type !== "hint") throw new Error("no hint");
  expect(event.said).toHaveLength(20);
  expect(event.said.at(-1)).toMatchObject({ about: "a 19", words: "word 499" });
  expect(new Set(event.said.map(({ about }) => about)).size).toBe(20);
});

it("of what fits no target keeps only what a person may have to know", async () => {
  desk.hear("alertmanager", [
    told({ severity: "warning" }, []),
    told({ state: "note" }, []),
    told({ about: "grave" }, []),
    told({ about: "over", state: "resolved", severity: "info" }, []),
  ]);
  await clock.pass(0);
  expect(said()).toEqual([["alertmanager", null, ["grave", "over"]]]);
});

it("recalls what was said in the five minutes before an incident opened, and only once", async () => {
  becomes = "nothing";
  desk.hear("railway", [told({ about: "old" })]);
  await clock.pass(5 * 60_000);
  desk.hear("railway", [told({ about: "crashed" }), told({ about: "else" }, ["db"])]);
  await clock.pass(20_000);
  events = [];
  becomes = "written";
  desk.recall("api");
  await clock.pass(0);
  expect(said()).toEqual([["railway", "api", ["crashed"]]]);
  desk.recall("api");
  await clock.pass(60_000);
  expect(events).toHaveLength(1);
});

it("tries again what could not be written down", async () => {
  becomes = "failed";
  desk.hear("railway", [told({ about: "a" })]);
  await clock.pass(500);
  expect(events).toHaveLength(1);
  becomes = "written";
  await clock.pass(1_000);
  expect(said()).toEqual([
    ["railway", "api", ["a"]],
    ["railway", "api", ["a"]],
  ]);
  await clock.pass(60_000);
  expect(events).toHaveLength(2);
});

it("counts, and hurries a look for that too", async () => {
  const count = { signal: "complaints" as const, value: 2 };
  desk.hear("generic", [told({ count, id: null }), told({ count, id: null })]);
  await clock.pass(0);
  expect(counted.map(({ values }) => values)).toEqual([{ complaints: 4 }]);
  expect(haste.times("api")).toBe(1);
  expect(events).toEqual([]);
  await clock.pass(20_000);
  expect(counted.map(({ values }) => values)).toEqual([
    { complaints: 4 },
    { complaints: 0 },
    { complaints: 0 },
  ]);
});

it("a call hurries the look, and is written down when it is news or the last one is old", async () => {
  const world = { ...EMPTY_WORLD };
  const calls = createCallBook({
    dispatcher: {
      ...dispatcher,
      world: () => world,
      dispatch: (event) => {
        events.push(event);
        if (event.type === "call")
          world.marks = { calls: { "backup|hb": { at: event.at, failed: event.failed } } };
        return Promise.resolve("written");
      },
    },
    clock,
    haste,
    onError: () => undefined,
  });
  expect(calls.last("backup", "hb")).toBeNull();
  for (const [passMs, failed] of [
    [0, false],
    [60_000, false],
    [60_000, true],
    [60_000, true],
    [600_000, true],
    [1_000, false],
  ] as const) {
    await clock.pass(passMs);
    calls.note("backup", "hb", failed);
    expect(calls.last("backup", "hb")).toEqual({ at: clock.now(), failed });
  }
  expect(haste.times("backup")).toBe(6);
  expect(events.map((event) => (event.type === "call" ? event.failed : null))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
