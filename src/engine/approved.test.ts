import { expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { Theatre, WELL } from "../../test/support/theatre.ts";
import { eventId } from "../domain/ids.ts";
import { waitFor } from "../gameday/wait.ts";
import type { Action } from "../ports/action.ts";
import { systemClock } from "./clock.ts";
import { createDispatcher } from "./dispatcher.ts";
import { runExecutor } from "./executor.ts";
import { createBell } from "./loop.ts";

it("asks at once when a person has said yes, and not with what was prepared before", async () => {
  const modes = { default: "auto", restart: "suggest" } as const;
  const stage = new Theatre(rulesFor({ modes })).untilRemedy().request("remedy");
  const { id, incident } = stage.attempt("remedy");
  const stop = new AbortController();
  const bell = createBell(systemClock);
  const signals = {
    "postgres|postgres|up": {
      target: "postgres",
      opens: "database-down",
      state: "breached",
      failing: true,
      onset: 0,
      problem: null,
    },
  } as const;
  const dispatcher = createDispatcher({
    store: { commit: () => Promise.resolve({ kind: "written" }) } as never,
    rules: stage.rules,
    start: stage.world,
    facts: () => ({
      watchingSince: 0,
      signals: Object.fromEntries(
        Object.entries(signals).map(([key, fact]) => [key, { ...fact, at: Date.now() }]),
      ),
    }),
    onTrouble: () => undefined,
    signal: stop.signal,
  });
  dispatcher.onCommit(() => bell.ring());
  const release: (() => void)[] = [];
  const performed: unknown[] = [];
  const restart: Action = {
    traits: stage.rules.actions["restart"] as Action["traits"],
    prepare: async () => {
      const number = release.length + 1;
      await new Promise<void>((resolve) => release.push(resolve));
      return { plan: { number }, platform: WELL };
    },
    perform: ({ plan }) => {
      performed.push(plan["number"]);
      return Promise.resolve({ kind: "accepted", evidence: {} });
    },
    sight: () => Promise.resolve({ kind: "seen", evidence: {} }),
  };
  const loop = runExecutor({
    dispatcher,
    actions: { restart, look: restart, inspect: restart, switch: restart },
    isDraining: () => false,
    noticePause: () => Promise.resolve(true),
    clock: systemClock,
    bell,
    signal: stop.signal,
    onError: (error: unknown) => {
      throw error;
    },
  });
  const state = () => dispatcher.world().attempts[id]?.state;
  const prepared = (times: number) =>
    waitFor(`it is prepared ${times} times`, 3_000, async () =>
      release.length >= times ? true : null,
    );
  await prepared(1);
  const at = Date.now();
  await dispatcher.dispatch({
    id: eventId("order", "yes"),
    at,
    cause: null,
    type: "order",
    order: { id: "yes", order: "approve", incident: incident as never, attempt: id, by: "ann", at },
  });
  release[0]?.();
  // Ten seconds are between two questions otherwise.
  await prepared(2);
  expect(state()).toBe("awaiting-approval");
  release[1]?.();
  await waitFor("it is seen", 3_000, async () => (state() === "seen" ? true : null));
  expect(performed).toEqual([2]);
  stop.abort();
  for (const one of release) one();
  await loop;
});
