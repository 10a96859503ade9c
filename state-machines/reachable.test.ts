import { readdirSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { begin, step, type Step } from "../src/core/step.ts";
import { ACT_SLOTS, SLOTS } from "../src/domain/runbook.ts";
import type { JsonObject } from "../src/domain/json.ts";
import { MACHINES } from "./index.ts";
import { ADVICE, type Effect, type MachineEvent } from "./vocabulary.ts";

/** Everything a machine may hear from outside; its own timers come from the states that set them. */
const ALPHABET: readonly MachineEvent[] = [
  { type: "signal.healthy" },
  { type: "signal.breached" },
  { type: "signal.inconclusive" },
  { type: "signal.missing" },
  { type: "upstream.opened" },
  { type: "person.took" },
  { type: "person.resolved" },
  { type: "hint.firing" },
  { type: "hint.again" },
  { type: "hint.resolved" },
  ...(["down", "up", "disagree", "unknown"] as const).map(
    (answer) => ({ type: "confirm.seen", answer }) as const,
  ),
  ...ADVICE.map((advice) => ({ type: "inspect.seen", advice, cause: "c" }) as const),
  ...(["contain", "remedy", "fallback", "undo"] as const).map(
    (slot) => ({ type: `${slot}.seen` }) as const,
  ),
  ...SLOTS.map((slot) => ({ type: `${slot}.started` }) as const),
  ...SLOTS.flatMap((slot) =>
    (["failed", "unknown", "withheld", "dropped"] as const).map(
      (what) => ({ type: `${slot}.${what}`, code: "x" }) as MachineEvent,
    ),
  ),
];

/** Bounds as small as they get, so that each of them is reached. */
const LIMITS = {
  lookMs: 1,
  confirmAgainMs: 1,
  confirmsMax: 2,
  containMs: 1,
  waitMs: 1,
  waitsMax: 1,
  asksMax: 2,
  actsMax: 1,
  verifyMs: 1,
  samplesMin: 2,
  quietMs: 1,
  undoAgainMs: 1,
  undosMax: 1,
  soakMs: 1,
};

interface Node {
  readonly at: Step;
  /** Timers that are set, by name: the events they will fire. */
  readonly timers: ReadonlyMap<string, JsonObject>;
  readonly next: Set<string>;
  /** What leaving it asked for, by the event that was heard. */
  readonly asked: {
    readonly event: MachineEvent | JsonObject;
    readonly effects: readonly Effect[];
  }[];
}

/** All reachable states of a machine, with the edges between them. */
function explore(name: string): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  const queue: Node[] = [];
  const visit = (at: Step, timers: ReadonlyMap<string, JsonObject>): string => {
    // Words for people: no guard reads them, so they make no two states different.
    const { cause: _cause, reason: _reason, ...counts } = at.snapshot.context;
    const key = JSON.stringify([at.snapshot.value, counts, [...timers.keys()].sort()]);
    if (!nodes.has(key)) {
      const node: Node = { at, timers, next: new Set(), asked: [] };
      nodes.set(key, node);
      queue.push(node);
    }
    return key;
  };
  const first = begin(name, LIMITS);
  visit(first, timersAfter(new Map(), first));
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (node.at.ending !== null) continue;
    if (nodes.size > 200_000) throw new Error(`${name} has no bound`);
    const heard = hearsIn(name, node.at);
    for (const [timer, event] of [
      ...ALPHABET.filter(({ type }) => heard.has(type)).map((event) => [null, event] as const),
      ...node.timers,
    ]) {
      const after = step(node.at.snapshot, event);
      if (!after.handled) continue;
      const left = new Map(node.timers);
      if (timer !== null) left.delete(timer);
      if (after.effects.length > 0) node.asked.push({ event, effects: after.effects });
      node.next.add(visit(after, timersAfter(left, after)));
    }
  }
  return nodes;
}

/** Types of events that any of the present states names: every other one is unhandled, whatever the context holds. */
function hearsIn(name: string, { snapshot }: Step): ReadonlySet<string> {
  const machine = MACHINES[name]?.machine;
  if (machine === undefined) throw new Error(`there is no machine ${name}`);
  const { value, context } = snapshot;
  const { _nodes: nodes } = machine.resolveState({ value: value as never, context });
  return new Set(nodes.flatMap(({ ownEvents }) => ownEvents));
}

function timersAfter(
  before: ReadonlyMap<string, JsonObject>,
  at: Step,
): ReadonlyMap<string, JsonObject> {
  const timers = new Map(before);
  for (const name of at.timersCleared) timers.delete(name);
  for (const { name, event } of at.timersSet) timers.set(name, event);
  return timers;
}

/** Leaf states as paths, from the machine's own definition. */
function declared(states: Readonly<Record<string, unknown>>, prefix = ""): readonly string[] {
  return Object.entries(states).flatMap(([name, state]) => {
    const inner = (state as { states?: Record<string, unknown> }).states ?? {};
    const path = `${prefix}${name}`;
    return Object.keys(inner).length === 0 ? [path] : declared(inner, `${path}.`);
  });
}

