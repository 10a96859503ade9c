import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { getStateNodes } from "xstate/graph";

import { loadRunbooks } from "../../src/config/runbooks.ts";
import { MACHINES } from "../../state-machines/index.ts";
import { mermaid } from "../../state-machines/mermaid.ts";
import { ALPHABET, FEWER, LIMITS } from "./alphabet.ts";
import { altered, BROKEN } from "./broken.ts";
import { coverageOf } from "./coverage.ts";
import { explore, exploreBoth, FOR_PEOPLE } from "./explore.ts";
import { INVARIANTS } from "./invariants.ts";
import { pageWith, tableOf } from "./page.ts";

const read = await loadRunbooks();
if (!read.ok) throw new Error("the shipped runbooks are wrong");
const { runbooks } = read;

const EXPLORED = Object.entries(MACHINES).map(
  ([name, { machine }]) => [name, exploreBoth(machine)] as const,
);

it("every machine has a folder, and every folder a machine", () => {
  const folders = readdirSync(join(import.meta.dirname, "../../state-machines"), {
    withFileTypes: true,
  })
    .filter((entry) => entry.isDirectory() && entry.name !== "response")
    .map(({ name }) => name);
  expect(Object.keys(MACHINES).toSorted()).toEqual(folders.toSorted());
});

describe("the alphabet", () => {
  it("has a word for everything that any machine listens to, and a bound for everything it counts", () => {
    const heard = new Set<string>(ALPHABET.map(({ type }) => type));
    for (const { machine, bounds } of Object.values(MACHINES)) {
      const types = [machine.root, ...getStateNodes(machine)].flatMap(({ ownEvents }) => ownEvents);
      const outside = types.filter((type) => !type.startsWith("xstate."));
      expect(outside.length).toBeGreaterThan(5);
      expect(outside.filter((type) => !heard.has(type))).toEqual([]);
      expect(bounds.filter((bound) => LIMITS[bound] === undefined)).toEqual([]);
    }
  });
});

describe.each(EXPLORED)("all reachable states of %s", (name, [opened, cameBack]) => {
  it("are finite, and visit every state, transition and side of a guard that is declared", () => {
    expect(coverageOf(opened).missed).toEqual([]);
    expect(opened.nodes.length).toBeGreaterThan(name === "unclassified" ? 3 : 20);
    expect(cameBack.nodes.length).toBeGreaterThan(name === "unclassified" ? 3 : 20);
  });

  it.each(INVARIANTS)("keep: $name", ({ check }) => {
    expect(check(opened, runbooks)).toEqual([]);
    expect(check(cameBack, runbooks)).toEqual([]);
  });
});

describe("two states that differ only in what is kept for people", () => {
  it.each(["database-down", "memory-leak"])("are one to every guard of %s", (name) => {
    const machine = MACHINES[name]?.machine;
    if (machine === undefined) throw new Error(`there is no machine "${name}"`);
    const guards = Object.entries(machine.implementations.guards).map(([guard, ask]) => [
      guard,
      ({ context, ...more }: Parameters<Ask>[0], params: unknown) =>
        (ask as Ask)({ ...more, context: blindfolded(context) }, params),
    ]);
    const blind = machine.provide({ guards: Object.fromEntries(guards) });
    expect(explore(blind, FEWER).nodes).toHaveLength(explore(machine, FEWER).nodes.length);
    expect(() => blindfolded({ cause: "crashed" })["cause"]).toThrow("read cause");
  });
});

describe("docs/machines.md", () => {
  const docs = join(import.meta.dirname, "../../docs");

  it("shows what was walked (npm run machines -- --write)", () => {
    const page = readFileSync(join(docs, "machines.md"), "utf8");
    expect(page).toBe(pageWith(page, tableOf(EXPLORED)));
  });

  it.each(EXPLORED)("has the diagram of %s", (name, [{ machine }]) => {
    expect(readFileSync(join(docs, "machines", `${name}.mmd`), "utf8")).toBe(mermaid(machine));
  });

  it("has no diagram of a machine that is gone", () => {
    const names = Object.keys(MACHINES).map((name) => `${name}.mmd`);
    expect(readdirSync(join(docs, "machines")).sort()).toEqual(names.sort());
  });
});

describe("a broken copy is found", () => {
  it.each(BROKEN)("$invariant: $breaks", ({ invariant, machine, limits }) => {
    const named = INVARIANTS.filter(({ name }) => name.includes(invariant));
    expect(named).toHaveLength(1);
    expect(named.flatMap(({ check }) => check(explore(machine, limits), runbooks))).not.toEqual([]);
  });

  it("for every invariant", () => {
    const unbroken = INVARIANTS.filter(
      ({ name }) => !BROKEN.some(({ invariant }) => name.includes(invariant)),
    );
    expect(unbroken).toEqual([]);
  });
});

describe("what is never visited is named", () => {
  const { machine } = MACHINES["unclassified"] ?? {};
  if (machine === undefined) throw new Error("there is no unclassified machine");

  it.each([
    ["a state", ["states", "lost"], {}, "state lost is never entered"],
    [
      "a transition of a state that is passed by",
      ["states", "watching", "on", "signal.healthy", 0],
      { guard: "isHealthyEnough", target: "resolved", reenter: true },
      null,
    ],
    [
      "a transition behind another",
      ["states", "watching", "on", "upstream.opened"],
      ["attached", "resolved"],
      "transition watching: upstream.opened → resolved is never taken",
    ],
    [
      "an event of nobody",
      ["states", "watching", "on", "nobody.says"],
      "resolved",
      "transition watching: nobody.says → resolved is never taken",
    ],
    [
      "a guard that always says yes",
      ["states", "watching", "on", "person.resolved"],
      [{ guard: () => true, target: "resolved" }, { target: "attached" }],
      "transition watching: person.resolved → attached is never taken",
    ],
  ] as const)("%s", (_, path, to, missed) => {
    const { missed: found } = coverageOf(explore(altered(machine, [[path, to]])));
    if (missed === null) expect(found).toEqual([]);
    else expect(found).toContain(missed);
  });

  it("both sides of a guard", () => {
    const guarded = (is: boolean) =>
      altered(machine, [
        [
          ["states", "watching", "on", "person.resolved"],
          [{ guard: () => is, target: "resolved" }],
        ],
      ]);
    expect(coverageOf(explore(guarded(true))).missed).toMatchObject([
      expect.stringMatching(/^guard of watching: person\.resolved .* never says no$/),
    ]);
    expect(coverageOf(explore(guarded(false))).missed).toContainEqual(
      expect.stringMatching(/^guard of watching: person\.resolved .* never says yes$/),
    );
  });
});

type Ask = (args: { readonly context: object }, params: unknown) => boolean;

/** The same context, but whoever reads what is kept for people is found out. */
function blindfolded(context: object): { readonly [name: string]: unknown } {
  const traps = FOR_PEOPLE.map((name) => [
    name,
    {
      get: () => {
        throw new Error(`a guard has read ${name}`);
      },
    },
  ]);
  return Object.defineProperties({ ...context }, Object.fromEntries(traps));
}
