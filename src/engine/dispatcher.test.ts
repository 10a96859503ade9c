import { describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { createPanel } from "../detectors/panel.ts";
import { EMPTY_WORLD } from "../domain/apply.ts";
import { eventId } from "../domain/ids.ts";
import type { Observation } from "../domain/observation.ts";
import { createMemoryStore } from "../storage/memory/index.ts";
import { createBoard } from "./board.ts";
import { createDispatcher } from "./dispatcher.ts";
import { inOneMoment } from "./sampler.ts";

const signal = new AbortController().signal;

function down(ts: number, target = "postgres"): Observation {
  return { target, probe: target, ts, tookMs: 1, values: { up: 0 } };
}

function stage() {
  const store = createMemoryStore();
  const board = createBoard(0, (target, probe) =>
    createPanel({ target, probe, opens: "database-down" }),
  );
  const dispatcher = createDispatcher({
    store,
    rules: rulesFor(),
    start: EMPTY_WORLD,
    facts: () => board.facts(),
    onTrouble: () => {},
    signal,
  });
  return { store, board, dispatcher };
}

describe("a look", () => {
  it("is judged in its turn, and nothing is decided between its verdicts and it", async () => {
    const { store, board, dispatcher } = stage();
    const start = { id: eventId("s"), at: 0, cause: null, type: "start", version: "1" } as const;
    const stop = { id: eventId("p"), at: 9, cause: null, type: "start", version: "1" } as const;
    await Promise.all([
      dispatcher.dispatch(start),
      ...[1, 2, 3].map((ts) => dispatcher.judge(() => board.judge([down(ts)]))),
      dispatcher.dispatch(stop),
    ]);
    const entries = await store.entries({}, signal);
    expect(entries.map(({ event, facts }) => [event.type, facts.lookedAt])).toEqual([
      ["start", undefined],
      ["verdict", 3],
      ["start", 3],
    ]);
    // What the journal holds stays as it was, whatever is judged later.
    const { facts } = entries[1] ?? {};
    const held = board.facts();
    await dispatcher.judge(() => board.judge([down(4), down(4, "api")]));
    expect(held.signals).toEqual(facts?.signals);
    expect(Object.keys(board.facts().signals)).toHaveLength(2);
  });

  it("that meets a bug rejects, and the next one is judged all the same", async () => {
    const { board, dispatcher } = stage();
    const broken = dispatcher.judge(() => {
      throw new Error("a bug");
    });
    await expect(broken).rejects.toThrow("a bug");
    expect(await dispatcher.judge(() => board.judge([down(1)]))).toHaveLength(1);
  });

  it.each([
    ["now, when that is later than the last one", 50, 40, 50],
    ["just after the last one, when it is not", 50, 50, 51],
    ["just after the last one, when the clock went back a little", 50, 60, 61],
    ["now, when the clock was set back", 50_000, 60_000, 50_000],
    ["now, when it is the first one", 50, undefined, 50],
  ])("is known %s", (_when, now, last, ts) => {
    expect(inOneMoment([down(1), down(2)], now, last)).toEqual([down(ts), down(ts)]);
  });
});
