import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { actOn } from "./acting.ts";
import { ask, askGraphql, at } from "./asking.ts";
import { startTwin, type Twin } from "./index.ts";
import { waitUntil } from "./processes/wait.ts";

// Each deployment starts a process; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 40_000 });

let twin: Twin;
let acting: ReturnType<typeof actOn>;
/** Whether good code must be pushed before the next test. */
let isSpoilt = false;

beforeAll(async () => {
  const budget = { perHour: 100_000, perSecond: 1_000 };
  twin = await startTwin({ lagMs: 50, redis: false, budget });
  acting = actOn(twin);
});
afterAll(() => twin.stop());
beforeEach(() =>
  twin.setTerms({ buildMs: 100, overlapMs: 100, applyMs: 50, acceptMs: 50, latestLagMs: 400 }),
);
afterEach(async () => {
  await twin.clear();
  await acting.mutate("serviceInstanceAutoDeployUpdate", {
    input: { ...acting.place(), projectId: twin.env["RAILWAY_PROJECT_ID"], enabled: true },
  });
  twin.setTerms({ plan: "hobby", imageRetentionMs: 3_600_000, patchIdIs: "patch" });
  if (!isSpoilt) return;
  isSpoilt = false;
  await acting.patch({ "europe-west4-drams3a": { numReplicas: 1 }, "us-west2": null });
  const settings = { startCommand: null, restartPolicyType: "NEVER" } as const;
  await acting.settled(twin.push({ settings }).deploymentId);
  await waitUntil(() => acting.pids().length === 1, 10_000);
});

describe("a push", () => {
  test("goes from building to serving while its predecessor serves, which is removed after the overlap", async () => {
    const before = acting.live();
    twin.setTerms({ buildMs: 300, overlapMs: 300 });
    const { commit, deploymentId } = twin.push();
    const seen = new Set([acting.byId(deploymentId).status]);
    await waitUntil(async () => {
      seen.add(acting.byId(deploymentId).status);
      expect((await ask(`${twin.urls.api}/health`)).status).toBe(200);
      return acting.byId(deploymentId).status === "SUCCESS";
    }, 10_000);
    seen.add(acting.byId(deploymentId).status);
    expect([...seen]).toEqual(["INITIALIZING", "BUILDING", "DEPLOYING", "SUCCESS"]);
    expect(acting.api().deploymentId).toBe(deploymentId);
    expect(["REMOVING", "REMOVED"]).toContain(acting.byId(before.id).status);
    await waitUntil(() => acting.byId(before.id).status === "REMOVED", 5_000);
    const shown = await acting.list();
    expect(shown[0]).toMatchObject({
      id: deploymentId,
      status: "SUCCESS",
      canRollback: false,
      meta: { commitHash: commit },
    });
    await waitUntil(async () => at(await acting.of(before.id), "status") === "REMOVED", 2_000);
    expect(at(await acting.of(before.id), "canRollback")).toBe(true);
  });

  test("is named by latestDeployment only later", async () => {
    const latest = async () => at(await acting.instance(), "latestDeployment.id");
    twin.setTerms({ latestLagMs: 60_000 });
    const { deploymentId } = twin.push();
    await acting.settled(deploymentId);
    expect(at(await acting.instance(), "activeDeployments.0.id")).toBe(deploymentId);
    expect(await latest()).not.toBe(deploymentId);
    twin.setTerms({ latestLagMs: 0 });
    await waitUntil(async () => (await latest()) === deploymentId, 10_000);
  });

  test("makes nothing while autodeploy is off, and is not made up for", async () => {
    expect(await acting.autodeploy()).toEqual({ enabled: true, canEnable: true, reason: null });
    await acting.setAutodeploy(false);
    expect(await acting.autodeploy()).toMatchObject({ enabled: false });
    const number = acting.api().deployments.length;
    expect(twin.push().deploymentId).toBe(null);
    await acting.setAutodeploy(true);
    expect(acting.api().deployments.length).toBe(number);
  });

  test("that crashes at its start fails, and the predecessor goes on", async () => {
    isSpoilt = true;
    const before = acting.live();
    const { deploymentId } = twin.push({ behaviour: "crash-at-start" });
    await waitUntil(() => acting.byId(deploymentId).status === "FAILED", 10_000);
    expect(acting.api().deploymentId).toBe(before.id);
    expect(acting.byId(deploymentId).canRollback).toBe(false);
    expect((await ask(`${twin.urls.api}/health`)).status).toBe(200);
  });

  test("whose files match no watch pattern is skipped", async () => {
    const before = acting.live();
    const { deploymentId } = twin.push({ skipped: true });
    await waitUntil(async () => at((await acting.list())[0], "status") === "SKIPPED", 2_000);
    expect(acting.byId(deploymentId).status).toBe("SKIPPED");
    expect(acting.api().deploymentId).toBe(before.id);
  });

  test("can be cancelled while it is built, and not afterwards", async () => {
    const before = acting.live();
    twin.setTerms({ buildMs: 5_000 });
    const { deploymentId } = twin.push();
    await waitUntil(async () => at((await acting.list())[0], "status") === "BUILDING", 2_000);
    expect(await acting.mutate("deploymentCancel", { id: deploymentId })).toBe(true);
    await waitUntil(() => acting.byId(deploymentId).status === "REMOVED", 2_000);
    expect(acting.byId(deploymentId).canRollback).toBe(false);
    await expect(acting.mutate("deploymentCancel", { id: before.id })).rejects.toThrow("cancelled");
    expect(acting.api().deploymentId).toBe(before.id);
  });
});

