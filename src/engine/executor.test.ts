import { setImmediate } from "node:timers/promises";

import { expect, it } from "vitest";

import { CRASHED, Theatre, WELL, paths } from "../../test/support/theatre.ts";
import type { Facts } from "../domain/facts.ts";
import { problem } from "../domain/problem.ts";
import type { Action } from "../ports/action.ts";
import type { SteadyClock } from "../ports/clock.ts";
import { systemClock } from "./clock.ts";
import { createDispatcher } from "./dispatcher.ts";
import { runExecutor } from "./executor.ts";
import { createBell } from "./loop.ts";
import { waitFor } from "../gameday/wait.ts";

const REFUSED = problem("connection-refused");

/** A switch that is on at the app and can be read back. */
function setUp(
  stage: Theatre,
  slot: string,
  of: {
    readonly stopsAtCommit?: true;
    readonly refuses?: true;
    readonly clock?: SteadyClock;
    readonly facts?: Facts;
    readonly late?: Pick<Action, "prepare" | "perform" | "sight">;
    readonly onError?: (error: unknown) => void;
  } = {},
) {
  const stop = new AbortController();
  const { clock = systemClock, facts = { watchingSince: 0, signals: {} } } = of;
  const bell = createBell(clock);
  const performed: string[] = [];
  const dispatcher = createDispatcher({
    store: {
      // As every store does: nothing is written once the signal has ended it.
      commit: async () => {
        if (of.stopsAtCommit) stop.abort();
        stop.signal.throwIfAborted();
        return { kind: "written" };
      },
    } as never,
    rules: stage.rules,
    start: stage.world,
    facts: () => facts,
    onTrouble: () => undefined,
    signal: stop.signal,
  });
  const traits = stage.rules.actions["switch"];
  const { restart } = stage.rules.actions;
  if (traits === undefined || restart === undefined) throw new Error("no switch, or no restart");
  const action: Action = {
    traits,
    prepare: () => Promise.resolve({ plan: {} }),
    perform: (attempt) => {
      performed.push(attempt.slot);
      return Promise.resolve(
        of.refuses ? { kind: "rejected", problem: REFUSED } : { kind: "accepted", evidence: {} },
      );
    },
    sight: () => Promise.resolve({ kind: "seen", evidence: { shown: ["as wanted"] } }),
  };
  const loop = runExecutor({
    dispatcher,
    actions: {
      switch: action,
      look: action,
      inspect: action,
      restart: { ...action, traits: restart, ...of.late },
    },
    isDraining: () => false,
    noticePause: () => Promise.resolve(true),
    clock,
    bell,
    signal: stop.signal,
    onError:
      of.onError ??
      ((error) => {
        throw error;
      }),
  });
  return {
    state: () =>
      Object.values(dispatcher.world().attempts).findLast((one) => one.slot === slot)?.state,
    performed,
    ended: loop,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await loop;
    },
  };
}

it("reads back a switch whose answer was stored and whose evidence was not", async () => {
  const stage = new Theatre()
    .verdict("breached")
    .request("confirm")
    .outcome("confirm", "seen", paths("down"));
  stage.request("contain").outcome("contain", "accepted"); // kill -9 here
  await using life = setUp(stage, "contain");
  await waitFor("the contain is settled", 3_000, async () =>
    life.state() === "seen" ? true : null,
  );
  expect(life.performed).not.toContain("contain");
});

it("settles a contain that was cut off and is not wanted any more, instead of asking for ever", async () => {
  const stage = new Theatre()
    .verdict("breached")
    .request("confirm")
    .outcome("confirm", "seen", paths("down"));
  stage.request("contain").wait(4_100); // started, kill -9; the incident goes on by its clock
  await using life = setUp(stage, "contain");
  await waitFor("the contain is settled", 3_000, async () =>
    life.state() === "seen" ? true : null,
  );
  expect(life.performed).not.toContain("contain");
});

it("asks for evidence when a second try is refused, because the first may have been carried out", async () => {
  const stage = new Theatre()
    .verdict("breached")
    .request("confirm")
    .outcome("confirm", "seen", paths("down"));
  stage.request("contain").outcome("contain", "seen");
  for (const id of ["once", "meant"])
    stage.dispatch({
      id: id as never,
      at: stage.now,
      cause: null,
      type: "order",
      order: { id, order: "resolve", incident: stage.incident.id, by: "ann" },
    });
  stage.request("undo"); // started, kill -9 before the answer
  await using life = setUp(stage, "undo", { refuses: true });
  await waitFor("the undo is settled", 3_000, async () =>
    life.state() === "started" ? null : true,
  );
  expect(life.performed).toContain("undo");
  expect(life.state()).toBe("seen");
});

it("waits for the evidence of a call as long as it may take, also when the clock is set forward meanwhile", async () => {
  const stage = new Theatre()
    .verdict("breached")
    .request("confirm")
    .outcome("confirm", "seen", paths("down"))
    .request("contain")
    .outcome("contain", "seen")
    .request("inspect")
    .outcome("inspect", "seen", CRASHED);
  const facts = stage.entries.at(-1)?.facts ?? { watchingSince: 0, signals: {} };
  const { settleMs = 0 } = stage.rules.actions["restart"] ?? {};
  let elapsed = 0;
  let isSetForward = false;
  const now = (): number => stage.now + elapsed + (isSetForward ? 360_000 : 0);
  const clock: SteadyClock = {
    now,
    elapsed: () => elapsed,
    until: async (due) => {
      await setImmediate();
      elapsed += Math.max(0, due - now());
    },
  };
  const late: Pick<Action, "prepare" | "perform" | "sight"> = {
    prepare: () => Promise.resolve({ plan: {}, platform: WELL }),
    perform: () => {
      isSetForward = true;
      return Promise.resolve({ kind: "unclear", problem: problem("railway-unreachable") });
    },
    sight: () =>
      Promise.resolve(
        elapsed < settleMs / 2
          ? { kind: "nothing", evidence: {} }
          : { kind: "seen", evidence: { shown: ["a new process"] } },
      ),
  };
  await using life = setUp(stage, "remedy", { clock, facts, late });
  await waitFor("the restart is settled", 3_000, async () =>
    ["planned", "held", "started"].includes(life.state() ?? "") ? null : true,
  );
  expect(life.state()).toBe("seen");
});

it("calls nothing a bug that a stop cuts off", async () => {
  const bugs: unknown[] = [];
  const stage = new Theatre().verdict("breached");
  const onError = (bug: unknown): void => void bugs.push(bug);
  await using life = setUp(stage, "confirm", { stopsAtCommit: true, onError });
  await life.ended;
  expect([life.performed, bugs]).toEqual([[], []]);
});
