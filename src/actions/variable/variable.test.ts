import { request } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

import { at } from "../../../twin/asking.ts";
import type { Fault } from "../../../twin/platform/faults.ts";
import type { Attempt } from "../../domain/attempt.ts";
import { textOf, type JsonObject } from "../../domain/json.ts";
import type { Answer, Preparation } from "../../ports/action.ts";
import { openActionStage, type ActionStage } from "../stage.fixture.ts";
import { plannedAttempt, sightOf } from "../testing.ts";

// A variable at the twin, whose API is really deployed anew with it and then refuses writes.

vi.setConfig({ testTimeout: 30_000 });

const NEVER = new AbortController().signal;
const FLAG = { name: "READ_ONLY", on: "1", off: "0" };
const ON: JsonObject = { switch: "read-only", value: "on", ...FLAG };

let stage: ActionStage;

beforeAll(async () => {
  stage = await openActionStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(() => stage.twin.clear());

/** Another one each time, as a daemon that was started anew has it. */
const action = () => stage.action("variable");
const value = async (): Promise<unknown> => at(await stage.acting.variables(), FLAG.name);
const deployments = () => stage.made("variables");

async function refuses(): Promise<boolean> {
  const answer = await request(`${stage.twin.urls.api}/anything`, { method: "POST" });
  await answer.body.dump();
  return answer.headers["x-signalman-switch"] === "read-only";
}

/** A connection that is kept alive ends with the old process. */
async function obeys(wanted: boolean): Promise<void> {
  await expect.poll(refuses, { timeout: 20_000 }).toBe(wanted);
}

async function prepare(params: JsonObject): Promise<Preparation> {
  return action().prepare(plannedAttempt(action(), params), NEVER);
}

/** As a person's approval would let it go. */
async function begin(
  params: JsonObject,
  fault?: Fault,
): Promise<{ attempt: Attempt; answer: Answer }> {
  const { plan } = await prepare(params);
  if (fault !== undefined) await stage.twin.inject(fault);
  const now = Date.now();
  const attempt: Attempt = {
    ...plannedAttempt(action(), params),
    state: "started",
    plan,
    startedAt: now,
    settlesAt: now + 60_000,
    tries: 1,
  };
  return { attempt, answer: await action().perform(attempt, NEVER) };
}

async function seen(attempt: Attempt): Promise<JsonObject> {
  return vi.waitFor(
    async () => {
      const sighting = await sightOf(action(), attempt);
      if (sighting.kind !== "seen") throw new Error(JSON.stringify(sighting));
      return sighting.evidence;
    },
    { timeout: 10_000, interval: 100 },
  );
}

async function settle(attempt: Attempt): Promise<void> {
  const { deploymentId } = await seen(attempt);
  await stage.acting.settled(textOf(deploymentId));
}

const undoOf = ({ plan }: Pick<Attempt, "plan">) => plan["undo"] as JsonObject;

test("waits for a person, whatever is configured", async () => {
  const { platform, plan } = await prepare(ON);
  expect(platform).toMatchObject({
    obstacle: null,
    cap: { mode: "suggest", code: "switch-needs-approval" },
  });
  const off = await prepare(plan["undo"] as JsonObject);
  expect(off.platform?.cap).toBeUndefined();
});

test("makes the app read-only once, also when its answer is lost, and not for good", async () => {
  const { twin } = stage;
  const before = deployments();
  const { attempt, answer } = await begin(ON, {
    fault: "lose-answer",
    operation: "variableUpsert",
    times: 1,
  });
  expect(answer.kind).toBe("unclear");
  // The variable says so long before anything serves with it.
  expect(await value()).toBe("1");
  expect((await sightOf(action(), attempt)).kind).not.toBe("seen");
  await settle(attempt);
  await obeys(true);
  expect(deployments()).toBe(before + 1);
  // There was no such variable. Its end lands late.
  const operation = "variableDelete";
  const off = await begin(undoOf(attempt), { fault: "late-mutation", operation, ms: 300 });
  expect(off.answer.kind).toBe("unclear");
  expect((await sightOf(action(), off.attempt)).kind).not.toBe("seen");
  await settle(off.attempt);
  await obeys(false);
  expect([await value(), deployments()]).toEqual([undefined, before + 2]);
  // Asked again, by a life that does not know that it was done.
  await twin.clear();
  expect((await begin(undoOf(attempt))).answer).toMatchObject({ kind: "done" });
  expect(deployments()).toBe(before + 2);
});

test.each<[string, Fault, Answer["kind"]]>([
  ["never arrives", { fault: "never-executed", operation: "variableUpsert" }, "unclear"],
  [
    "is refused",
    { fault: "refuse-mutation", operation: "variableUpsert", message: "Not Authorized" },
    "rejected",
  ],
])("a call that %s did not happen", async (_, fault, kind) => {
  const before = deployments();
  const { attempt, answer } = await begin(ON, fault);
  expect(answer.kind).toBe(kind);
  expect((await sightOf(action(), attempt)).kind).toBe("nothing");
  expect([await value(), deployments()]).toEqual([undefined, before]);
});

test("a deployment that does not come up is no success, and what is written is not forgotten", async () => {
  const { acting, twin } = stage;
  twin.setTerms({ buildMs: 60_000 });
  const { attempt } = await begin(ON);
  await expect.poll(async () => JSON.stringify(await acting.list())).toContain("BUILDING");
  await acting.mutate("deploymentCancel", { id: acting.api().deployments[0]?.id });
  twin.setTerms({ buildMs: 50 });
  const last = { ...attempt, settlesAt: 0 };
  await expect
    .poll(() => sightOf(action(), last))
    .toMatchObject({ kind: "withheld", problem: { code: "evidence-withheld" } });
  await expect
    .poll(async () => (await prepare(undoOf(attempt))).plan)
    .toMatchObject({ step: "write", set: null });
  await acting.upsert(FLAG.name, "0", true);
});

test("nothing is concluded while evidence is withheld, and a rollback is noticed without a call", async () => {
  const { acting, twin } = stage;
  const before = acting.live().id;
  const hidden: Fault = { fault: "withhold-evidence", kinds: ["deployments", "executions"] };
  const { attempt } = await begin(ON, hidden);
  const last = { ...attempt, settlesAt: 0 };
  await obeys(true);
  expect(await sightOf(action(), last)).toMatchObject({ kind: "withheld" });
  await twin.inject({ fault: "withhold-evidence", kinds: ["variables"], how: "error" });
  expect(await sightOf(action(), last)).toMatchObject({ kind: "withheld" });
  await twin.clear();
  await settle(attempt);
  const recheck = { ...undoOf(attempt), recheck: true };
  expect((await begin(recheck)).answer).toMatchObject({ kind: "rejected" });
  await acting.mutate("deploymentRollback", { id: before });
  await expect.poll(value, { timeout: 5_000 }).toBeUndefined();
  const made = deployments();
  expect((await begin(recheck)).answer).toMatchObject({ kind: "done" });
  await obeys(false);
  expect(deployments()).toBe(made);
});

describe("leaves alone", () => {
  test.each([
    ["what holds something else", "maybe"],
    ["a reference", "${{shared.READ_ONLY}}"],
    ["what is on already", "1"],
  ])("%s", async (_, present) => {
    await stage.acting.upsert(FLAG.name, present, true);
    const { answer } = await begin(ON);
    expect(answer).toMatchObject({ kind: "rejected", problem: { code: "variable-unexpected" } });
    const { platform } = await prepare(ON);
    expect(platform?.obstacle?.code).toBe("variable-unexpected");
    expect(JSON.stringify(platform)).not.toContain(present === "1" ? "nothing" : present);
    await stage.acting.upsert(FLAG.name, "0", true);
  });

  test("what a person has set since", async () => {
    const undo = { value: "off", ...FLAG, restore: "0", since: Date.now() };
    await stage.acting.upsert(FLAG.name, "maybe", true);
    expect((await begin(undo)).answer).toMatchObject({ kind: "done" });
    expect(await value()).toBe("maybe");
    await stage.acting.upsert(FLAG.name, "0", true);
  });

  test("a deployment under way: it is waited for", async () => {
    stage.twin.setTerms({ buildMs: 60_000 });
    const { deploymentId } = stage.twin.push();
    await expect
      .poll(async () => JSON.stringify(await stage.acting.list()))
      .toContain(deploymentId);
    const { platform } = await prepare(ON);
    expect(platform?.obstacle?.code).toBe("deployment-in-flight");
    await stage.acting.mutate("deploymentCancel", { id: deploymentId });
    stage.twin.setTerms({ buildMs: 50 });
  });
});
