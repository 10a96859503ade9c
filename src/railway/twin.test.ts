import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { startTwin, type Twin } from "../../twin/index.ts";
import { liveDeployment } from "./live.ts";
import type { Look, Railway, RailwayOptions } from "./railway.ts";
import { ACTING, client, LOOKING } from "./stub-server.ts";

// The client against the twin: Railway's own names, shapes and ways to fail, with real processes behind them.

let twin: Twin;
let railway: Railway;
const opened: Railway[] = [];

beforeAll(async () => {
  const budget = { perHour: 100_000, perSecond: 1_000 };
  twin = await startTwin({ lagMs: 50, redis: false, budget });
  railway = connect();
});

afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await twin?.stop();
});

afterEach(() => twin.clear());

describe("who the token is", () => {
  test("a project token proves its environment", async () => {
    expect(await railway.identify(LOOKING)).toMatchObject({ ok: true, value: { kind: "project" } });
  });

  test("an unknown project token is refused as such", async () => {
    const stranger = connect({ token: { kind: "project", value: "nobody" } });
    expect(await stranger.identify(LOOKING)).toMatchObject({
      ok: false,
      problem: { code: "railway-bad-token" },
    });
  });

  test("an account token has workspaces; an invented one is anonymous and found out", async () => {
    const account = connect({ token: { kind: "bearer", value: twin.accountToken } });
    expect(await account.identify(LOOKING)).toMatchObject({ ok: true, value: { kind: "bearer" } });
    const invented = connect({ token: { kind: "bearer", value: "invented" } });
    expect((await invented.identify(LOOKING)).ok).toBe(false);
  });

  test("a project token in the wrong header is not authorized", async () => {
    const value = twin.env["RAILWAY_TOKEN"] ?? "";
    const misplaced = connect({ token: { kind: "bearer", value } });
    expect((await misplaced.environment(LOOKING)).ok).toBe(false);
  });
});

describe("reading", () => {
  test("services by name and id, and the names when there is none", async () => {
    const byName = await railway.service("Postgres", LOOKING);
    const byId = await railway.service(idOf("Postgres"), LOOKING);
    expect(byName).toEqual(byId);
    const unknown = await railway.service("Mongo", LOOKING);
    expect(unknown).toMatchObject({ problem: { code: "railway-no-service" } });
    expect(JSON.stringify(unknown)).toContain("Postgres, signalman, tradesense-backend");
  });

  test("one look is one request and shows all parts", async () => {
    const before = twin.state().counters.graphqlRequests;
    const look = await lookAt("Postgres");
    expect(twin.state().counters.graphqlRequests - before).toBe(1);
    expect(look.volumes).toMatchObject({ value: [{ state: "READY" }] });
    expect(look.platform.state).toBe("well");
    expect(liveOf(look)?.status).toBe("SUCCESS");
    expect(look.executions.ok && look.executions.value.length).toBeGreaterThan(0);
  });

  test("a part that errors costs only that part", async () => {
    await twin.inject({ fault: "withhold-evidence", kinds: ["executions"], how: "error" });
    const look = await lookAt("Postgres");
    expect(look.executions.ok).toBe(false);
    expect(liveOf(look)).not.toBeNull();
    await twin.clear();
    expect((await lookAt("Postgres")).executions.ok).toBe(true);
  });

  test("trouble of the platform and of the volume is seen", async () => {
    await twin.inject({ fault: "platform-incident", message: "Builds are delayed" });
    await twin.inject({ fault: "volume", service: "Postgres", state: "MIGRATING" });
    const look = await lookAt("Postgres");
    expect(look.platform).toMatchObject({ state: "trouble" });
    expect(look.platform.detail).toContain("Builds are delayed");
    expect(look.volumes).toMatchObject({ value: [{ state: "MIGRATING" }] });
  });

  test.each([
    ["429", "railway-rate-limited"],
    ["html-403", "railway-unreadable"],
    ["502", "railway-unreachable"],
    ["garbage", "railway-unreadable"],
    ["hang", "railway-unreachable"],
  ] as const)("the API answering with %s is a problem of its own", async (how, code) => {
    const patient = connect({ queryDeadlineMs: 300 });
    await twin.inject({ fault: "graphql", how, retryAfter: 1 });
    expect(await patient.environment(LOOKING)).toMatchObject({ ok: false, problem: { code } });
  });
});