/** States that are passed through in the same step and never rested in. */
const TRANSIENT = ["deciding", "informing", "undoing", "undoing.choosing"];

/** Every node from which one of `goals` can be reached. */
function reaching(nodes: ReadonlyMap<string, Node>, goals: readonly string[]): ReadonlySet<string> {
  const before = new Map<string, string[]>();
  for (const [key, node] of nodes) {
    for (const next of node.next) before.set(next, [...(before.get(next) ?? []), key]);
  }
  const found = new Set(goals);
  const queue = [...goals];
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    for (const one of before.get(key) ?? []) {
      if (found.has(one)) continue;
      found.add(one);
      queue.push(one);
    }
  }
  return found;
}

it("is registered for every folder, under the folder's name", () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "response")
    .map((entry) => entry.name);
  expect(Object.keys(MACHINES).toSorted()).toEqual(folders.toSorted());
});

describe.each(Object.keys(MACHINES))("all reachable states of %s", (name) => {
  const nodes = explore(name);
  const all = [...nodes];

  it("visit every declared state, and are finite", () => {
    const states = (MACHINES[name]?.machine.config.states ?? {}) as Record<string, unknown>;
    const visited = new Set(all.map(([, { at }]) => at.state));
    expect([...visited].sort()).toEqual(
      declared(states)
        .filter((state) => !TRANSIENT.includes(state))
        .sort(),
    );
    expect(nodes.size).toBeGreaterThan(name === "unclassified" ? 3 : 20);
  });

  it("hear nothing but what they name", () => {
    const seen = new Map(all.map(([, { at }]) => [at.state, at]));
    for (const at of seen.values()) {
      if (at.ending !== null) continue;
      const heard = hearsIn(name, at);
      for (const event of ALPHABET) {
        if (!heard.has(event.type)) expect(step(at.snapshot, event).handled).toBe(false);
      }
    }
  });

  it("leave no dead end: from everywhere an end can be reached", () => {
    const ends = all.filter(([, { at }]) => at.ending !== null).map(([key]) => key);
    expect(ends.length).toBeGreaterThan(0);
    const found = reaching(nodes, ends);
    expect(all.filter(([key]) => !found.has(key)).map(([, { at }]) => at.state)).toEqual([]);
  });

  it("wait for nothing without a deadline, unless a person has it or an attempt is under way", () => {
    const stuck = all.filter(
      ([, { at, timers }]) =>
        at.ending === null &&
        timers.size === 0 &&
        !at.isWithPerson &&
        // An attempt that was asked for ends by itself: with its outcome or with its expiry.
        !/^(remedying|fallingBack|undoing\.asking)/.test(at.state),
    );
    expect(stuck.map(([, { at }]) => at.state)).toEqual([]);
  });

  it("clear every timer on the way to an end", () => {
    for (const [, { at, timers }] of all)
      if (at.ending !== null) expect([...timers.keys()]).toEqual([]);
  });

  it("reach no end while a switch may be on, and none on missing data", () => {
    for (const [, { at }] of all) {
      if (at.ending !== null) expect(at.snapshot.context["contained"] ?? false).toBe(false);
    }
    for (const [, node] of all) {
      if (node.at.ending !== null) continue;
      const after = step(node.at.snapshot, { type: "signal.missing" });
      expect(after.handled && after.ending !== null).toBe(false);
    }
  });

  it("never ask for more acts than the bounds allow", () => {
    for (const [, { at }] of all) {
      const { asks = 0, acts = 0 } = at.snapshot.context as { asks?: number; acts?: number };
      expect(asks).toBeLessThanOrEqual(LIMITS.asksMax);
      expect(acts).toBeLessThanOrEqual(LIMITS.actsMax);
    }
  });

  it("ask for an act only where the platform was read and advised this very one", () => {
    for (const [, { at, asked }] of all) {
      for (const { event, effects } of asked) {
        for (const { type, params } of effects) {
          if (type !== "ask" || !ACT_SLOTS.includes(params.slot)) continue;
          expect(event).toMatchObject({ type: "inspect.seen", advice: params.slot });
          expect(at.state).toBe("inspecting");
        }
      }
    }
  });

  it("read the platform and switch only after a second look said down", () => {
    const confirmed = all.filter(([, { at }]) => at.state.startsWith("confirming"));
    for (const [, { asked }] of confirmed) {
      for (const { event, effects } of asked) {
        const acts = effects.flatMap((effect) =>
          effect.type === "ask" && effect.params.slot !== "confirm" ? [effect] : [],
        );
        if (acts.length === 0) continue;
        // What a person resolves is taken back without a second look.
        expect(["confirm.seen", "person.resolved", "upstream.opened"]).toContain(event.type);
        if (event.type === "confirm.seen") expect(event).toMatchObject({ answer: "down" });
        else expect(acts).toMatchObject([{ params: { slot: "undo" } }]);
      }
    }
  });
});
