import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { actOn } from "../../../twin/acting.ts";
import { startTwin, type Twin } from "../../../twin/index.ts";
import type { Railway } from "../railway.ts";
import type { Result } from "../result.ts";
import { ACTING, client, LOOKING } from "../stub-server.ts";

// Each act at the twin, where it really happens.

vi.setConfig({ testTimeout: 40_000 });

const REGION = "europe-west4-drams3a";

let twin: Twin;
let railway: Railway;
let acting: ReturnType<typeof actOn>;

beforeAll(async () => {
  const budget = { perHour: 100_000, perSecond: 1_000 };
  twin = await startTwin({ lagMs: 50, redis: false, budget });
  acting = actOn(twin);
  twin.setTerms({ buildMs: 50, overlapMs: 50, applyMs: 50, acceptMs: 50 });
  railway = client(twin.urls.platform, {
    endpoint: twin.env["RAILWAY_GRAPHQL_ENDPOINT"] ?? "",
    token: { kind: "project", value: twin.env["RAILWAY_TOKEN"] ?? "" },
    projectId: twin.env["RAILWAY_PROJECT_ID"] ?? "",
    environmentId: twin.env["RAILWAY_ENVIRONMENT_ID"] ?? "",
    plan: "pro",
    clock: { now: () => Date.now(), until: () => Promise.reject(new Error("nothing waits")) },
  });
});
afterAll(async () => {
  await railway.close();
  await twin.stop();
});
afterEach(() => twin.clear());

test("a rollback is accepted, and found by reading what deployments are made of", async () => {
  const good = acting.live();
  const { deploymentId } = twin.push({ settings: { preDeployCommand: ["npm run migrate"] } });
  await acting.settled(deploymentId);
  const before = await releases();
  expect(before[0]).toMatchObject({
    id: deploymentId,
    manifest: { isKnown: true, preDeployCommand: "npm run migrate", regions: { [REGION]: 1 } },
  });
  const target = before.find(({ id }) => id === good.id);
  expect(target).toMatchObject({ manifest: { commit: good.commit, startCommand: null } });
  expect(await railway.acts.rollback(good.id, ACTING)).toMatchObject({ ok: true });
  await expect.poll(async () => (await releases()).length, { timeout: 5_000 }).toBe(3);
  expect((await releases())[0]?.manifest).toEqual(target?.manifest);
  await acting.settled((await releases())[0]?.id ?? null);
});

test("deployments by id, by service, by commit, and cancelled ones", async () => {
  const { commit } = acting.live();
  const byId = valueOf(await railway.acts.redeploy(acting.live().id, ACTING)).deploymentId;
  await acting.settled(byId);
  const byCommit = valueOf(await railway.acts.deployCommit(acting.api().id, commit, ACTING));
  await acting.settled(byCommit.deploymentId);
  twin.setTerms({ buildMs: 10_000 });
  expect(await railway.acts.redeployService(acting.api().id, ACTING)).toMatchObject({ ok: true });
  const newest = async () => (await releases())[0];
  await expect.poll(async () => (await newest())?.status, { timeout: 5_000 }).toBe("BUILDING");
  const id = (await newest())?.id ?? "";
  expect(await railway.acts.cancel(id, ACTING)).toMatchObject({ ok: true });
  await expect.poll(async () => (await newest())?.status, { timeout: 5_000 }).toBe("REMOVED");
  twin.setTerms({ buildMs: 50 });
  const unknown = await railway.acts.deployCommit(acting.api().id, "0".repeat(40), ACTING);
  expect(unknown).toMatchObject({ ok: false, problem: { code: "railway-refused" } });
});

test("autodeploy is read, turned off and on", async () => {
  const { id } = acting.api();
  const state = async () => valueOf(await railway.acts.autodeploy(id, LOOKING));
  expect(await state()).toEqual({ enabled: true, canEnable: true, reason: null });
  expect(await railway.acts.setAutodeploy(id, false, ACTING)).toMatchObject({ ok: true });
  expect(await state()).toMatchObject({ enabled: false });
  expect(await railway.acts.setAutodeploy(id, true, ACTING)).toMatchObject({ ok: true });
  expect(await state()).toMatchObject({ enabled: true });
});

test.each(["patch", "workflow"] as const)("replicas are set and read back (%s id)", async (is) => {
  twin.setTerms({ patchIdIs: is });
  const { id } = acting.api();
  const { patchId } = valueOf(await railway.acts.scale(id, { [REGION]: 1, "us-west2": 1 }, ACTING));
  const state = async () => valueOf(await railway.acts.patchState(patchId, LOOKING));
  await expect.poll(state, { timeout: 5_000 }).toEqual({ state: "applied", error: null });
  const regions = async () => valueOf(await railway.acts.regions(id, LOOKING));
  await expect.poll(regions, { timeout: 5_000 }).toEqual({ [REGION]: 1, "us-west2": 1 });
  await railway.acts.scale(id, { [REGION]: 1, "us-west2": null }, ACTING);
  await expect.poll(regions, { timeout: 5_000 }).toEqual({ [REGION]: 1 });
});

test("a patch beyond the plan fails by itself, later, and says so", async () => {
  const { id } = acting.api();
  twin.setTerms({ patchIdIs: "patch" });
  const { patchId } = valueOf(await railway.acts.scale(id, { [REGION]: 7 }, ACTING));
  const state = async () => valueOf(await railway.acts.patchState(patchId, LOOKING)).state;
  await expect.poll(state, { timeout: 5_000 }).toBe("failed");
  expect(valueOf(await railway.acts.regions(id, LOOKING))).toEqual({ [REGION]: 1 });
});

test("which variables changed is told by name", async () => {
  const { id } = acting.api();
  const before = valueOf(await railway.acts.variables(id, LOOKING));
  expect(before.names).toContain("DATABASE_URL");
  await acting.upsert("THEME", "dark", true);
  await acting.upsert("RATE_LIMIT_PER_MINUTE", "7000", true);
  const changes = valueOf(await railway.acts.variableChanges(id, before, LOOKING));
  expect(changes).toEqual({ added: ["THEME"], removed: [], values: ["RATE_LIMIT_PER_MINUTE"] });
});

async function releases() {
  return valueOf(await railway.acts.releases(acting.api().id, LOOKING));
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.detail);
  return result.value;
}
