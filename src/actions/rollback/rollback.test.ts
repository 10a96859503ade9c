import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import type { Action } from "../../ports/action.ts";
import { openActionStage, type ActionStage } from "../stage.fixture.ts";
import { plannedAttempt, sightOf, tryOnce, type Tried } from "../testing.ts";

// At the twin: real deployments of releases that really differ.

vi.setConfig({ testTimeout: 60_000 });

let stage: ActionStage;
let rollback: Action;

beforeAll(async () => {
  stage = await openActionStage();
  rollback = stage.action("rollback");
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(async () => {
  await stage.acting.settled(stage.twin.push({ message: "Good" }).deploymentId);
});
afterEach(() => stage.twin.clear());

describe("goes back once, to the right target", () => {
  test("that is REMOVED and whose commit was deployed three times", async () => {
    const { twin, acting } = stage;
    const good = acting.live().commit;
    await acting.settled(twin.move());
    await acting.settled(twin.move());
    const newest = acting.live().id;
    await push({ message: "Bad" });
    await removed(newest);
    const before = stage.made("rollback");
    const tried = await tryOnce(rollback);
    expect(tried.preparation).toMatchObject({
      plan: { targetId: newest, target: { commit: good } },
      platform: { obstacle: null },
    });
    expect(tried.answer.kind).toBe("accepted");
    const evidence = await seen(tried);
    expect(evidence).toMatchObject({ commit: good, status: "SUCCESS" });
    expect(acting.live()).toMatchObject({ commit: good, id: evidence["deploymentId"] });
    expect(stage.made("rollback") - before).toBe(1);
  });

  test.each(["lose-answer", "late-mutation"] as const)("although %s", async (fault) => {
    const good = stage.acting.live();
    await push({ message: "Bad" });
    await removed(good.id);
    const before = stage.made("rollback");
    const operation = "deploymentRollback";
    await stage.twin.inject(
      fault === "lose-answer"
        ? { fault, operation, times: 1 }
        : { fault, operation, times: 1, ms: 600 },
    );
    const tried = await tryOnce(rollback);
    expect(tried.answer.kind).toBe("unclear");
    expect(await seen(tried)).toMatchObject({ commit: good.commit });
    expect(stage.made("rollback") - before).toBe(1);
  });

  test("while the bad commit is pushed again at the same moment, which is told apart", async () => {
    const { twin, acting } = stage;
    const good = acting.live();
    const { commit } = await push({ message: "Bad" });
    await removed(good.id);
    twin.setTerms({ buildMs: 1_500 });
    const before = stage.made("rollback");
    const tried = await tryOnce(rollback);
    await expect.poll(() => stage.made("rollback") - before, { timeout: 5_000 }).toBe(1);
    const again = twin.push({ commit });
    await listed(again.deploymentId);
    const evidence = await seen(tried);
    twin.setTerms({ buildMs: 50 });
    expect(evidence).toMatchObject({ commit: good.commit });
    expect(evidence["deploymentId"]).not.toBe(again.deploymentId);
    expect(JSON.stringify(evidence["shown"])).toContain(again.deploymentId ?? "");
    await acting.settled(again.deploymentId);
  });
});

describe("says before it starts", () => {
  test("that no image of an earlier release is kept", async () => {
    await push({ message: "Bad" });
    stage.twin.setTerms({ imageRetentionMs: 0 });
    await expect
      .poll(async () => (await prepared()).platform?.obstacle?.code, { timeout: 5_000 })
      .toBe("no-rollback-target");
    stage.twin.setTerms({ imageRetentionMs: 3_600_000 });
  });

  test("that the database was migrated on the way, and caps the mode", async () => {
    const good = stage.acting.live();
    await push({ settings: { preDeployCommand: ["alembic upgrade head"] } });
    await removed(good.id);
    expect((await prepared()).platform).toMatchObject({
      obstacle: null,
      cap: { mode: "suggest", code: "migration-between" },
    });
    await push({ settings: { preDeployCommand: null } });
  });

  test("that another deployment is under way, but not when it ships the bad commit once more", async () => {
    const { twin, acting } = stage;
    const good = acting.live();
    const { commit } = await push({ message: "Bad" });
    await removed(good.id);
    twin.setTerms({ buildMs: 3_000 });
    const other = twin.push({ message: "Fix" });
    await listed(other.deploymentId);
    expect((await prepared()).platform?.obstacle?.code).toBe("deployment-in-flight");
    await acting.mutate("deploymentCancel", { id: other.deploymentId });
    const same = twin.push({ commit });
    await listed(same.deploymentId);
    expect((await prepared()).platform?.obstacle).toBeNull();
    await acting.mutate("deploymentCancel", { id: same.deploymentId });
    twin.setTerms({ buildMs: 50 });
  });
});

describe("is not concluded not to have happened", () => {
  test.each([
    ["the list of deployments", ["deployments"]],
    ["everything", undefined],
  ] as const)("while %s is withheld", async (_name, kinds) => {
    const good = stage.acting.live();
    await push({ message: "Bad" });
    await removed(good.id);
    const before = stage.made("rollback");
    await stage.twin.inject({
      fault: "withhold-evidence",
      ...(kinds === undefined ? {} : { kinds: [...kinds] }),
    });
    const tried = await tryOnce(rollback);
    await expect.poll(() => stage.made("rollback") - before, { timeout: 5_000 }).toBe(1);
    await stage.acting.settled(stage.acting.api().deployments[0]?.id ?? null);
    await expect
      .poll(async () => (await sightOf(rollback, tried.attempt)).kind, { timeout: 5_000 })
      .toBe("withheld");
    await stage.twin.clear();
    expect(await seen(tried)).toMatchObject({ commit: good.commit });
  });

  test("but is when everything is shown and nothing came", async () => {
    const good = stage.acting.live();
    await push({ message: "Bad" });
    await removed(good.id);
    await stage.twin.inject({ fault: "never-executed", operation: "deploymentRollback" });
    const tried = await tryOnce(rollback);
    expect(tried.answer.kind).toBe("unclear");
    expect(await sightOf(rollback, tried.attempt)).toMatchObject({ kind: "nothing" });
  });
});

test("tells by name which variables it brought back", async () => {
  const { acting } = stage;
  const before = acting.live();
  await acting.upsert("THEME", "dark", false);
  await acting.upsert("RATE_LIMIT_PER_MINUTE", "7000", true);
  await push({ message: "Bad" });
  await removed(before.id);
  const evidence = await seen(await tryOnce(rollback));
  const words = JSON.stringify(evidence["shown"]);
  expect(words).toMatch(/THEME|RATE_LIMIT_PER_MINUTE/);
  expect(words).not.toMatch(/7000|dark/);
});

async function push(asked: Parameters<ActionStage["twin"]["push"]>[0]) {
  const pushed = stage.twin.push(asked);
  await stage.acting.settled(pushed.deploymentId);
  await listed(pushed.deploymentId);
  return pushed;
}

async function listed(id: string | null): Promise<void> {
  await expect
    .poll(async () => JSON.stringify(await stage.acting.list()), { timeout: 5_000 })
    .toContain(id ?? "");
}

/** Until Railway shows it as one that can be gone back to, like most targets. */
async function removed(id: string): Promise<void> {
  await expect
    .poll(() => stage.acting.of(id), { timeout: 10_000 })
    .toMatchObject({ status: "REMOVED", canRollback: true });
}

function prepared() {
  return rollback.prepare(plannedAttempt(rollback), new AbortController().signal);
}

async function seen(tried: Tried) {
  const sighting = await vi.waitFor(
    async () => {
      const now = await sightOf(rollback, tried.attempt);
      if (now.kind !== "seen") throw new Error(JSON.stringify(now));
      return now;
    },
    { timeout: 15_000, interval: 100 },
  );
  return sighting.evidence;
}
