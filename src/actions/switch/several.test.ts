import { describe, expect, it } from "vitest";

import { problem } from "../../domain/problem.ts";
import { plannedAttempt } from "../testing.ts";
import type { Driver, DriverRead, DriverResult, SwitchState } from "./driver.ts";
import { systemClock } from "../../engine/clock.ts";
import type { ActionParts } from "../definition.ts";
import { definition } from "./index.ts";
import { createDesk } from "./polling.ts";

// What several ways to one app come to. The ways themselves: drivers.test.ts.

const TRAITS = { ...definition.traits, deadlineMs: 200, settleMs: 1_000 };
const NEVER = new AbortController().signal;
const ON: SwitchState = { value: true, until: 9e12, leaseId: "l", seq: 5, message: "" };
const DONE: DriverResult = { kind: "done" };
const NO: DriverResult = { kind: "refused", problem: problem("switch-refused") };
const MUTE: DriverResult = { kind: "unclear", problem: problem("switch-unreachable") };
const SILENT: DriverRead = { kind: "silent", problem: problem("switch-unreachable") };
const reads = (state: SwitchState | null): DriverRead => ({ kind: "read", state });

function way(kind: string, result: DriverResult, read: DriverRead = SILENT) {
  const told: boolean[] = [];
  const driver: Driver = {
    kind,
    set: async ({ value }) => {
      told.push(value);
      return result;
    },
    read: async () => read,
  };
  return { driver, told };
}

/** Answers only when it is given up. */
const hanging: Driver = {
  kind: "hanging",
  set: (_, signal) => new Promise((done) => signal.addEventListener("abort", () => done(MUTE))),
  read: (_, signal) => new Promise((done) => signal.addEventListener("abort", () => done(SILENT))),
};

function over(drivers: readonly Driver[], value = true) {
  const parts: Pick<ActionParts, "drivers"> = { drivers: { "read-only": drivers } };
  const action = { traits: TRAITS, ...definition.create(parts as ActionParts, TRAITS) };
  const attempt = {
    ...plannedAttempt(action, { switch: "read-only" }),
    plan: { ...ON, switch: "read-only", value },
  };
  return {
    perform: () => action.perform(attempt, NEVER),
    sight: async () => (await action.sight(attempt, NEVER)).kind,
  };
}

describe("several drivers of one switch", () => {
  it("are tried in their order, until one takes the order to be on", async () => {
    const [first, second, third] = [way("a", NO), way("b", DONE), way("c", DONE)];
    const all = over([first.driver, second.driver, third.driver]);
    expect(await all.perform()).toEqual({ kind: "accepted", evidence: { driver: "b" } });
    expect([first.told, second.told, third.told]).toEqual([[true], [true], []]);
  });

  it("do not contradict each other, because what goes on telling hears every order", async () => {
    const desk = createDesk(systemClock);
    const polling = desk.driver("read-only", "token");
    const told = () => JSON.parse(desk.answer(() => true, [])?.body ?? "").switches["read-only"];
    // It stood in once, when nothing else took the order; its end comes while others renew.
    await polling.set({ ...ON, switch: "read-only", seq: 4, until: Date.now() + 5 }, NEVER);
    expect(await over([way("a", DONE).driver, polling]).perform()).toMatchObject({
      evidence: { driver: "a" },
    });
    expect(told()).toMatchObject({ value: true, seq: ON.seq, until: ON.until });
  });

  it("are all told to be off", async () => {
    const [first, second] = [way("a", DONE), way("b", MUTE)];
    expect((await over([first.driver, second.driver], false).perform()).kind).toBe("accepted");
    expect([first.told, second.told]).toEqual([[false], [false]]);
  });

  it("have surely not taken it only when each of them said no", async () => {
    const [no, mute] = [way("a", NO).driver, way("b", MUTE).driver];
    expect((await over([no, no]).perform()).kind).toBe("rejected");
    expect((await over([mute, no]).perform()).kind).toBe("unclear");
    expect((await over([no, mute]).perform()).kind).toBe("unclear");
    expect((await over([]).perform()).kind).toBe("rejected");
  });

  it("leave each other their part of the time", async () => {
    const other = way("b", DONE, reads(ON)).driver;
    expect(await over([hanging, other]).perform()).toMatchObject({ kind: "accepted" });
    expect(await over([hanging, other]).sight()).toBe("seen");
  });

  it.each<[string, boolean, DriverRead[], string]>([
    ["on, by one of them", true, [reads(null), reads(ON)], "seen"],
    ["on, by an older order", true, [reads({ ...ON, seq: 4 })], "nothing"],
    ["on, by none", true, [reads(null), SILENT], "nothing"],
    ["off, by all that can say", false, [SILENT, reads(null)], "seen"],
    ["off, while one still says on", false, [reads(null), reads(ON)], "nothing"],
    ["nobody can say", false, [SILENT, SILENT], "withheld"],
  ])("show %s", async (_, value, answers, kind) => {
    const drivers = answers.map((read, index) => way(String(index), DONE, read).driver);
    expect(await over(drivers, value).sight()).toBe(kind);
  });
});
