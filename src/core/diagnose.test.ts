import { describe, expect, it } from "vitest";

import type { Inspection } from "../domain/evidence.ts";
import type { ProblemCode } from "../domain/problem.ts";
import { paths } from "../../test/support/theatre.ts";
import { pathsOf, weigh } from "./confirm.ts";
import { MACHINES } from "../../state-machines/index.ts";
import { diagnose } from "../../state-machines/response/diagnosis.ts";

const RUNNING: Inspection = {
  platform: "well",
  deployment: { status: "SUCCESS", stopped: false },
  inFlight: null,
  instances: ["RUNNING"],
  volume: { state: "READY", usedShare: 0.5 },
};

describe("diagnose", () => {
  it.each<[string, Partial<Inspection>, ProblemCode | null, string, string]>([
    [
      "a crashed deployment",
      { deployment: { status: "CRASHED", stopped: true }, instances: ["CRASHED"] },
      "connection-refused",
      "crashed",
      "remedy",
    ],
    [
      "a crash loop behind SUCCESS",
      { instances: ["CRASHED"] },
      "connection-refused",
      "crashed",
      "remedy",
    ],
    ["exited with 0", { instances: ["EXITED"] }, "connection-refused", "crashed", "remedy"],
    ["a process that hangs", {}, "timeout", "not-answering", "remedy"],
    ["a process that refuses", {}, "connection-refused", "refusing-connections", "remedy"],
    ["a process that cuts connections", {}, "connection-reset", "dropping-connections", "remedy"],
    ["recovery (57P03)", {}, "database-recovering", "recovering", "wait"],
    [
      "recovery after a crash",
      { instances: ["CRASHED"] },
      "database-recovering",
      "recovering",
      "wait",
    ],
    [
      "Railway restarting it",
      { instances: ["RESTARTING"] },
      "connection-refused",
      "restarting",
      "wait",
    ],
    [
      "a deployment under way",
      { inFlight: "BUILDING" },
      "connection-refused",
      "deployment-in-flight",
      "wait",
    ],
    ["too many connections (53300)", {}, "connections-exhausted", "connections-exhausted", "leave"],
    ["wrong password", {}, "authentication-failed", "cannot-look", "leave"],
    ["broken TLS", {}, "tls-failed", "cannot-look", "leave"],
    ["an unknown name", {}, "dns-failed", "cannot-look", "leave"],
    [
      "a migrating volume, whatever else",
      { volume: { state: "MIGRATING", usedShare: 0.5 }, instances: ["CRASHED"] },
      "timeout",
      "volume-busy",
      "leave",
    ],
    [
      "a restoring volume",
      { volume: { state: "RESTORING", usedShare: null } },
      "timeout",
      "volume-busy",
      "leave",
    ],
    [
      "a word for a volume that nobody knows",
      { volume: { state: "TELEPORTING", usedShare: null } },
      "timeout",
      "volume-busy",
      "leave",
    ],
    [
      "a full volume",
      { volume: { state: "READY", usedShare: 0.99 }, instances: ["CRASHED"] },
      "connection-refused",
      "volume-full",
      "leave",
    ],
    [
      "trouble at Railway, whatever else",
      { platform: "trouble", instances: ["CRASHED"] },
      "timeout",
      "platform-incident",
      "leave",
    ],
    [
      "a platform that does not say",
      { platform: "unknown", instances: ["CRASHED"] },
      "connection-refused",
      "crashed",
      "remedy",
    ],
    [
      "stopped by a person",
      { deployment: { status: "SUCCESS", stopped: true }, instances: ["STOPPED"] },
      "connection-refused",
      "stopped-by-a-person",
      "leave",
    ],
    [
      "asleep",
      { deployment: { status: "SLEEPING", stopped: false }, instances: [] },
      "connection-refused",
      "sleeping",
      "leave",
    ],
    [
      "nothing deployed",
      { deployment: null, instances: [] },
      "connection-refused",
      "nothing-deployed",
      "leave",
    ],
    ["no volume at all", { volume: null }, "timeout", "not-answering", "remedy"],
    ["a failure nobody can name", {}, null, "unclear", "leave"],
  ])("%s", (_, seen, probe, cause, advice) => {
    const rules = MACHINES["database-down"]?.rules ?? [];
    const findings = { seen: { ...RUNNING, ...seen }, problem: probe, signals: [], acts: [] };
    expect(diagnose(rules, { ...findings, now: 0, onset: 0, isQuiet: false })).toEqual({
      cause,
      advice,
    });
  });
});

describe("weigh", () => {
  it.each([
    ["the target answers directly", ["up", "down"], "up"],
    ["both say down", ["down", "down"], "down"],
    ["only the direct path could look", ["down", "unknown"], "down"],
    ["only the dependant could look", ["unknown", "down"], "down"],
    ["they disagree", ["down", "up"], "disagree"],
    ["a dependant alone says up", ["unknown", "up"], "disagree"],
    ["nobody could look", ["unknown", "unknown"], "unknown"],
    ["there is no path", [], "unknown"],
  ] as const)("%s: %j → %s", (_, saw, answer) => {
    expect(weigh(pathsOf(paths(...saw)))).toBe(answer);
  });
});
