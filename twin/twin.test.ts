import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ask, askGraphql, at } from "./asking.ts";
import { startTwin, type ServiceState, type Twin } from "./index.ts";
import { isAlive, treeOf } from "./processes/tree.ts";
import { waitUntil } from "./processes/wait.ts";

const DEPLOYMENT = `query D($id: String!) { deployment(id: $id) { status statusUpdatedAt instances { id status } } }`;
const EXECUTIONS = `query E($input: DeploymentInstanceExecutionListInput!) {
  deploymentInstanceExecutions(input: $input, first: 50) { edges { node { id status completedAt } } } }`;

let twin: Twin;

beforeAll(async () => {
  twin = await startTwin({ lagMs: 100, budget: { perHour: 100_000, perSecond: 1_000 } });
});
afterAll(() => twin.stop());
afterEach(async () => {
  await twin.clear();
  for (const { name, running } of twin.state().services) {
    if (!running && name !== "signalman") await restart(name);
  }
  await waitUntil(async () => (await health()).status === "healthy", 5_000);
});

describe("a database that", () => {
  test("was killed is down, is reported as crashed, and a restart heals it and counts once", async () => {
    const before = service("Postgres");
    const rows = await executions("Postgres");
    await twin.inject({ fault: "kill", service: "Postgres" });
    // On a busy machine the API's first look at Redis may not be over yet.
    await expect.poll(health, { timeout: 5_000 }).toEqual({
      status: "unhealthy",
      database: "disconnected",
      redis: redis(),
    });
    expect(service("Postgres").running).toBe(false);
    await waitUntil(async () => at(await deployment("Postgres"), "status") === "CRASHED", 2_000);
    const crashed = await deployment("Postgres");
    expect(at(crashed, "instances")).toEqual([{ id: before.instanceId, status: "CRASHED" }]);

    await restart("Postgres");
    await waitUntil(async () => (await health()).status === "healthy", 3_000);
    await waitUntil(async () => at(await deployment("Postgres"), "status") === "SUCCESS", 2_000);
    const healed = await deployment("Postgres");
    expect(at(healed, "instances.0.id")).not.toBe(before.instanceId);
    expect(at(healed, "instances.0.status")).toBe("RUNNING");
    expect(String(at(healed, "statusUpdatedAt")) > String(at(crashed, "statusUpdatedAt"))).toBe(
      true,
    );
    expect(service("Postgres").deploymentId).toBe(before.deploymentId);
    expect(service("Postgres").restarts).toBe(before.restarts + 1);
    expect((await executions("Postgres")).length).toBe(rows.length + 1);
  });

  test("was killed keeps what it had committed", async () => {
    const trade = await ask(`${twin.urls.api}/trades`, {
      body: { symbol: "KEPT", quantity: 3, price: 1.5 },
    });
    await twin.inject({ fault: "kill", service: "Postgres" });
    await restart("Postgres");
    const read = await ask(`${twin.urls.api}/trades/${String(at(JSON.parse(trade.text), "id"))}`);
    expect(at(JSON.parse(read.text), "symbol")).toBe("KEPT");
  });

  test("is paused hangs with all its children; a restart ends the pause", async () => {
    const { pid, restarts } = service("Postgres");
    const tree = treeOf(pid ?? 0);
    expect(tree.length).toBeGreaterThan(3);
    await twin.inject({ fault: "pause", service: "Postgres" });
    const answer = await ask(`${twin.urls.api}/health`);
    expect(at(JSON.parse(answer.text), "database")).toBe("disconnected");
    expect(answer.ms).toBeGreaterThan(900);
    expect(twin.state().faults).toMatchObject([{ fault: "pause", service: "Postgres" }]);
    await restart("Postgres");
    expect(twin.state().faults).toEqual([]);
    expect(service("Postgres").restarts).toBe(restarts + 1);
    expect((await health()).database).toBe("connected");
    await waitUntil(() => !tree.some(isAlive), 2_000);
  });

  test("is paused goes on when the fault is cleared, with the same process", async () => {
    const { pid } = service("Postgres");
    await twin.inject({ fault: "pause", service: "Postgres" });
    expect((await health()).database).toBe("disconnected");
    await twin.clear("pause");
    await waitUntil(async () => (await health()).database === "connected", 3_000);
    expect(service("Postgres").pid).toBe(pid);
  });

  test("refuses connections also cuts those there are, and keeps its port", async () => {
    const client = new Client(twin.env["DATABASE_URL"]);
    const cut = new Promise((done) => client.on("error", done));
    await client.connect();
    await twin.inject({ fault: "refuse", service: "Postgres" });
    await cut;
    await expect(new Client(twin.env["DATABASE_URL"]).connect()).rejects.toThrow("ECONNREFUSED");
    await twin.clear("refuse");
    expect(await ownStartTime()).toBeInstanceOf(Date);
  });
});

