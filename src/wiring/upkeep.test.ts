import { expect, it } from "vitest";

import type { Event } from "../domain/event.ts";
import type { Lease } from "../domain/lease.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import { endLeases } from "./upkeep.ts";

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
