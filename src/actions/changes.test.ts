import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import type { PlatformChange } from "../domain/facts.ts";
import { success } from "../railway/result.ts";
import type { Look } from "../railway/railway.ts";
import type { Execution } from "../railway/schema.ts";
import { changesIn } from "./changes.ts";
import { openActionStage, type ActionStage } from "./stage.fixture.ts";
import { plannedAttempt } from "./testing.ts";

// What somebody does at the twin, as an act reads it before its start.

vi.setConfig({ testTimeout: 60_000 });

const NEVER = new AbortController().signal;

let stage: ActionStage;

beforeAll(async () => {
  stage = await openActionStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

async function since(at: number, kind: "restart" | "rollback"): Promise<readonly PlatformChange[]> {
  const action = stage.action(kind);
  const { platform } = await action.prepare(plannedAttempt(action), NEVER);
  return (platform?.changes ?? []).filter((change) => change.at >= at);
}

describe("an act reads before its start", () => {
  test("nothing, while nobody does anything", async () => {
    expect(await since(Date.now() - 1, "restart")).toEqual([]);
  });

  test("a restart by somebody, once", async () => {
    const { acting } = stage;
    const at = Date.now();
    const { id } = acting.live();
    await acting.mutate("deploymentRestart", { id });
    await expect
      .poll(() => since(at, "restart"), { timeout: 10_000 })
      .toMatchObject([{ what: "start", deployment: id }]);
    await acting.settled(id);
    expect(await since(at, "restart")).toHaveLength(1);
  });

  test.each(["push", "move"] as const)("a deployment that somebody made: %s", async (how) => {
    const { acting, twin } = stage;
    const at = Date.now();
    const id = how === "push" ? twin.push({ message: "A fix" }).deploymentId : twin.move();
    await expect
      .poll(() => since(at, "restart"), { timeout: 10_000 })
      .toMatchObject([{ what: "deployment", deployment: id }]);
    await acting.settled(id);
    // Its first process replaces none of its own.
    const [change, ...others] = await since(at, "rollback");
    expect(others).toEqual([]);
    expect(change?.words).toContain('"A fix"');
    // The push and the move run one release, and a look back tells it as well; a look before an act has no use for it.
    const inspect = stage.action("inspect");
    const back = { ...plannedAttempt(inspect), slot: "evidence" } as const;
    const looked = await inspect.perform(back, NEVER);
    const told = looked.kind === "done" ? looked.evidence["changes"] : null;
    // It goes on meanwhile, and its words say how far it is.
    expect(told).toContainEqual({ ...change, words: expect.stringContaining('"A fix"') });
    expect(change?.release).toMatch(/^[0-9a-f]{7,}$/);
    expect(await inspect.perform({ ...back, slot: "inspect" }, NEVER)).not.toHaveProperty(
      "evidence.changes",
    );
  });
});

describe("starts", () => {
  const run = (id: string, createdAt: number, more: Partial<Execution> = {}): Execution => ({
    id,
    status: "RUNNING",
    createdAt,
    completedAt: null,
    deploymentId: "d1",
    ...more,
  });

  function starts(...rows: Execution[]): readonly PlatformChange[] {
    const deployment = {
      id: "d1",
      status: "SUCCESS",
      statusUpdatedAt: 0,
      createdAt: 0,
      deploymentStopped: false,
      instances: [],
    };
    const service = {
      id: "s",
      serviceId: "s",
      serviceName: "s",
      latestDeployment: deployment,
      activeDeployments: [deployment],
    };
    const look = {
      service: success(service),
      deployments: success([deployment]),
      executions: success(rows),
    } as unknown as Look;
    return changesIn(look).filter(({ what }) => what === "start");
  }

  test("are those that take the place of an ended process of the same deployment", () => {
    const ended = { status: "EXITED", completedAt: 5_000 };
    expect(starts(run("a", 0, ended), run("b", 5_100))).toMatchObject([
      { at: 5_100, afterCrash: false },
    ]);
    // More replicas, and a deployment's first process, replace nothing.
    expect(starts(run("a", 0), run("b", 5_100))).toEqual([]);
    expect(starts(run("a", 0, { ...ended, deploymentId: "d0" }), run("b", 5_100))).toEqual([]);
  });

  test("say when the process before crashed", () => {
    const crashed = { status: "CRASHED", completedAt: 5_000 };
    expect(starts(run("a", 0, crashed), run("b", 5_100))).toMatchObject([{ afterCrash: true }]);
  });
});