test("a restart that fails is counted and leaves the service down", async () => {
  const { restarts } = service("Postgres");
  await twin.inject({ fault: "restart-fails", service: "Postgres", times: 1 });
  await restart("Postgres", "CRASHED");
  expect(service("Postgres")).toMatchObject({ running: false, restarts: restarts + 1 });
});

test("two restarts at once are two restarts", async () => {
  const { restarts, deploymentId } = service("tradesense-backend");
  const mutation = `mutation R($id: String!) { deploymentRestart(id: $id) }`;
  await Promise.all([1, 2].map(() => askGraphql(twin.env, mutation, { id: deploymentId })));
  await waitUntil(() => service("tradesense-backend").restarts === restarts + 2, 8_000);
  await waitUntil(() => service("tradesense-backend").status === "SUCCESS", 8_000);
});

test("the API that was killed answers again on the same port after a restart", async () => {
  await twin.inject({ fault: "kill", service: "tradesense-backend" });
  await expect(ask(`${twin.urls.api}/health`)).rejects.toThrow("ECONNREFUSED");
  await restart("tradesense-backend");
  await waitUntil(async () => (await health()).status === "healthy", 3_000);
});

describe("evidence", () => {
  test("that is withheld is not there, kind by kind, and comes back with the end of the fault", async () => {
    const before = service("Postgres");
    const rows = await executions("Postgres");
    await twin.inject({ fault: "withhold-evidence" });
    await expect(ownStartTime()).rejects.toThrow("permission denied");
    await restart("Postgres");
    await expect(ownStartTime()).rejects.toThrow("permission denied");
    await new Promise((done) => setTimeout(done, 150));
    const shown = await deployment("Postgres");
    expect(at(shown, "statusUpdatedAt")).toBe(null);
    expect(at(shown, "instances.0.id")).toBe(before.instanceId);
    expect(await executions("Postgres")).toEqual(rows);
    await twin.clear("withhold-evidence");
    expect(await ownStartTime()).toBeInstanceOf(Date);
    await waitUntil(async () => (await executions("Postgres")).length === rows.length + 1, 1_000);
    expect(at(await deployment("Postgres"), "instances.0.id")).not.toBe(before.instanceId);
  });

  test("can be withheld in part", async () => {
    const before = await deployment("Postgres");
    await twin.inject({ fault: "withhold-evidence", kinds: ["instances"] });
    const rows = await executions("Postgres");
    await restart("Postgres");
    await waitUntil(async () => (await executions("Postgres")).length > rows.length, 1_000);
    expect(at(await deployment("Postgres"), "instances.0.id")).toBe(at(before, "instances.0.id"));
    expect(await ownStartTime()).toBeInstanceOf(Date);
  });

  test("can be an error instead of nothing", async () => {
    await twin.inject({ fault: "withhold-evidence", kinds: ["executions"], how: "error" });
    await expect(executions("Postgres")).rejects.toThrow("Problem processing request");
  });

  test("that is late comes later", async () => {
    const rows = await executions("Postgres");
    await twin.inject({ fault: "delay-evidence", ms: 1_500 });
    await restart("Postgres");
    const restartedAt = service("Postgres").startedAt ?? 0;
    await expect(ownStartTime()).rejects.toThrow("permission denied");
    expect((await executions("Postgres")).length).toBe(rows.length);
    await waitUntil(async () => (await executions("Postgres")).length > rows.length, 3_000);
    await waitUntil(async () => (await ownStartTime()) instanceof Date, 2_000);
    expect(Date.now() - restartedAt).toBeGreaterThan(1_400);
  });
});

