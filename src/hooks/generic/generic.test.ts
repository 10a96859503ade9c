import { expect, it } from "vitest";

import type { Hint } from "../../domain/hint.ts";
import { hook } from "./index.ts";

function read(body: unknown): Hint {
  const reading = hook.read(body, {});
  const [hint] = reading.kind === "hints" ? reading.hints : [];
  if (hint === undefined) throw new Error("no hint");
  return hint;
}

it.each([
  [
    { title: "Checkout fails", message: "402 for all cards", target: "api", severity: "error" },
    {
      about: "Checkout fails",
      words: "402 for all cards",
      names: ["api"],
      state: "firing",
      id: null,
    },
  ],
  [
    { name: "Disk", level: "fatal", status: "ok", id: 17 },
    { about: "Disk", words: "Disk", severity: "critical", state: "resolved", id: "Disk|17" },
  ],
  [
    { title: "deployed", service: "api" },
    { state: "note", severity: "warning", names: ["api"] },
  ],
  [
    { title: "t", severity: "warning", state: "FIRING" },
    { state: "firing", severity: "warning" },
  ],
  [{ title: "t", severity: "critical", state: "acknowledged" }, { state: "note" }],
  [{ title: "t", at: "2026-11-20T03:12:04Z" }, { id: "t|2026-11-20T03:12:04Z" }],
  [{}, { about: "an event without a title", state: "note", names: [], id: null }],
  [{ foo: { bar: [1] } }, { about: "an event without a title" }],
  [
    { title: ["x"], message: {}, target: null },
    { about: "an event without a title", names: [] },
  ],
  [
    { signal: "logins", count: 3 },
    { about: "logins", count: null },
  ],
])("reads %j", (body, wanted) => {
  expect(read(body)).toMatchObject(wanted);
});

it.each(["complaints", "auth_failures"])("counts %s", (signal) => {
  expect(read({ signal, target: "api", count: 3, at: "now" })).toMatchObject({
    state: "note",
    names: ["api"],
    // The moment is no id: two in the same second are two.
    id: null,
    count: { signal, value: 3 },
  });
  expect(read({ signal, count: 0, id: "x" })).toMatchObject({
    count: { value: 0 },
    id: `${signal}|x`,
  });
});

it.each([undefined, null, "3", -1, 0.5, 1_000_001, Number.NaN, []])(
  "refuses a count of %j instead of guessing",
  (count) => {
    expect(hook.read({ signal: "complaints", target: "api", count }, {})).toMatchObject({
      kind: "refused",
      why: expect.stringContaining('"count"'),
    });
  },
);
