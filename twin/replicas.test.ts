import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { actOn } from "./acting.ts";
import { ask, at } from "./asking.ts";
import { startTwin, type Twin } from "./index.ts";
import { isAlive } from "./processes/tree.ts";
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

describe("replicas", () => {
  beforeEach(() => {
    isSpoilt = true;
  });
  test("are real processes that serve in turn, come and go by a patch, and are restarted together", async () => {
    await acting.patch({
      "europe-west4-drams3a": { numReplicas: 2 },
      "us-west2": { numReplicas: 1 },
    });
    await waitUntil(() => acting.pids().length === 3, 10_000);
    const deploymentId = acting.api().deploymentId;
    expect(at(await acting.config(), "deploy.multiRegionConfig")).toEqual({
      "europe-west4-drams3a": { numReplicas: 2 },
      "us-west2": { numReplicas: 1 },
    });
    // Each process counts its own answers: taken in turn, none of three has given more than two of six.
    const counted = /http_requests_total\{method="GET",endpoint="\/metrics".*\} (\d+)/;
    const counts: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const { text } = await ask(`${twin.urls.api}/metrics`);
      counts.push(Number(counted.exec(text)?.[1] ?? 0));
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(2);
    process.kill(acting.pids()[0] ?? 0, "SIGKILL");
    await waitUntil(() => acting.pids().length === 2, 5_000);
    expect(acting.api().status).toBe("SUCCESS");
    expect((await ask(`${twin.urls.api}/health`)).status).toBe(200);
    const before = acting.api().replicas.map((it) => it.instanceId);
    await acting.mutate("deploymentRestart", { id: deploymentId });
    await waitUntil(() => acting.pids().length === 3 && acting.api().status === "SUCCESS", 10_000);
    expect(acting.api().replicas.filter((it) => before.includes(it.instanceId))).toEqual([]);
    await acting.patch({ "europe-west4-drams3a": { numReplicas: 1 }, "us-west2": null });
    const [first, second] = acting.pids();
    await waitUntil(() => acting.pids().length === 1, 10_000);
    await waitUntil(() => ![first, second].every((pid) => isAlive(pid ?? 0)), 5_000);
    expect(acting.api().deploymentId).toBe(deploymentId);
  });

  test("are refused where they cannot be", async () => {
    const region = "europe-west4-drams3a";
    await expect(acting.patch({ [region]: { numReplicas: 0 } })).rejects.toThrow("Invalid patch");
    await expect(acting.patch({ [region]: { numReplicas: 2 } }, "Postgres")).rejects.toThrow(
      "volume",
    );
    const services = { [acting.api().id]: { isDeleted: true } };
    await expect(acting.commit({ services })).rejects.toThrow("Invalid patch");
    const id = await acting.patch({ [region]: { numReplicas: 7 } });
    await waitUntil(async () => at(await acting.patchOf(id), "lastAppliedError") !== null, 3_000);
    expect(acting.pids().length).toBe(1);
    expect(at(await acting.config(), `deploy.multiRegionConfig.${region}.numReplicas`)).toBe(1);
  });

  test.each(["patch", "workflow"] as const)("the id of a patch is that of a %s", async (kind) => {
    twin.setTerms({ patchIdIs: kind });
    const id = await acting.patch({ "europe-west4-drams3a": { numReplicas: 1 } });
    const workflow = async () => at(await acting.workflowOf(id), "status");
    if (kind === "patch") {
      await waitUntil(async () => at(await acting.patchOf(id), "status") === "COMMITTED", 3_000);
      expect(await workflow()).toBe("NotFound");
    } else {
      await waitUntil(async () => (await workflow()) === "Complete", 3_000);
      await expect(acting.patchOf(id)).rejects.toThrow("Not Authorized");
    }
  });
});

describe("a bad release", () => {
  beforeEach(() => {
    isSpoilt = true;
  });
  test("that crashes under load is started again below the limit, then is CRASHED", async () => {
    const settings = { restartPolicyType: "ON_FAILURE", restartPolicyMaxRetries: 1 } as const;
    const bad = twin.push({ behaviour: "crash-under-load", rate: 3, settings });
    await acting.settled(bad.deploymentId);
    const load = () =>
      Promise.allSettled([1, 2, 3, 4, 5].map(() => ask(`${twin.urls.api}/trades`)));
    const [pid] = acting.pids();
    await load();
    await waitUntil(() => acting.pids().length === 1 && acting.pids()[0] !== pid, 10_000);
    expect(acting.api().status).toBe("SUCCESS");
    await load();
    await waitUntil(() => acting.api().status === "CRASHED", 10_000);
  });

  test("throws the share of errors it was given, and answers its health all the same", async () => {
    await acting.settled(twin.push({ behaviour: "errors", rate: 0.25 }).deploymentId);
    const answers = [];
    for (let count = 0; count < 8; count += 1) answers.push(await ask(`${twin.urls.api}/trades`));
    expect(answers.filter((it) => it.status === 500).length).toBe(2);
    expect((await ask(`${twin.urls.api}/health`)).status).toBe(200);
  });

  test("takes three times as long, or grows", async () => {
    const quickest = async () => {
      const times: number[] = [];
      for (let id = 1; id < 5; id += 1) times.push((await ask(`${twin.urls.api}/trades/${id}`)).ms);
      return Math.min(...times);
    };
    const before = await quickest();
    await acting.settled(twin.push({ behaviour: "slow", rate: 40 }).deploymentId);
    expect(await quickest()).toBeGreaterThan(2 * before);
    await acting.settled(twin.push({ behaviour: "leaky", rate: 50_000_000 }).deploymentId);
    const first = await acting.memory();
    await waitUntil(async () => (await acting.memory()) > first + 40_000_000, 10_000);
  });
});

test("a deployment that is stopped says SUCCESS all the same", async () => {
  isSpoilt = true;
  await acting.mutate("deploymentStop", { id: acting.live().id });
  await waitUntil(async () => at((await acting.list())[0], "deploymentStopped") === true, 5_000);
  expect(at((await acting.list())[0], "status")).toBe("SUCCESS");
  await expect(ask(`${twin.urls.api}/health`)).rejects.toThrow();
});

test("a redeploy of what has a volume is a gap and keeps the data", async () => {
  const service = () => twin.state().services.find((it) => it.name === "Postgres");
  const { id, deploymentId } = service() ?? { id: "", deploymentId: "" };
  const place = { serviceId: id, environmentId: twin.env["RAILWAY_ENVIRONMENT_ID"] };
  const made = await acting.mutate("serviceInstanceDeployV2", place);
  await waitUntil(
    () => service()?.deploymentId === made && service()?.status === "SUCCESS",
    15_000,
  );
  expect(made).not.toBe(deploymentId);
  await waitUntil(async () => (await ask(`${twin.urls.api}/trades`)).status === 200, 5_000);
});