test("status, volume and platform trouble can be forced", async () => {
  await twin.inject({ fault: "deployment", service: "Postgres", status: "DEPLOYING" });
  expect(at(await deployment("Postgres"), "status")).toBe("DEPLOYING");
  await twin.inject({
    fault: "volume",
    service: "Postgres",
    state: "MIGRATING",
    currentSizeMB: 4_990,
  });
  await twin.inject({ fault: "platform-incident", message: "Builds are slow" });
  const { data } = await askGraphql(
    twin.env,
    `query($id: String!, $p: String) { environment(id: $id, projectId: $p) { volumeInstances { edges { node { state currentSizeMB } } } }
      platformStatus { isStable incident { message } } }`,
    { id: twin.env["RAILWAY_ENVIRONMENT_ID"], p: twin.env["RAILWAY_PROJECT_ID"] },
  );
  expect(data).toEqual({
    environment: {
      volumeInstances: { edges: [{ node: { state: "MIGRATING", currentSizeMB: 4_990 } }] },
    },
    platformStatus: { isStable: false, incident: { message: "Builds are slow" } },
  });
  const feed = await ask(`${twin.urls.platform}/status`);
  expect(at(JSON.parse(feed.text), "components.0.status")).toBe("PARTIAL_OUTAGE");
  await twin.clear();
  expect(at(await deployment("Postgres"), "status")).toBe("SUCCESS");
});

test("a fault nobody knows is refused with a sentence", async () => {
  const post = (body: unknown) => ask(`${twin.urls.platform}/twin/faults`, { body });
  for (const body of [
    { fault: "earthquake" },
    { fault: "kill" },
    { fault: "kill", service: "x" },
  ]) {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(String(at(JSON.parse(answer.text), "error"))).toMatch(/expected/i);
  }
  expect((await ask(`${twin.urls.platform}/twin/faults/x`, { method: "DELETE" })).status).toBe(400);
});

function service(name: string): ServiceState {
  const found = twin.state().services.find((it) => it.name === name);
  if (found === undefined) throw new Error(`No service ${name}.`);
  return found;
}

function redis(): string {
  return twin.env["REDIS_URL"] === undefined ? "absent" : "connected";
}

async function health(): Promise<Record<string, string>> {
  return JSON.parse((await ask(`${twin.urls.api}/health`)).text);
}

async function restart(name: string, until = "SUCCESS"): Promise<void> {
  const { deploymentId, restarts } = service(name);
  const mutation = `mutation R($id: String!) { deploymentRestart(id: $id) }`;
  const { data } = await askGraphql(twin.env, mutation, { id: deploymentId });
  expect(data).toEqual({ deploymentRestart: true });
  await waitUntil(
    () => service(name).restarts > restarts && service(name).status === until,
    10_000,
  );
}

async function deployment(name: string): Promise<unknown> {
  const { data } = await askGraphql(twin.env, DEPLOYMENT, { id: service(name).deploymentId });
  return at(data, "deployment");
}

async function executions(name: string): Promise<unknown[]> {
  const input = { environmentId: twin.env["RAILWAY_ENVIRONMENT_ID"], serviceId: service(name).id };
  const { data, errors } = await askGraphql(twin.env, EXECUTIONS, { input });
  if (errors !== undefined) throw new Error(errors[0]?.message);
  const edges = at(data, "deploymentInstanceExecutions.edges");
  return Array.isArray(edges) ? edges : [];
}

async function ownStartTime(): Promise<unknown> {
  const client = new Client(twin.env["DATABASE_URL"]);
  await client.connect();
  try {
    const { rows } = await client.query("select pg_postmaster_start_time() as at");
    return at(rows[0], "at");
  } finally {
    await client.end();
  }
}
