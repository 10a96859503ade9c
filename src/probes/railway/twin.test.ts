import { request } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { startTwin, type Twin } from "../../../twin/index.ts";
import type { Observation } from "../../domain/observation.ts";
import type { Probe } from "../../ports/probe.ts";
import { createRailway, type Railway, type RailwayOptions } from "../../railway/railway.ts";
import { systemClock } from "../../engine/clock.ts";
import { createProbe } from "../index.ts";
import { letSleep } from "../sleep.ts";

// Each signal against the twin: real processes, Railway's own names and shapes, its own ways to fail.

const API = "tradesense-backend";

let twin: Twin;
const opened: Railway[] = [];

beforeAll(async () => {
  const budget = { perHour: 100_000, perSecond: 1_000 };
  twin = await startTwin({ lagMs: 50, redis: false, budget });
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await twin?.stop();
});
afterEach(() => twin.clear());

describe("what Railway sees of a service", () => {
  test("is the live deployment with its commit, memory, CPU and the count of restarts", async () => {
    const look = watch("api", API);
    const seen = await until(look, ({ values }) => typeof values.memory_used === "number");
    expect(seen).toMatchObject({ target: "api", probe: "railway" });
    expect(seen.deployment).toMatch(`${stateOf(API).deploymentId}@4be0b7c1`);
    const { restarts, memory_used: used, memory_limit: limit, cpu_used: cpu } = seen.values;
    expect(restarts).toBe(0);
    expect(limit).toBe(500_000_000);
    expect(used).toBeGreaterThan(20_000_000);
    expect(used).toBeLessThan(400_000_000);
    expect(cpu).toBeGreaterThanOrEqual(0);
    expect(seen.values).not.toHaveProperty("up");
  });

  test("says up where nothing else does, and down when it crashed", async () => {
    const look = watch("db", "Postgres", { isOnlyWord: true });
    expect((await look()).values.up).toBe(1);
    await twin.inject({ fault: "kill", service: "Postgres" });
    const down = await until(look, ({ values }) => values.up === 0);
    expect(down.problem).toMatchObject({ code: "platform-says-down" });
    expect(down.problem?.detail).toContain("CRASHED");
    await revive("Postgres");
    await until(look, ({ values }) => values.up === 1);
  });

  test.each([
    ["SLEEPING", "target-asleep"],
    ["BUILDING", "deployment-in-flight"],
  ] as const)("%s is neither up nor down", async (status, code) => {
    const look = watch("api", API, { isOnlyWord: true });
    await twin.inject({ fault: "deployment", service: API, status });
    const seen = await until(look, ({ values }) => values.up !== 1);
    expect(seen).toMatchObject({ values: { up: null }, problem: { code } });
  });

  test("a new deployment is seen, and is no restart", async () => {
    const look = watch("api", API);
    const before = stateOf(API).deploymentId;
    // What an earlier test showed is shown a little longer.
    await until(look, ({ deployment }) => deployment?.includes(before) === true);
    await twin.inject({ fault: "release", service: API });
    const { deploymentId } = stateOf(API);
    expect(deploymentId).not.toBe(before);
    const seen = await until(look, ({ deployment }) => deployment?.includes(deploymentId) === true);
    expect(seen.values.restarts).toBe(0);
  });

  test("a crash loop behind SUCCESS is seen within two looks", async () => {
    const look = watch("api", API, { isOnlyWord: true });
    const first = await look();
    const pid = stateOf(API).pid;
    await twin.inject({ fault: "crash-loop", service: API, everyMs: 500 });
    await until(
      async () => stateOf(API),
      (now) => now.pid !== pid && now.running,
    );
    expect(stateOf(API).status).toBe("SUCCESS");
    const second = await nextLook(look);
    const third = await nextLook(look);
    expect(Math.max(count(second), count(third))).toBeGreaterThan(count(first));
    await twin.clear();
    await until(
      async () => stateOf(API),
      ({ running }) => running,
    );
    expect(count(await nextLook(look))).toBeGreaterThanOrEqual(count(third));
  });

  test("memory of a process that leaks rises", async () => {
    const look = watch("api", API);
    const before = await until(look, ({ values }) => typeof values.memory_used === "number");
    await twin.inject({ fault: "leak", service: API });
    const least = Number(before.values.memory_used) + 40_000_000;
    await until(look, ({ values }) => Number(values.memory_used) > least);
    await twin.inject({ fault: "kill", service: API });
    await revive(API);
  });

  test("5xx at the edge are counted exactly once, however late, and none without traffic", async () => {
    const look = watch("api", API, { edge: true });
    const seen = [await look(), await nextLook(look)];
    expect(seen[1]?.values).not.toHaveProperty("requests");
    await twin.inject({ fault: "delay-evidence", kinds: ["http"], ms: 1_500 });
    for (let sent = 0; sent < 4; sent += 1) await pass("/health");
    await twin.inject({ fault: "kill", service: API });
    for (let sent = 0; sent < 3; sent += 1) expect(await pass("/health")).toBe(502);
    const sum = (of: "requests" | "failed") =>
      seen.reduce((total, { values }) => total + (values[of] ?? 0), 0);
    await until(
      async () => seen.push(await look()),
      () => sum("requests") >= 7,
    );
    for (let more = 0; more < 3; more += 1) seen.push(await nextLook(look));
    expect([sum("requests"), sum("failed")]).toEqual([7, 3]);
    expect(seen.some(({ values }) => Number(values.latency_p95_ms) > 0)).toBe(true);
    await revive(API);
  });
});

