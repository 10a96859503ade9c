import { describe, expect, it } from "vitest";

import { createPanel } from "../../detectors/panel.ts";
import type { Call } from "../../domain/call.ts";
import { HOUR_MS, MINUTE_MS } from "../../domain/time.ts";
import type { Probe } from "../../ports/probe.ts";
import { createProbe, probes } from "../index.ts";
import { lookUp } from "../testing.ts";

const SECRET = "0123456789abcdef";
const START = 1_661_140_279_000;
const never = new AbortController().signal;

/** A heartbeat that must call every hour and may be five minutes late, at a daemon that began to listen at `START`. */
function stage(last: Call | null) {
  const at = { now: START, last };
  const probe: Probe = createProbe("heartbeat", {
    target: "backup",
    name: "hook heartbeat",
    config: { expectEvery: "1h", secret: SECRET },
    now: () => at.now,
    calls: { since: START, last: () => at.last },
  });
  return { at, probe, look: () => lookUp(probe, never) };
}

describe("when nobody has ever called", () => {
  it("the first call is awaited for one interval, and never becomes a failure", async () => {
    const { at, look } = stage(null);
    expect(await look()).toMatchObject({ value: null, problem: { code: "call-awaited" } });
    at.now += 65 * MINUTE_MS;
    expect(await look()).toMatchObject({ value: null, problem: { code: "call-awaited" } });
    at.now += 1;
    expect(await look()).toMatchObject({ value: null, problem: { code: "never-called" } });
    at.now += 1_000 * HOUR_MS;
    expect(await look()).toMatchObject({ value: null, problem: { code: "never-called" } });
  });
});

describe("when something has called", () => {
  it("is up until the interval and the grace are over, then down, and up with the next call", async () => {
    const { at, look } = stage({ at: START + HOUR_MS, failed: false });
    at.now = START + HOUR_MS + 65 * MINUTE_MS;
    expect(await look()).toMatchObject({ value: 1 });
    at.now += 1;
    expect(await look()).toMatchObject({
      value: 0,
      problem: {
        code: "call-overdue",
        detail: "the last call was 1 h 5 min ago, expected every 1 h",
      },
    });
    at.last = { at: at.now, failed: false };
    const again = await look();
    expect(again).toMatchObject({ value: 1 });
    expect(again).not.toHaveProperty("problem");
  });

  it("is down at once when the call itself says that it failed", async () => {
    const { look } = stage({ at: START, failed: true });
    expect(await look()).toMatchObject({ value: 0, problem: { code: "call-failed" } });
  });

  it("is not down after a restart before a whole interval in which it would have been heard", async () => {
    const { at, look } = stage({ at: START - 3 * HOUR_MS, failed: false });
    expect(await look()).toMatchObject({ value: null, problem: { code: "call-awaited" } });
    at.now += 65 * MINUTE_MS;
    expect(await look()).toMatchObject({ value: null, problem: { code: "call-awaited" } });
    at.now += 1;
    expect(await look()).toMatchObject({ value: 0, problem: { code: "call-overdue" } });
  });

  it("is up right after a restart when the last call is young enough", async () => {
    const { look } = stage({ at: START - 30 * MINUTE_MS, failed: false });
    expect(await look()).toMatchObject({ value: 1 });
  });

  it("survives a clock that was set back", async () => {
    const { at, look } = stage({ at: START + 10 * HOUR_MS, failed: false });
    at.now = START - HOUR_MS;
    expect(await look()).toMatchObject({ value: 1 });
  });
});

it("is judged by one look: awaited is no blindness, overdue opens, the next call closes", async () => {
  const { at, probe } = stage(null);
  const { counts, opens } = probes.heartbeat;
  const names = { target: "backup", probe: "hook heartbeat", opens: opens ?? "" };
  const panel = createPanel({ ...names, up: counts ?? {}, isHearsay: true });
  const judge = async (): Promise<unknown> => {
    at.now += 10_000;
    const [observation] = await probe.look(never);
    if (observation === undefined) throw new Error("nothing was observed");
    const [judged] = panel.judge(observation);
    return [judged?.opens, judged?.verdict.state];
  };
  for (let looks = 0; looks < 5; looks += 1)
    expect(await judge()).toEqual(["unclassified", "inconclusive"]);
  at.last = { at: at.now, failed: false };
  expect(await judge()).toEqual(["unclassified", "healthy"]);
  at.last = { at: at.now, failed: true };
  expect(await judge()).toEqual(["unclassified", "breached"]);
  at.last = { at: at.now, failed: false };
  expect(await judge()).toEqual(["unclassified", "healthy"]);
});

it("without a way to be called it cannot say, and a look that is ended neither", async () => {
  const config = { expectEvery: "1h", secret: SECRET };
  const alone = createProbe("heartbeat", { target: "t", name: "n", config });
  expect(await lookUp(alone, never)).toMatchObject({
    value: null,
    problem: { code: "not-configured" },
  });
  const { probe } = stage({ at: START, failed: false });
  expect(await lookUp(probe, AbortSignal.abort())).toMatchObject({
    value: null,
    problem: { code: "probe-failed" },
  });
  await probe.close();
  await probe.close();
});

it.each([
  ["expectEvery", "500ms"],
  ["expectEvery", "745h"],
  ["expectEvery", undefined],
  ["grace", "soon"],
  ["secret", "short"],
  ["secret", "with/a/slash-0123456789"],
  ["secret", "a".repeat(101)],
])("refuses %s: %j", (key, value) => {
  const { Config, example } = probes.heartbeat;
  expect(Config.safeParse(example)).toMatchObject({ success: true });
  expect(Config.safeParse({ ...Object(example), [key]: value }).success).toBe(false);
});
