import { describe, expect, test } from "vitest";

import { problem } from "../../domain/problem.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import type { Sight } from "../../railway/poll/sight.ts";
import type { Series } from "../../railway/poll/shapes.ts";
import { failure, success } from "../../railway/result.ts";
import type { Deployment } from "../../railway/schema.ts";
import { createEdge } from "./edge.ts";
import { createRestarts } from "./restarts.ts";
import { wordOf } from "./up.ts";
import { createUsage } from "./usage.ts";

const REFUSED = failure(problem("railway-refused"));

describe("restarts", () => {
  /** `rows`: deployments of the runs shown, newest first; ids are given by `from` on. */
  const sight = (rows: string, from: number, more: Partial<Sight> = {}): Sight =>
    sightWith({
      executions: success(
        Array.from(rows, (letter, index) => ({
          id: `${from - index}`,
          status: "RUNNING",
          createdAt: from - index,
          completedAt: null,
          deploymentId: letter,
        })),
      ),
      ...more,
    });

  test.each<[string, readonly Sight[], readonly (number | null)[]]>([
    ["what was there before is none", [sight("aaaa", 4)], [0]],
    [
      "each new run of a deployment is one",
      [sight("a", 1), sight("aaa", 3), sight("aaaa", 4)],
      [0, 2, 3],
    ],
    ["a release is none", [sight("a", 1), sight("ba", 2), sight("ba", 2)], [0, 0, 0]],
    ["what a release does afterwards is", [sight("a", 1), sight("bbba", 4)], [0, 2]],
    [
      "a release with three replicas is none, one more run is",
      [
        sight("aaa", 3, { replicas: 3 }),
        sight("bbbaaa", 6, { replicas: 3 }),
        sight("bbbb", 7, { replicas: 3 }),
      ],
      [0, 0, 1],
    ],
    [
      "more replicas are none",
      [sight("a", 1, { replicas: 1 }), sight("aaa", 3, { replicas: 3 })],
      [0, 0],
    ],
    [
      "rows that fall out of the page take nothing along and bring nothing back",
      [sight("aaa", 3), sight("aaa", 5), sight("a", 5), sight("aaa", 6)],
      [0, 2, 2, 3],
    ],
    [
      "more replicas take no restart back",
      [sight("a", 1), sight("aa", 2), sight("aa", 2, { replicas: 3 })],
      [0, 1, 1],
    ],
    ["nothing shown is nothing new", [sight("a", 1), sight("aa", 2), sight("", 2)], [0, 1, 1]],
    [
      "not to be told at all is null",
      [sightWith({ service: REFUSED, executions: REFUSED })],
      [null],
    ],
    [
      "and keeps its count",
      [sight("a", 1), sight("aa", 2), sightWith({ service: REFUSED, executions: REFUSED })],
      [0, 1, 1],
    ],
  ])("%s", (_words, sights, expected) => {
    const restarts = createRestarts();
    expect(sights.map((one) => restarts.count(one))).toEqual(expected);
  });

  test("are seen in the instances where rows are not shown, and not counted twice where they are", () => {
    const states = ["RUNNING", "RESTARTING", "RUNNING", "CRASHED", "CRASHED", "RUNNING"];
    const blind = createRestarts();
    expect(
      states.map((status) =>
        blind.count(sightWith({ ...liveWith([status]), executions: REFUSED })),
      ),
    ).toEqual([0, 1, 1, 2, 2, 2]);
    const seeing = createRestarts();
    expect(
      states.map((status, place) =>
        seeing.count(sight("a".repeat(place + 1), place + 1, liveWith([status]))),
      ),
    ).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe("use", () => {
  const NOW = 1_000_000_000;
  const series = (
    measurement: string,
    deploymentId: string,
    deploymentInstanceId: string,
    values: readonly number[],
    endedMs = 0,
  ): Series => ({
    measurement,
    tags: { serviceId: "s", deploymentId, deploymentInstanceId },
    values: values.map((value, index) => ({
      ts: NOW - endedMs - 30_000 * (values.length - index),
      value,
    })),
  });
  const limits = (instance: string) => series("MEMORY_LIMIT_GB", "d2", instance, [1, 1, 1]);
  const read = (all: readonly Series[]) => createUsage().read(all, "d2", NOW);

  test("is of the instance nearest to its limit, in bytes, without the newest sample", () => {
    const all = [
      series("MEMORY_USAGE_GB", "d2", "i1", [0.2, 0.3, 9]),
      series("MEMORY_USAGE_GB", "d2", "i2", [0.5, 0.6, 0]),
      limits("i1"),
      limits("i2"),
      series("CPU_USAGE", "d2", "i1", [0.5, 0.25, 4]),
    ];
    expect(read(all)).toEqual({
      memory_used: 600_000_000,
      memory_limit: 1_000_000_000,
      cpu_used: 0.25,
    });
  });

  test("leaves out what the deployment before uses, and an instance that fell silent", () => {
    const all = [
      series("MEMORY_USAGE_GB", "d1", "i0", [0.9, 0.9, 0.9]),
      series("MEMORY_USAGE_GB", "d2", "gone", [0.8, 0.8, 0.8], 3 * MINUTE_MS),
      series("MEMORY_USAGE_GB", "d2", "i1", [0.1, 0.2, 0.3]),
    ];
    expect(read(all)).toMatchObject({ memory_used: 200_000_000, memory_limit: null });
  });

  test("is told of instances that live too short for a second sample", () => {
    const all = [
      series("MEMORY_USAGE_GB", "d2", "i1", [0.1], 60_000),
      series("MEMORY_USAGE_GB", "d2", "i2", [0.2], 30_000),
      series("MEMORY_USAGE_GB", "d2", "i3", [0.9]),
    ];
    expect(read(all)).toMatchObject({ memory_used: 200_000_000 });
  });

  test.each<[string, readonly Series[]]>([
    ["none", []],
    ["one sample, which is still being made", [series("MEMORY_USAGE_GB", "d2", "i1", [0.3])]],
    ["old ones", [series("MEMORY_USAGE_GB", "d2", "i1", [1, 1, 1], 6 * MINUTE_MS)]],
  ])("is null, never zero: %s", (_words, all) => {
    expect(read(all)).toEqual({ memory_used: null, memory_limit: null, cpu_used: null });
  });

  test("is told once: the same sample again is a gap", () => {
    const usage = createUsage();
    const all = [series("MEMORY_USAGE_GB", "d2", "i1", [0.1, 0.2, 0.3])];
    expect(usage.read(all, "d2", NOW).memory_used).toBe(200_000_000);
    expect(usage.read(all, "d2", NOW + 1_000).memory_used).toBeNull();
  });
});

describe("requests at the edge", () => {
  const STEP = 60_000;
  /** Counts of 200 and 502 in the steps from 0 on. */
  const edge = (ok: readonly number[], bad: readonly number[], from = 0) => ({
    from,
    stepMs: STEP,
    statuses: success(
      [
        { statusCode: 200, samples: ok.map((value, step) => ({ ts: step * STEP, value })) },
        { statusCode: 502, samples: bad.map((value, step) => ({ ts: step * STEP, value })) },
      ].filter(({ samples }) => samples.length > 0),
    ),
    durations: success([]),
  });

  test.each<[string, readonly ReturnType<typeof edge>[], readonly object[]]>([
    ["what was there first is the past", [edge([5], [3])], [{}]],
    ["a step that fills", [edge([5], [0]), edge([7], [1])], [{}, { requests: 3, failed: 1 }]],
    [
      "late samples count when they come, once",
      [edge([5], []), edge([5, 0, 4], []), edge([5, 8, 4], [0, 2]), edge([5, 8, 4], [0, 2])],
      [{}, { requests: 4, failed: 0 }, { requests: 10, failed: 2 }, {}],
    ],
    [
      "no traffic told as zero is zero",
      [edge([5], []), edge([5, 0], [])],
      [{}, { requests: 0, failed: 0 }],
    ],
    ["no traffic not told is not zero", [edge([], []), edge([], [])], [{}, {}]],
    [
      "a count that falls takes nothing back",
      [edge([5], [3]), edge([4], [1]), edge([5], [3])],
      [{}, {}, {}],
    ],
    [
      "steps out of the window are forgotten and stay counted",
      [edge([5], []), edge([5, 3], [], STEP), edge([5, 3], [], STEP)],
      [{}, { requests: 3, failed: 0 }, {}],
    ],
  ])("%s", (_words, windows, expected) => {
    const reader = createEdge();
    expect(windows.map((window) => reader.read(window, 10 * STEP))).toEqual(expected);
  });

  test("that fail to be told are null", () => {
    const window = { ...edge([], []), statuses: REFUSED, durations: REFUSED };
    expect(createEdge().read(window, 0)).toEqual({
      requests: null,
      failed: null,
      latency_p95_ms: null,
    });
  });

  test("have their latency told once, when the step is over", () => {
    const at = (...steps: readonly number[]) => ({
      ...edge([1, 1, 3], []),
      durations: success(
        steps.map((p95, step) => ({ ts: step * STEP, p50: 1, p90: 2, p95, p99: 2 * p95 })),
      ),
    });
    const reader = createEdge();
    expect(reader.read(at(10), 1.5 * STEP)).not.toHaveProperty("latency_p95_ms");
    expect(reader.read(at(10, 20), 2 * STEP)).not.toHaveProperty("latency_p95_ms");
    expect(reader.read(at(10, 20), 2.5 * STEP)).toMatchObject({
      latency_p50_ms: 1,
      latency_p90_ms: 2,
      latency_p95_ms: 20,
      latency_p99_ms: 40,
    });
    expect(reader.read(at(10, 20), 3 * STEP)).not.toHaveProperty("latency_p95_ms");
    const late = createEdge();
    late.read(at(10), 1.5 * STEP);
    // Two steps at once, of 1 and of 3 requests.
    expect(late.read(at(10, 20, 40), 4 * STEP)).toMatchObject({ latency_p95_ms: 35 });
  });
});

describe("up by Railway's words", () => {
  test.each<[string, readonly string[], 0 | 1 | null, string?]>([
    ["SUCCESS", ["RUNNING"], 1],
    ["SUCCESS", ["CRASHED", "RUNNING"], 1],
    ["SUCCESS", ["CRASHED", "CRASHED"], 0, "platform-says-down"],
    ["SUCCESS", ["STOPPED", "EXITED"], 0, "platform-says-down"],
    ["SUCCESS", ["RESTARTING"], null, "probe-failed"],
    ["SUCCESS", [], null, "probe-failed"],
    ["SUCCESS", ["LEVITATING"], null, "probe-failed"],
    ["CRASHED", ["CRASHED"], 0, "platform-says-down"],
    ["CRASHED", [], 0, "platform-says-down"],
    ["SLEEPING", [], null, "target-asleep"],
    ["DEPLOYING", ["INITIALIZING"], null, "deployment-in-flight"],
    ["TRANSCENDED", ["RUNNING"], 1],
    ["TRANSCENDED", [], null, "probe-failed"],
  ])("%s with %j", (status, instances, value, code) => {
    const word = wordOf(deploymentOf(status, instances));
    expect(word.value).toBe(value);
    expect(word.problem?.code).toBe(code);
  });

  test("nothing deployed says nothing", () => {
    expect(wordOf(null)).toMatchObject({ value: null, problem: { code: "nothing-deployed" } });
  });
});

function deploymentOf(status: string, instances: readonly string[]): Deployment {
  return {
    id: "a",
    status,
    statusUpdatedAt: null,
    createdAt: 0,
    deploymentStopped: false,
    instances: instances.map((word, place) => ({ id: `i${place}`, status: word })),
  };
}

function liveWith(instances: readonly string[]): Pick<Sight, "service"> {
  const active = [deploymentOf("SUCCESS", instances)];
  const service = { id: "si", serviceId: "s", serviceName: "api", latestDeployment: null };
  return { service: success({ ...service, activeDeployments: active }) };
}

function sightWith(more: Partial<Sight>): Sight {
  return {
    number: 1,
    at: 0,
    ...liveWith(["RUNNING"]),
    replicas: null,
    commits: {},
    executions: success([]),
    usage: success([]),
    edge: null,
    logs: null,
    platform: null,
    ...more,
  };
}