describe("log lines of error", () => {
  test("are counted once by what they are about, and show no secret", async () => {
    const look = watch("api", API, { kind: "log-pattern" });
    expect((await look()).errors).toBeUndefined();
    await twin.inject({ fault: "kill", service: "Postgres" });
    expect((await request(`${twin.urls.api}/trades/1`)).statusCode).toBe(503);
    const seen = await until(look, ({ errors }) => (errors?.counts["database"] ?? 0) > 0);
    expect(seen.errors?.counts).toMatchObject({ "external-api": 0, timeout: 0, other: 0 });
    expect(seen.errors?.examples[0]).toMatchObject({
      class: "database",
      text: "trades could not be read from the database",
    });
    const again = await nextLook(look);
    expect(again.errors?.counts).toMatchObject({ database: 0 });
    await revive("Postgres");
  });
});

describe("when Railway's API fails", () => {
  test.each([
    ["html-403", "railway-unreadable"],
    ["garbage", "railway-unreadable"],
    ["502", "railway-unreachable"],
    ["429", "railway-rate-limited"],
  ] as const)("%s says nothing about the target, and the next look goes on", async (how, code) => {
    const look = watch("api", API, { isOnlyWord: true });
    expect((await look()).values.up).toBe(1);
    await twin.inject({ fault: "graphql", how, retryAfter: 1 });
    const blind = await nextLook(look);
    expect(blind).toMatchObject({ values: { up: null, restarts: null }, problem: { code } });
    await twin.clear();
    expect((await until(look, ({ values }) => values.up === 1)).values.restarts).toBe(0);
  });

  test("a hanging API is cannot-say at the timeout, and an ended look ends at once", async () => {
    await twin.inject({ fault: "graphql", how: "hang" });
    const look = watch("api", API, { isOnlyWord: true, timeout: "300ms" });
    const begun = performance.now();
    expect(await look()).toMatchObject({
      values: { up: null },
      problem: { code: "railway-unreachable" },
    });
    expect(performance.now() - begun).toBeLessThan(600);
    const ending = new AbortController();
    const slow = probe("api", API, { timeout: "10s" }).look(ending.signal);
    ending.abort();
    expect((await slow)[0]?.values).toEqual({});
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test.each([
    ["metrics", { memory_used: null, restarts: 0 }],
    ["deploymentInstanceExecutions", { memory_used: expect.any(Number), restarts: 0 }],
    ["httpDurationMetrics", { memory_used: expect.any(Number), latency_p95_ms: null }],
    ["numReplicas", { memory_used: expect.any(Number), restarts: 0 }],
  ])("a field that is gone (%s) costs what it tells and nothing else", async (field, values) => {
    await twin.inject({ fault: "unknown-field", field });
    const railway = client();
    const look = watch("api", API, { isOnlyWord: true, edge: true, railway });
    const seen = await until(
      look,
      (one) => one.values.memory_used !== undefined && one.values.up === 1,
    );
    expect(seen.values).toMatchObject(values);
    expect(Object.keys(railway.leftOut())).toHaveLength(1);
    const before = twin.state().counters.graphqlRequests;
    await nextLook(look);
    expect(twin.state().counters.graphqlRequests - before).toBe(1);
  });

  test("metrics that fail, have a gap or were never there are no zeros and nothing old", async () => {
    await twin.inject({ fault: "withhold-evidence", kinds: ["metrics"], how: "error" });
    const failing = await watch("api", API)();
    expect(failing.values).toMatchObject({ memory_used: null, cpu_used: null, restarts: 0 });
    expect(failing.problem?.code).toBe("railway-refused");
    await twin.clear();
    const paper = await watch("nobody", "signalman")();
    expect(paper.values).toMatchObject({ memory_used: null, memory_limit: null, cpu_used: null });
    const look = watch("api", API);
    await until(look, ({ values }) => typeof values.memory_used === "number");
    await twin.inject({ fault: "metrics-gap" });
    const gap = await until(nextLookOf(look), ({ values }) => values.memory_used === null);
    expect(gap.problem?.code).toBe("no-sample");
    expect((await nextLook(look)).values).toMatchObject({ memory_used: null, cpu_used: null });
  });
});

test("a target that sleeps is not woken by a look, and is looked at when it is awake", async () => {
  const { poller } = client();
  poller.join(API, [], 1_000);
  const config = { url: `${twin.urls.api}/health`, timeout: "3s" };
  const http = createProbe("http", { target: "api", name: "http", config });
  const probe = letSleep(http, { service: API, poller });
  const look = async () => {
    await poller.look(API, AbortSignal.timeout(5_000));
    return (await probe.look(AbortSignal.timeout(5_000)))[0];
  };
  await twin.inject({ fault: "deployment", service: API, status: "SLEEPING" });
  // The process stands still: a look that was made would hang and end with a timeout.
  await twin.inject({ fault: "pause", service: API });
  const [first] = await probe.look(AbortSignal.timeout(5_000));
  expect(first).toMatchObject({ values: { up: null }, problem: { code: "target-asleep" } });
  await twin.clear();
  await until(look, (seen) => seen?.values.up === 1);
  await probe.close();
});

test("all targets are one request, whoever looks first", async () => {
  const railway = client();
  const all = [watch("api", API, { railway }), watch("db", "Postgres", { railway })];
  const logs = watch("api", API, { railway, kind: "log-pattern" });
  await Promise.all([...all, logs].map((look) => look()));
  const before = twin.state().counters.graphqlRequests;
  await nextLook(all[0] ?? logs);
  await Promise.all([all[1]?.(), logs()]);
  expect(twin.state().counters.graphqlRequests - before).toBe(1);
});

test("at rest five targets take at most 120 requests an hour of the twin, identifying included", async () => {
  let now = Date.now();
  const railway = client({ clock: { now: () => now, until: () => Promise.reject(new Error()) } });
  const targets = [API, "Postgres", "signalman", "not-there", idOf(API)];
  const looks = targets.flatMap((service, place) => [
    watch(`t${place}`, service, { railway, every: "60s", edge: true }),
    watch(`t${place}`, service, { railway, every: "60s", kind: "log-pattern" }),
  ]);
  const before = twin.state().counters.graphqlRequests;
  await railway.identify({ signal: AbortSignal.timeout(5_000), purpose: "look" });
  for (let minute = 0; minute < 60; minute += 1) {
    await Promise.all(looks.map((look) => look()));
    now += 60_000;
  }
  expect(twin.state().counters.graphqlRequests - before).toBe(62);
});

interface More {
  readonly every?: string;
  readonly kind?: "railway" | "log-pattern";
  readonly isOnlyWord?: boolean;
  readonly edge?: boolean;
  readonly timeout?: string;
  readonly railway?: Railway;
}

function idOf(service: string): string {
  return stateOf(service).id;
}

function client(more: Partial<RailwayOptions> = {}): Railway {
  const railway = createRailway({
    endpoint: twin.env["RAILWAY_GRAPHQL_ENDPOINT"] ?? "",
    token: { kind: "project", value: twin.env["RAILWAY_TOKEN"] ?? "" },
    projectId: twin.env["RAILWAY_PROJECT_ID"] ?? "",
    environmentId: twin.env["RAILWAY_ENVIRONMENT_ID"] ?? "",
    plan: "enterprise",
    statusUrl: `${twin.urls.platform}/status`,
    clock: systemClock,
    userAgent: "signalman/test",
    ...more,
  });
  opened.push(railway);
  return railway;
}

function probe(target: string, service: string, more: More = {}): Probe {
  const { poller } = more.railway ?? client();
  const kind = more.kind ?? "railway";
  return createProbe(kind, {
    target,
    name: kind,
    config: {
      every: more.every ?? "1s",
      ...(more.timeout === undefined ? {} : { timeout: more.timeout }),
      ...(more.edge === undefined ? {} : { edge: more.edge }),
    },
    platform: { service, poller, isOnlyWord: more.isOnlyWord ?? false },
  });
}

type Look = () => Promise<Observation>;

function watch(target: string, service: string, more: More = {}): Look {
  const one = probe(target, service, more);
  return async () => {
    const [seen] = await one.look(AbortSignal.timeout(10_000));
    if (seen === undefined) throw new Error("nothing was observed");
    return seen;
  };
}

/** The first look that was given a new answer. */
function nextLook(look: Look): Promise<Observation> {
  return until(
    look,
    ({ values, errors }) => Object.keys(values).length > 0 || errors !== undefined,
  );
}

function nextLookOf(look: Look): Look {
  return () => nextLook(look);
}

async function until<T>(look: () => Promise<T>, isIt: (seen: T) => boolean): Promise<T> {
  let seen: T | undefined;
  await expect
    .poll(async () => isIt((seen = await look())), { timeout: 15_000, interval: 100 })
    .toBe(true);
  return seen as T;
}

function stateOf(name: string) {
  const found = twin.state().services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

async function pass(path: string): Promise<number> {
  const answer = await request(`${twin.urls.edge}${path}`, { reset: true });
  await answer.body.dump();
  return answer.statusCode;
}

async function revive(name: string): Promise<void> {
  await client().restart(stateOf(name).deploymentId, {
    signal: AbortSignal.timeout(5_000),
    purpose: "act",
  });
  await until(
    async () => stateOf(name),
    ({ running, status }) => running && status === "SUCCESS",
  );
}

function count({ values }: Observation): number {
  return values.restarts ?? -1;
}
