import { expect, it } from "vitest";

import type { Hint } from "../domain/hint.ts";
import { createRepeats } from "./repeats.ts";

const MINUTE = 60_000;
let content = 0;

function hint(of: Partial<Hint> = {}): Hint {
  return {
    about: "HighErrorRate",
    alert: "HighErrorRate",
    words: "w",
    state: "firing",
    severity: "critical",
    id: "a1|then",
    names: [],
    environment: null,
    count: null,
    ...of,
  };
}

/** Whether each of them has an effect, in this order and each in a delivery of its own unless it says otherwise. */
function heard(...all: readonly (readonly [at: number, of: Partial<Hint>, content?: string])[]) {
  const repeats = createRepeats();
  return all.map(([at, of, given]) => {
    const where = given ?? `delivery ${(content += 1)}`;
    const isRepeat = repeats.isRepeat("alertmanager", hint(of), where, at);
    if (!isRepeat) repeats.remember("alertmanager", hint(of), where, at);
    return !isRepeat;
  });
}

it("hears an id once in ten minutes", () => {
  expect(heard([0, {}], [1, {}], [10 * MINUTE - 1, {}], [10 * MINUTE, {}])).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

it("hears what has changed", () => {
  expect(
    heard([0, {}], [1, { severity: "warning" }], [2, { state: "resolved" }], [3, { id: "b2" }]),
  ).toEqual([true, true, true, true]);
});

it("does not let a late word begin again what was called over", () => {
  expect(
    heard([0, { state: "resolved", severity: "info" }], [1, {}], [2, { id: "a1|later" }]),
  ).toEqual([true, false, true]);
});

it("takes the same content for the same event within a minute, where there is no id", () => {
  const of = { id: null };
  expect(heard([0, of, "x"], [MINUTE - 1, of, "x"], [MINUTE, of, "x"], [MINUTE, of, "y"])).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

it("counts every count, unless it has an id", () => {
  const count = { signal: "complaints" as const, value: 1 };
  expect(heard([0, { id: null, count }, "x"], [0, { id: null, count }, "x"])).toEqual([true, true]);
  expect(heard([0, { id: "i", count }, "x"], [0, { id: "i", count }, "y"])).toEqual([true, false]);
});

it("keeps the sources apart, and forgets the oldest of too many", () => {
  const repeats = createRepeats();
  repeats.remember("alertmanager", hint(), "x", 0);
  expect(repeats.isRepeat("sentry", hint(), "x", 1)).toBe(false);
  expect(repeats.isRepeat("alertmanager", hint(), "x", 1)).toBe(true);
  for (let other = 0; other < 5_000; other += 1)
    repeats.remember("alertmanager", hint({ id: `other ${other}` }), "x", 1);
  expect(repeats.isRepeat("alertmanager", hint(), "x", 1)).toBe(false);
});
