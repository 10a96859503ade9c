import { at } from "../../twin/asking.ts";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

import { textOf, type JsonObject } from "../domain/json.ts";
import type { Action } from "../ports/action.ts";
import { openActionStage, type ActionStage } from "./stage.fixture.ts";
import { plannedAttempt, sightOf, tryOnce, type Tried } from "./testing.ts";

// The smaller acts at the twin, each with its read-back.

vi.setConfig({ testTimeout: 60_000 });

const REGION = "europe-west4-drams3a";
const NEVER = new AbortController().signal;

let stage: ActionStage;

beforeAll(async () => {
  stage = await openActionStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(() => stage.twin.clear());

describe("freeze-autodeploy", () => {
  const freeze = () => stage.action("freeze-autodeploy");
  const isOn = () => stage.acting.api().autodeploy;
  afterEach(async () => {
    await stage.twin.clear();
    await stage.acting.setAutodeploy(true);
  });

  test("turns deploys on push off, and its undo turns them on again", async () => {
    const frozen = await tryOnce(freeze(), { value: "on" });
    expect(frozen.preparation.plan["undo"]).toEqual({ value: "off" });
    await seen(freeze(), frozen);
    expect(isOn()).toBe(false);
    expect(stage.twin.push().deploymentId).toBeNull();
    await seen(freeze(), await tryOnce(freeze(), { value: "off" }));
    expect(isOn()).toBe(true);
  });

  test("has nothing to take back where a person had turned them off already", async () => {
    await stage.acting.setAutodeploy(false);
    const frozen = await tryOnce(freeze(), { value: "on" });
    expect(frozen.preparation.plan["undo"]).toBeNull();
    expect(frozen.answer).toMatchObject({ kind: "done" });
  });

  test("still knows what to take back when it is tried again after a crash", async () => {
    const first = await tryOnce(freeze(), { value: "on" });
    await seen(freeze(), first);
    const again = await freeze().prepare(first.attempt, NEVER);
    expect(again.plan["undo"]).toEqual({ value: "off" });
    expect((await freeze().perform(first.attempt, NEVER)).kind).toBe("accepted");
    expect(isOn()).toBe(false);
  });

  test("looked at again changes nothing, and says whether it still stands", async () => {
    const frozen = await tryOnce(freeze(), { value: "on" });
    await seen(freeze(), frozen);
    const recheck = { value: "off", recheck: true };
    const standing = await tryOnce(freeze(), recheck);
    expect(standing.answer).toMatchObject({ problem: { code: "still-stands" } });
    expect(isOn()).toBe(false);
    await stage.acting.setAutodeploy(true);
    const gone = await tryOnce(freeze(), recheck);
    expect(gone.answer).toMatchObject({
      kind: "done",
      evidence: { shown: ["deploys on push are on again, and not by me"] },
    });
  });

  test("is not done when it could not be undone", async () => {
    const reason = "The repository was disconnected";
    await stage.twin.inject({ fault: "autodeploy-locked", service: "tradesense-backend", reason });
    const tried = await tryOnce(freeze(), { value: "on" });
    expect(tried.answer).toMatchObject({
      kind: "rejected",
      problem: { code: "autodeploy-locked", detail: reason },
    });
    expect(isOn()).toBe(true);
  });

  test("whose answer is lost is read back", async () => {
    const operation = "serviceInstanceAutoDeployUpdate";
    await stage.twin.inject({ fault: "lose-answer", operation, times: 1 });
    const tried = await tryOnce(freeze(), { value: "on" });
    expect(tried.answer.kind).toBe("unclear");
    await seen(freeze(), tried);
  });
});

describe("redeploy", () => {
  const redeploy = () => stage.action("redeploy");

  test.each(["answered", "lost"])("makes new processes of the same commit, %s", async (answer) => {
    const { twin, acting } = stage;
    const before = acting.live();
    const [pid] = acting.pids();
    const number = acting.api().deployments.length;
    const operation = "serviceInstanceDeployV2";
    if (answer === "lost") await twin.inject({ fault: "lose-answer", operation, times: 1 });
    const tried = await tryOnce(redeploy());
    expect(tried.answer.kind).toBe(answer === "lost" ? "unclear" : "accepted");
    const evidence = await seen(redeploy(), tried);
    await acting.settled(textOf(evidence["deploymentId"]));
    expect(acting.live().commit).toBe(before.commit);
    expect(acting.pids()).not.toContain(pid);
    expect(acting.api().deployments.length).toBe(number + 1);
  });
});

describe("cancel-deploy", () => {
  const cancel = () => stage.action("cancel-deploy");
  afterEach(() => stage.twin.setTerms({ buildMs: 50 }));

  test("gives up the deployment under way, and nothing else", async () => {
    const { twin, acting } = stage;
    const before = acting.live().id;
    twin.setTerms({ buildMs: 20_000 });
    const { deploymentId } = twin.push();
    await expect.poll(async () => JSON.stringify(await acting.list())).toContain(deploymentId);
    const tried = await tryOnce(cancel());
    expect(tried.preparation.plan["deploymentId"]).toBe(deploymentId);
    expect(await seen(cancel(), tried)).toMatchObject({ status: "REMOVED" });
    expect(acting.live().id).toBe(before);
  });

  test("finds nothing to do when nothing is under way", async () => {
    const { platform } = await cancel().prepare(plannedAttempt(cancel()), NEVER);
    expect(platform?.obstacle?.code).toBe("nothing-in-flight");
  });

  test("that comes too late says so", async () => {
    const { twin, acting } = stage;
    twin.setTerms({ buildMs: 1_000 });
    const { deploymentId } = twin.push();
    await expect.poll(async () => JSON.stringify(await acting.list())).toContain(deploymentId);
    await twin.inject({ fault: "never-executed", operation: "deploymentCancel", times: 1 });
    const tried = await tryOnce(cancel());
    await acting.settled(deploymentId);
    await expect
      .poll(() => sightOf(cancel(), tried.attempt), { timeout: 5_000 })
      .toMatchObject({ kind: "failed" });
  });
});

describe("scale", () => {
  const scale = (replicasMax = 6) => stage.action("scale", { replicasMax });
  const running = () => stage.acting.pids().length;
  const undoOf = (tried: Tried) => tried.preparation.plan["undo"] as JsonObject;
  afterEach(async () => {
    await stage.acting.patch({ [REGION]: { numReplicas: 1 } });
    await expect.poll(running, { timeout: 10_000 }).toBe(1);
    // What was changed is shown a moment later.
    const path = `deploy.multiRegionConfig.${REGION}.numReplicas`;
    await expect.poll(async () => at(await stage.acting.config(), path)).toBe(1);
  });

  test("adds a replica, and its undo restores the number before", async () => {
    const up = await tryOnce(scale(), { value: "up" });
    expect(undoOf(up)).toEqual({ value: "down", restore: { [REGION]: 1 }, set: { [REGION]: 2 } });
    const shown = await seen(scale(), up);
    // Not before it runs: the configuration says so long before.
    expect(shown).toMatchObject({ shown: [expect.stringContaining("2 in"), "2 instances run"] });
    expect(running()).toBe(2);
    await seen(scale(), await tryOnce(scale(), undoOf(up)));
    await expect.poll(running, { timeout: 10_000 }).toBe(1);
  });

  test("whose answer is lost is read back from the configuration, and happened once", async () => {
    await stage.twin.inject({
      fault: "lose-answer",
      operation: "environmentPatchCommit",
      times: 1,
    });
    const up = await tryOnce(scale(), { value: "up" });
    expect(up.answer.kind).toBe("unclear");
    await seen(scale(), up);
    await expect.poll(running, { timeout: 10_000 }).toBe(2);
  });

  test("down leaves alone what a person has set since", async () => {
    const up = await tryOnce(scale(), { value: "up" });
    await seen(scale(), up);
    await stage.acting.patch({ [REGION]: { numReplicas: 3 } });
    await expect.poll(running, { timeout: 10_000 }).toBe(3);
    const down = await tryOnce(scale(), undoOf(up));
    expect(down).toMatchObject({
      preparation: { plan: { present: { [REGION]: 3 } } },
      answer: { kind: "done" },
    });
    expect(running()).toBe(3);
  });

  test("looked at again changes nothing, and says whether there are still so many", async () => {
    const up = await tryOnce(scale(), { value: "up" });
    await seen(scale(), up);
    const recheck = { ...undoOf(up), recheck: true };
    const standing = await tryOnce(scale(), recheck);
    expect(standing.answer).toMatchObject({ problem: { code: "still-stands" } });
    for (const numReplicas of [3, 1]) {
      await stage.acting.patch({ [REGION]: { numReplicas } });
      await expect.poll(running, { timeout: 10_000 }).toBe(numReplicas);
      const shown = [`there are ${numReplicas} in ${REGION} now, and not by me`];
      // What the configuration says may be shown later than what runs.
      await expect
        .poll(async () => (await tryOnce(scale(), recheck)).answer, { timeout: 10_000 })
        .toMatchObject({ kind: "done", evidence: { shown } });
      expect(running()).toBe(numReplicas);
    }
  });

  test("down is not taken for done on the word of the manifest, which knows of no patch", async () => {
    const up = await tryOnce(scale(), { value: "up" });
    await seen(scale(), up);
    await stage.twin.inject({ fault: "unknown-field", field: "config" });
    const down = await tryOnce(scale(), undoOf(up));
    expect(down.answer).toMatchObject({ kind: "rejected" });
    expect(down.preparation.platform?.obstacle).not.toBeNull();
    await stage.twin.clear();
    expect(running()).toBe(2);
  });

  test.each<[string, JsonObject, number, string, string]>([
    ["a service with a volume", { value: "up" }, 6, "db", "volume-forbids-replicas"],
    ["what the plan allows", { value: "up" }, 1, "api", "replicas-capped"],
    ["a down without a number", { value: "down" }, 6, "api", "replicas-unknown"],
  ])("stops at %s", async (_name, params, plan, target, code) => {
    const action = scale(plan);
    const wish = { ...plannedAttempt(action, params), target };
    const { plan: found } = await action.prepare(wish, NEVER);
    const answer = await action.perform({ ...wish, state: "started", plan: found }, NEVER);
    expect(answer).toMatchObject({ kind: "rejected", problem: { code } });
    expect(running()).toBe(1);
  });

  test("that the platform accepts and then cannot do has failed", async () => {
    stage.twin.setTerms({ plan: "free" });
    const up = await tryOnce(scale(), { value: "up" });
    await expect
      .poll(() => sightOf(scale(), up.attempt), { timeout: 5_000 })
      .toMatchObject({ kind: "failed", problem: { code: "platform-failed" } });
    stage.twin.setTerms({ plan: "hobby" });
  });

  test("is not concluded not to have happened while the configuration is withheld", async () => {
    await stage.twin.inject({ fault: "withhold-evidence", kinds: ["config"] });
    const up = await tryOnce(scale(), { value: "up" });
    await expect.poll(running, { timeout: 10_000 }).toBe(2);
    await expect
      .poll(async () => (await sightOf(scale(), up.attempt)).kind, { timeout: 5_000 })
      .toBe("withheld");
    await stage.twin.clear();
    await seen(scale(), up);
  });

  test("waits for the replica, and at last takes the configuration's word", async () => {
    await stage.twin.inject({ fault: "withhold-evidence", kinds: ["instances"] });
    const up = await tryOnce(scale(), { value: "up" });
    await expect
      .poll(() => sightOf(scale(), up.attempt), { timeout: 5_000 })
      .toMatchObject({ kind: "withheld", problem: { detail: expect.stringContaining("2 in") } });
    const last = await sightOf(scale(), { ...up.attempt, settlesAt: Date.now() });
    expect(last.kind).toBe("seen");
    await stage.twin.clear();
  });
});

async function seen(action: Action, tried: Tried): Promise<JsonObject> {
  const sighting = await vi.waitFor(
    async () => {
      const now = await sightOf(action, tried.attempt);
      if (now.kind !== "seen") throw new Error(JSON.stringify(now));
      return now;
    },
    { timeout: 15_000, interval: 100 },
  );
  return sighting.evidence;
}
