import { readdirSync } from "node:fs";

import { expect, test } from "vitest";

import { ACTIONS, TRAITS } from "./index.ts";

test("every folder is registered under its own name, and nothing else is", () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(Object.keys(TRAITS).toSorted()).toEqual(folders.toSorted());
});

test.each(ACTIONS.map((action) => [action.traits.kind, action] as const))(
  "%s says what the core must know",
  (_kind, { traits, budget }) => {
    // A call that may still be under way proves nothing by its silence.
    expect(traits.settleMs).toBeGreaterThanOrEqual(traits.deadlineMs);
    if (traits.effect === "look") expect(budget).toBeUndefined();
    if (traits.words?.held !== undefined) expect(traits.words.released).toBeDefined();
  },
);
