import { Agent } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";

import { write } from "../../../test/support/guarded-api.ts";
import { ask } from "../../../twin/asking.ts";
import { startTwin, type Twin } from "../../../twin/index.ts";
import { createControl } from "../../actions/switch/control.ts";
import type { Observation } from "../../domain/observation.ts";
import { systemClock } from "../../engine/clock.ts";
import type { Probe } from "../../ports/probe.ts";
import { createProbe } from "../index.ts";

// The probe against the metrics of a real app under real traffic, with its database gone and its switch on.

let twin: Twin;
let probe: Probe;

beforeAll(async () => {
  twin = await startTwin({ lagMs: 50, redis: false });
  probe = createProbe("prometheus", {
    target: "api",
    name: "prometheus /metrics",
    baseUrl: twin.urls.api,
    config: { path: "/metrics" },
  });
  await look();
});

afterAll(async () => {
  await probe?.close();
  await twin?.stop();
});

test("traffic is counted, without what machines ask", async () => {
  await traffic(7, 3);
  for (let number = 0; number < 20; number += 1) await ask(`${twin.urls.api}/health`);
  const seen = await look();
  expect(seen).not.toHaveProperty("problem");
  expect(seen.values).toMatchObject({ requests: 10, failed: 0, auth_failures: 0 });
  expect(seen.values.memory_used).toBeGreaterThan(1_000_000);
  expect(seen.values.cpu_used).toBeGreaterThan(0);
  expect(seen.processStart).toBeGreaterThan(Date.now() - 600_000);
  expect(seen.buckets?.at(-1)).toEqual({ le: Infinity, count: 10 });
  expect((await look()).values).toMatchObject({ requests: 0, failed: 0 });
});

test("failures are counted while the database is gone", async () => {
  await twin.inject({ fault: "refuse", service: "Postgres" });
  await traffic(0, 6);
  await twin.clear();
  await traffic(0, 2);
  expect((await look()).values).toMatchObject({ requests: 8, failed: 6 });
});

test("refusals by a switch are neither requests nor failures", async () => {
  const before = (await look()).buckets?.at(-1)?.count ?? 0;
  const agent = new Agent();
  const control = createControl({
    url: `${twin.urls.api}/_signalman/switches`,
    secret: twin.env["SWITCH_SECRET"] ?? "",
    clock: systemClock,
    agent,
  });
  const signal = AbortSignal.timeout(5_000);
  const lease = { leaseId: "t", message: "", until: Date.now() + 60_000 };
  await control.set({ switch: "read-only", value: true, seq: Date.now(), ...lease }, signal);
  await traffic(4, 9);
  await control.set({ switch: "read-only", value: false, seq: Date.now() + 1, ...lease }, signal);
  await agent.destroy();
  const seen = await look();
  expect(seen.values).toMatchObject({ requests: 4, failed: 0 });
  expect(seen.buckets?.at(-1)?.count).toBe(before + 4);
});

test("a restart counts nothing of its past", async () => {
  await traffic(5, 0);
  await twin.inject({ fault: "kill", service: "tradesense-backend" });
  await expect.poll(async () => (await look()).values.requests, { timeout: 5_000 }).toBeNull();
  await restart();
  await expect
    .poll(async () => (await look()).problem?.code, { timeout: 10_000, interval: 50 })
    .toBeUndefined();
  await look();
  await traffic(3, 0);
  expect((await look()).values).toMatchObject({ requests: 3, failed: 0 });
});

async function traffic(reads: number, writes: number): Promise<void> {
  for (let number = 0; number < reads; number += 1) await ask(`${twin.urls.api}/trades`);
  for (let number = 0; number < writes; number += 1) await write(twin);
}

async function look(): Promise<Observation> {
  const [seen] = await probe.look(new AbortController().signal);
  if (seen === undefined) throw new Error("observed nothing");
  return seen;
}

async function restart(): Promise<void> {
  const id = twin.state().services.find(({ name }) => name === "tradesense-backend")?.deploymentId;
  await ask(`${twin.urls.platform}/graphql/v2`, {
    headers: { authorization: `Bearer ${twin.accountToken}` },
    body: {
      query: "mutation Restart($id: String!) { deploymentRestart(id: $id) }",
      variables: { id },
    },
  });
}
