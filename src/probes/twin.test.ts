import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { startTwin, type Twin } from "../../twin/index.ts";
import type { Probe } from "../ports/probe.ts";
import { createRailway, type Railway } from "../railway/railway.ts";
import { createProbe } from "./index.ts";
import { lookUp } from "./testing.ts";

// The probes against a real PostgreSQL and a real app that are killed, frozen, refused and restarted.

let twin: Twin;
let railway: Railway;
let postgres: Probe;
let pooled: Probe;
let health: Probe;
let trades: Probe;

const never = new AbortController().signal;

beforeAll(async () => {
  twin = await startTwin({
    lagMs: 50,
    redis: false,
    maxConnections: 12,
    budget: { perHour: 100_000, perSecond: 1_000 },
  });
  const baseUrl = twin.urls.api;
  const url = twin.env["DATABASE_URL"];
  const timeout = "700ms";
  postgres = createProbe("postgres", {
    target: "postgres",
    name: "postgres",
    config: { url, timeout },
  });
  pooled = createProbe("postgres", {
    target: "postgres",
    name: "postgres pooled",
    config: { url, timeout, pooled: true },
  });
  health = createProbe("http", {
    target: "api",
    name: "http /health",
    baseUrl,
    config: { path: "/health", timeout: "3s", expect: { json: { status: "healthy" } } },
  });
  trades = createProbe("http", {
    target: "api",
    name: "http /trades",
    baseUrl,
    config: { path: "/trades" },
  });
  railway = createRailway({
    endpoint: twin.env["RAILWAY_GRAPHQL_ENDPOINT"] ?? "",
    token: { kind: "project", value: twin.env["RAILWAY_TOKEN"] ?? "" },
    projectId: twin.env["RAILWAY_PROJECT_ID"] ?? "",
    environmentId: twin.env["RAILWAY_ENVIRONMENT_ID"] ?? "",
    plan: "pro",
    statusUrl: `${twin.urls.platform}/status`,
    clock: { now: () => Date.now(), until: () => Promise.reject(new Error("nothing here waits")) },
    userAgent: "signalman/test",
  });
});

afterAll(async () => {
  await Promise.all([postgres, pooled, health, trades].map((probe) => probe?.close()));
  await railway?.close();
  await twin?.stop();
});

afterEach(async () => {
  await twin.clear();
  if ((await valueOf(postgres)) !== 1) await restart();
  await expect.poll(() => valueOf(postgres), { timeout: 10_000 }).toBe(1);
  await expect.poll(() => valueOf(pooled), { timeout: 10_000 }).toBe(1);
  await expect.poll(() => valueOf(health), { timeout: 10_000 }).toBe(1);
});

describe("PostgreSQL", () => {
  test("that is well says since when it runs, the same on both paths", async () => {
    const [fresh, kept] = await Promise.all([lookUp(postgres, never), lookUp(pooled, never)]);
    expect(fresh).toMatchObject({ value: 1, processStart: kept.processStart });
    expect(fresh.processStart).toBeGreaterThan(Date.now() - 600_000);
    expect(fresh.processStart).toBeLessThanOrEqual(Date.now());
  });

  test("killed is down; restarted it runs since later", async () => {
    const before = await lookUp(postgres, never);
    expect(await valueOf(pooled)).toBe(1);
    await twin.inject({ fault: "kill", service: "Postgres" });
    await expect.poll(() => valueOf(postgres), { timeout: 5_000 }).toBe(0);
    await expect.poll(() => valueOf(pooled), { timeout: 5_000 }).toBe(0);
    expect((await lookUp(health, never)).problem?.detail).toContain('found "unhealthy"');
    await restart();
    await expect.poll(() => valueOf(postgres), { timeout: 10_000 }).toBe(1);
    const after = await lookUp(postgres, never);
    expect(after.processStart).toBeGreaterThan(before.processStart ?? 0);
  });

  test("frozen is a timeout on both paths, and on time", async () => {
    expect(await valueOf(pooled)).toBe(1);
    await twin.inject({ fault: "pause", service: "Postgres" });
    for (const probe of [postgres, pooled, postgres, pooled]) {
      const sample = await lookUp(probe, never);
      expect(sample).toMatchObject({ value: 0, problem: { code: "timeout" } });
      expect(sample.tookMs).toBeLessThan(900);
    }
  });

  test("that refuses is told apart from one that is frozen", async () => {
    await twin.inject({ fault: "refuse", service: "Postgres" });
    expect(await lookUp(postgres, never)).toMatchObject({
      value: 0,
      problem: { code: "connection-refused" },
    });
  });

  test("whose start is hidden is healthy all the same", async () => {
    await twin.inject({ fault: "withhold-evidence", kinds: ["process-start"] });
    for (const probe of [postgres, pooled]) {
      const sample = await lookUp(probe, never);
      expect(sample.value).toBe(1);
      expect(sample).not.toHaveProperty("processStart");
    }
  });

  test("with a wrong password or an unknown database says nothing about itself", async () => {
    const right = twin.env["DATABASE_URL"] ?? "";
    const wrong = [
      [right.replace(/:[^:@]+@/, ":wrong@"), "authentication-failed"],
      [right.replace(/\/tradesense$/, "/nowhere"), "probe-failed"],
      [`${right}?sslmode=no-verify`, "tls-failed"],
    ] as const;
    for (const [url, code] of wrong) {
      const probe = createProbe("postgres", { target: "db", name: "db", config: { url } });
      expect(await lookUp(probe, never)).toMatchObject({ value: null, problem: { code } });
      await probe.close();
    }
  });

  test("without a free connection is up, and we cannot say more; looks leave none behind", async () => {
    const url = twin.env["DATABASE_URL"];
    const config = { url, pooled: true };
    const holders = Array.from({ length: 20 }, (_, number) =>
      createProbe("postgres", { target: "db", name: String(number), config }),
    );
    const hold = async () => {
      await Promise.all(holders.map((probe) => lookUp(probe, never)));
      return lookUp(postgres, never);
    };
    await expect
      .poll(hold, { timeout: 10_000 })
      .toMatchObject({ value: null, problem: { code: "connections-exhausted" } });
    await Promise.all(holders.map((probe) => probe.close()));
    await expect.poll(() => valueOf(postgres), { timeout: 5_000 }).toBe(1);
    for (let looks = 0; looks < 40; looks += 1) expect(await valueOf(postgres)).not.toBe(0);
  });
});

test("the app's own routes: healthy, and the fault of its database", async () => {
  expect(await lookUp(trades, never)).toMatchObject({ value: 1 });
  await twin.inject({ fault: "kill", service: "tradesense-backend" });
  await expect.poll(() => valueOf(health), { timeout: 5_000 }).toBe(0);
  await restart("tradesense-backend");
  await expect.poll(() => valueOf(health), { timeout: 10_000 }).toBe(1);
});

async function restart(name = "Postgres"): Promise<void> {
  const id = twin.state().services.find((service) => service.name === name)?.deploymentId ?? "";
  const result = await railway.restart(id, { signal: never, purpose: "act" });
  expect(result).toMatchObject({ ok: true });
}

async function valueOf(probe: Probe): Promise<number | null | undefined> {
  return (await lookUp(probe, never)).value;
}