describe("a restart", () => {
  test("leaves every kind of evidence", async () => {
    const before = await lookAt("Postgres");
    const counted = restarts();
    const id = liveOf(before)?.id ?? "";
    expect(await railway.restart(id, ACTING)).toMatchObject({ ok: true });
    await expect.poll(restarts, { timeout: 10_000 }).toBe(counted + 1);
    await expect
      .poll(async () => liveOf(await lookAt("Postgres"))?.status, { timeout: 10_000 })
      .toBe("SUCCESS");
    await expect
      .poll(async () => rowsOf(await lookAt("Postgres")).length, { timeout: 5_000 })
      .toBe(rowsOf(before).length + 1);
    const after = await lookAt("Postgres");
    expect(rowsOf(before)).not.toContain(rowsOf(after)[0]);
    expect(liveOf(after)?.id).toBe(id);
    expect(liveOf(after)?.instances).not.toEqual(liveOf(before)?.instances);
    expect(liveOf(after)?.statusUpdatedAt).toBeGreaterThan(liveOf(before)?.statusUpdatedAt ?? 0);
  });

  test.each([
    ["lose-answer", 1],
    ["never-executed", 0],
  ] as const)("with %s is ambiguous, sent once, and happened %i times", async (fault, times) => {
    const counted = restarts();
    const id = liveOf(await lookAt("Postgres"))?.id ?? "";
    await twin.inject({ fault, operation: "deploymentRestart", times: 5 });
    const sent = twin.state().counters.mutations.length;
    expect(await railway.restart(id, ACTING)).toMatchObject({ ok: false, ambiguous: true });
    const mutations = twin.state().counters.mutations.slice(sent);
    expect(mutations.map((mutation) => mutation.executed)).toEqual([times === 1]);
    await expect.poll(restarts, { timeout: 10_000 }).toBe(counted + times);
  });

  test("that Railway refuses did not happen", async () => {
    const counted = restarts();
    const id = liveOf(await lookAt("Postgres"))?.id ?? "";
    const operation = "deploymentRestart";
    await twin.inject({ fault: "refuse-mutation", operation, message: "Not Authorized" });
    const refused = await railway.restart(id, ACTING);
    expect(refused).toMatchObject({ ok: false, problem: { code: "railway-not-authorized" } });
    expect(refused).not.toHaveProperty("ambiguous");
    expect(restarts()).toBe(counted);
  });

  test("of something that is not there is refused", async () => {
    const nowhere = await railway.restart("00000000-0000-4000-8000-000000000000", ACTING);
    expect(nowhere.ok).toBe(false);
    expect(nowhere).not.toHaveProperty("ambiguous");
  });
});

test("a crashed service still shows which deployment to restart", async () => {
  await twin.inject({ fault: "kill", service: "tradesense-backend" });
  const crashed = async () => liveOf(await lookAt("tradesense-backend"))?.status;
  await expect.poll(crashed, { timeout: 10_000 }).toBe("CRASHED");
  const id = liveOf(await lookAt("tradesense-backend"))?.id ?? "";
  expect(await railway.restart(id, ACTING)).toMatchObject({ ok: true });
  await expect.poll(crashed, { timeout: 10_000 }).toBe("SUCCESS");
});

function connect(options: Partial<RailwayOptions> = {}): Railway {
  const made = client(twin.urls.platform, {
    endpoint: twin.env["RAILWAY_GRAPHQL_ENDPOINT"] ?? "",
    token: { kind: "project", value: twin.env["RAILWAY_TOKEN"] ?? "" },
    projectId: twin.env["RAILWAY_PROJECT_ID"] ?? "",
    environmentId: twin.env["RAILWAY_ENVIRONMENT_ID"] ?? "",
    plan: "pro",
    clock: { now: () => Date.now(), until: () => Promise.reject(new Error("nothing waits")) },
    ...options,
  });
  opened.push(made);
  return made;
}

function idOf(name: string): string {
  return twin.state().services.find((service) => service.name === name)?.id ?? "";
}

function restarts(): number {
  return twin.state().counters.restarts["Postgres"] ?? 0;
}

async function lookAt(name: string): Promise<Look> {
  const look = await railway.look(idOf(name), LOOKING);
  if (!look.ok) throw new Error(look.problem.detail);
  return look.value;
}

function liveOf({ service, deployments }: Look) {
  if (!service.ok) return null;
  return liveDeployment(service.value, deployments.ok ? deployments.value : undefined);
}

function rowsOf({ executions }: Look): readonly string[] {
  return executions.ok ? executions.value.map((row) => row.id) : [];
}