describe("a rollback", () => {
  test("answers true and makes a new deployment of the old image, settings and variables later", async () => {
    await acting.upsert("THEME", "light", false);
    await acting.settled(acting.api().deployments[0]?.id ?? null);
    const target = acting.live();
    await acting.upsert("THEME", "dark", true);
    const bad = twin.push({ settings: { startCommand: "node bad.js" } });
    await acting.settled(bad.deploymentId);
    await waitUntil(async () => at(await acting.of(target.id), "canRollback") === true, 2_000);
    twin.setTerms({ acceptMs: 300 });
    const number = acting.api().deployments.length;
    expect(await acting.mutate("deploymentRollback", { id: target.id })).toBe(true);
    expect(acting.api().deployments.length).toBe(number);
    await waitUntil(() => acting.api().deployments.length === number + 1, 3_000);
    const made = acting.api().deployments[0];
    await acting.settled(made?.id ?? null);
    expect(made).toMatchObject({ commit: target.commit, reason: "rollback" });
    expect(at((await acting.list())[0], "meta.serviceManifest.deploy.startCommand")).toBe(null);
    expect(at(await acting.variables(), "THEME")).toBe("light");
  });

  test("goes to a removed deployment only while its image is kept, and never to what serves", async () => {
    const target = acting.live();
    await acting.settled(twin.push().deploymentId);
    await waitUntil(async () => at(await acting.of(target.id), "status") === "REMOVED", 3_000);
    expect(at(await acting.of(target.id), "canRollback")).toBe(true);
    twin.setTerms({ imageRetentionMs: 0 });
    expect(at(await acting.of(target.id), "canRollback")).toBe(false);
    for (const id of [target.id, acting.live().id]) {
      await expect(acting.mutate("deploymentRollback", { id })).rejects.toThrow("rolled back");
    }
  });
});

describe("the same commit again", () => {
  test("comes by a move of Railway's, by a redeploy, and by id", async () => {
    const { commit } = acting.live();
    await acting.settled(twin.move());
    const redeploy = "deploymentRedeploy(id: $id, usePreviousImageTag: true) { id status }";
    const { data } = await askGraphql(twin.env, `mutation R($id: String!) { ${redeploy} }`, {
      id: acting.live().id,
    });
    await acting.settled(String(at(data, "deploymentRedeploy.id")));
    await acting.settled(String(await acting.mutate("serviceInstanceDeployV2", acting.place())));
    const number = acting.api().deployments.length;
    expect(await acting.mutate("serviceInstanceRedeploy", acting.place())).toBe(true);
    await waitUntil(() => acting.api().deployments.length === number + 1, 3_000);
    await acting.settled(acting.api().deployments[0]?.id ?? null);
    const last = acting.api().deployments.slice(0, 4);
    expect(last.map((it) => it.commit)).toEqual([commit, commit, commit, commit]);
    expect(last.map((it) => it.reason)).toEqual(["redeploy", "deploy", "redeploy", "migrate"]);
  });

  test("or another one that was pushed; one nobody pushed is not found", async () => {
    const first = acting.live().commit;
    await acting.settled(twin.push().deploymentId);
    const args = { ...acting.place(), commitSha: first };
    await acting.settled(String(await acting.mutate("serviceInstanceDeployV2", args)));
    expect(acting.live().commit).toBe(first);
    const unknown = { ...acting.place(), commitSha: "0".repeat(40) };
    await expect(acting.mutate("serviceInstanceDeployV2", unknown)).rejects.toThrow(
      "Commit not found",
    );
  });
});

describe("faults of these acts", () => {
  test("a lost answer was executed, a withheld deployment is not listed", async () => {
    const target = acting.live();
    await acting.settled(twin.push().deploymentId);
    await waitUntil(async () => at(await acting.of(target.id), "canRollback") === true, 3_000);
    const number = acting.api().deployments.length;
    await twin.inject({ fault: "withhold-evidence", kinds: ["deployments"] });
    await twin.inject({ fault: "lose-answer", operation: "deploymentRollback", times: 1 });
    await expect(acting.mutate("deploymentRollback", { id: target.id })).rejects.toThrow();
    await waitUntil(() => acting.api().deployments.length === number + 1, 3_000);
    await acting.settled(acting.api().deployments[0]?.id ?? null);
    expect((await acting.list()).some((it) => at(it, "id") === acting.api().deploymentId)).toBe(
      false,
    );
    expect(at(await acting.instance(), "activeDeployments.0.id")).not.toBe(
      acting.api().deploymentId,
    );
    await twin.clear("withhold-evidence");
    expect(at((await acting.list())[0], "id")).toBe(acting.api().deploymentId);
  });

  test("autodeploy that cannot be turned on again says why", async () => {
    const reason = "The repository was disconnected";
    await twin.inject({ fault: "autodeploy-locked", service: "tradesense-backend", reason });
    expect(await acting.autodeploy()).toEqual({ enabled: true, canEnable: false, reason });
    await expect(acting.setAutodeploy(true)).rejects.toThrow("cannot be enabled");
  });
});

test("pushes, moves and terms come over HTTP as well, and are refused with a sentence", async () => {
  const post = async (path: string, body: unknown) => {
    const { status, text } = await ask(`${twin.urls.platform}/twin/${path}`, { body });
    return { status, body: JSON.parse(text) as unknown };
  };
  expect(await post("push", { message: "Fix", skipped: true })).toMatchObject({
    status: 200,
    body: { ok: true },
  });
  expect(await post("terms", { plan: "pro" })).toMatchObject({ status: 200 });
  expect(await post("push", { commit: "x" })).toMatchObject({ status: 400 });
  expect(await post("push", { service: "Postgres" })).toMatchObject({ status: 400 });
  expect(await post("terms", { plan: "gold" })).toMatchObject({ status: 400 });
});
