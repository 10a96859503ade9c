import { expect, it } from "vitest";

import type { Event } from "../domain/event.ts";
import type { Lease } from "../domain/lease.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import type { Driver, DriverRead } from "../actions/switch/driver.ts";
import { TRAITS } from "../actions/index.ts";
import { HandClock } from "../../test/support/clock.ts";
import type { Entry } from "../domain/world.ts";
import type { AppParts } from "./parts.ts";
import { endLeases, sweepOrphans } from "./upkeep.ts";

const SWITCH = { id: "l", switch: "read-only", state: "active" } as unknown as Lease;
const HELD = {
  ...SWITCH,
  held: { action: "scale", params: { value: "down" }, target: "api" },
} satisfies Lease;

/** What a daemon that goes says and how long it waits; every wait moves the clock to its end. */
async function going(lease: Lease): Promise<{ said: readonly string[]; waitedMs: number }> {
  let now = 0;
  const said: string[] = [];
  const dispatcher = {
    world: () => ({ leases: { [lease.id]: lease } }),
    dispatch: async ({ type }: Event) => void said.push(type),
  } as unknown as Dispatcher;
  const clock = {
    now: () => now,
    until: async (at: number) => {
      now = at;
    },
  };
  await endLeases(clock, dispatcher, new AbortController().signal);
  return { said, waitedMs: now };
}

it("a daemon that goes ends a switch, and waits for it a while", async () => {
  const { said, waitedMs } = await going(SWITCH);
  expect(said).toEqual(["stop"]);
  expect(waitedMs).toBeGreaterThan(1_000);
});

it("and waits for nothing that is held until it is taken back", async () => {
  expect(await going(HELD)).toEqual({ said: [], waitedMs: 0 });
});

/** What the sweep does over time: the app shows what the test says, and the journal what happened. */
async function sweeping() {
  const clock = new HandClock(1_000_000);
  const stopping = new AbortController();
  const app: { shows: DriverRead; reads: number } = {
    shows: { kind: "read", state: null },
    reads: 0,
  };
  const read = async (): Promise<DriverRead> => {
    app.reads += 1;
    return app.shows;
  };
  const said: string[] = [];
  let hear: (entry: Entry) => void = () => undefined;
  const dispatcher = {
    onCommit: (listener: (entry: Entry) => void) => void (hear = listener),
    dispatch: async ({ type }: Event) => void said.push(type),
  } as unknown as Dispatcher;
  const parts = { clock, config: { rules: { actions: TRAITS } } } as unknown as AppParts;
  const driver = { kind: "control", read } as unknown as Driver;
  const done = sweepOrphans(parts, dispatcher, { "read-only": [driver] }, stopping.signal);
  await clock.pass(0);
  const happened = (event: string, changes: readonly object[]): void =>
    hear({ event: { type: event }, decision: { changes } } as unknown as Entry);
  const acted = (action: string, state: string): void =>
    happened("outcome", [{ table: "attempts", row: { action, state } }]);
  return { clock, app, said, acted, happened, end: () => (stopping.abort(), done) };
}

const ON: DriverRead = {
  kind: "read",
  state: { value: true, until: 9, leaseId: "l", seq: 3, message: "" },
};
const TURN_MS = 30_000;

it("reads every switch at the start until it was read, and then no more", async () => {
  const { clock, app, said, end } = await sweeping();
  expect(app.reads).toBe(1);
  await clock.pass(10 * TURN_MS);
  expect(app.reads).toBe(1);
  expect(said).toEqual([]);
  await end();
});

it.each([
  ["a rollback", "rollback", "seen", 1],
  ["a restart", "restart", "seen", 1],
  ["a rollback that is not seen yet", "rollback", "accepted", 0],
  ["a look", "inspect", "seen", 0],
] as const)("reads them again after %s: %s %s", async (_, action, state, more) => {
  const { clock, app, acted, end } = await sweeping();
  acted(action, state);
  await clock.pass(2 * TURN_MS);
  expect(app.reads).toBe(1 + more);
  await end();
});

it("says what an older release shows as on, until it is off", async () => {
  const { clock, app, said, acted, end } = await sweeping();
  acted("rollback", "seen");
  app.shows = { kind: "silent", problem: { code: "switch-unreachable", detail: "starting" } };
  await clock.pass(TURN_MS);
  expect(said).toEqual([]);
  app.shows = ON;
  await clock.pass(2 * TURN_MS);
  expect(said).toEqual(["orphan", "orphan"]);
  app.shows = { kind: "read", state: null };
  await clock.pass(5 * TURN_MS);
  expect(said).toHaveLength(2);
  expect(app.reads).toBe(5);
  await end();
});

it("reads them again when a lease is over by the books only", async () => {
  const { clock, app, happened, end } = await sweeping();
  const row = { ...SWITCH, state: "ended" };
  happened("outcome", [{ table: "leases", row }]);
  await clock.pass(TURN_MS);
  expect(app.reads).toBe(1);
  happened("timer", [{ table: "leases", row }]);
  await clock.pass(TURN_MS);
  expect(app.reads).toBe(2);
  await end();
});
