import { expect, test } from "vitest";

import type { JsonObject } from "../../domain/json.ts";
import { release } from "../release.fixture.ts";
import { stepBack } from "./step-back.ts";

// Newest first. `on` was made with the variable, `then` before it.
const then = release("then", 100);
const on = release("on", 200);
const off = release("off", 300);
const failed = release("failed", 300, { status: "FAILED" });
const skipped = release("skipped", 400, { status: "SKIPPED" });
const BACK = { kind: "value", value: "0" } as const;
const STANDING = { kind: "value", value: "1" } as const;

test.each([
  ["stands, and serves", STANDING, [on, then], on, {}, "write"],
  ["stands, and never came to serve", STANDING, [failed, then], then, {}, "write"],
  ["holds what somebody set", { kind: "other" } as const, [on, then], on, {}, "leave"],
  ["was never written", BACK, [then], then, {}, "leave"],
  ["is back, and never came to serve", BACK, [failed, then], then, {}, "leave"],
  ["is back, and serves", BACK, [on, then], on, {}, "deploy"],
  ["is back, and its deployment failed", BACK, [failed, on, then], on, {}, "deploy"],
  ["is back, and a later push failed", BACK, [failed, on, on, then], on, {}, "deploy"],
  ["is back, and serves no more", BACK, [off, on, then], off, {}, "leave"],
  ["is back, and a push changed nothing", BACK, [skipped, off, on, then], off, {}, "leave"],
  ["is gone", { kind: "absent" } as const, [off, on, then], off, {}, "leave"],
  ["is looked at again, and stands", STANDING, [on, then], on, { recheck: true }, "keep"],
  ["is looked at again, and is back", BACK, [on, then], on, { recheck: true }, "leave"],
] as const)("what %s", (_, state, releases, present, more: JsonObject, step) => {
  const params = { value: "off", name: "X", on: "1", off: "0", restore: "0", since: 100, ...more };
  expect(stepBack(params, { releases, present, state })).toMatchObject({ step, set: "0" });
});

test("a variable that was not there is deleted", () => {
  const params = { value: "off", name: "X", on: "1", off: "0", restore: null, since: 100 };
  const found = { releases: [on, then], present: on, state: STANDING };
  expect(stepBack(params, found)).toMatchObject({ step: "write", set: null });
});
