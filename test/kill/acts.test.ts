import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { IS_LONG } from "../support/long.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { actOn } from "../../twin/acting.ts";
import { at } from "../../twin/asking.ts";
import { bringUp } from "../support/guarded-api.ts";
import { untilTold } from "./expect.ts";
import { openStage, type Run, type Stage } from "./stage.ts";

/**
 * Promise P4 for the acts on releases: killed with SIGKILL around the call, left without an answer or evidence, or carried out
 * late, a rollback goes to the right target once, and a replica is added once. What makes the daemon act is a dead
 * PostgreSQL; what it does about it is exchanged, because only the ledger is on trial.
 */
/**
 * All acts pass the ledger alike (`ledger.test.ts` kills at each of its steps), so around the call only the side that differs is
 * killed here: after it for a rollback, before it for a replica. `npm run test:long` kills at all of them.
 */
const STEPS = ["ledger:started", "call:before", "call:after", "ledger:accepted"] as const;
type KillAt = (typeof STEPS)[number];
const stepsOf = (one: KillAt): readonly KillAt[] => (IS_LONG ? STEPS : [one]);
/** Longer than the call may take, and than the platform is late. */
const SETTLE = "3s";
const REGION = "europe-west4-drams3a";

vi.setConfig({ testTimeout: 90_000 });

let stage: Stage;
let acting: ReturnType<typeof actOn>;
beforeAll(async () => {
  stage = await openStage();
  acting = actOn(stage.twin);
  stage.twin.setTerms({ buildMs: 50, overlapMs: 50, acceptMs: 100, applyMs: 100 });
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  await stage.twin.clear();
  await acting.setAutodeploy(true);
});

describe("a rollback", () => {
  it.each(stepsOf("call:after"))("killed at %s: right, once, frozen", async (killAt) => {
    await using run = await stage.begin({ settle: SETTLE, act: { action: "rollback" } });
    const { good, bad, before } = await shipBad();
    const first = await run.daemon(killAt);
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await first.ended;
    await run.daemon();
    await untilSeen(run);
    expect(acting.api().autodeploy).toBe(false);
    expect(stage.twin.push({ commit: bad }).deploymentId).toBeNull();
    await bringUp(stage.twin);
    await untilTold(run, "Resolved:");
    expect(made("rollback") - before).toBe(1);
    expect(acting.live()).toMatchObject({ commit: good, reason: "rollback" });
    // A dead database keeps nothing frozen once it is over.
    expect(acting.api().autodeploy).toBe(true);
  });

  it.each([
    ["lose-answer", "destroy"],
    ...(IS_LONG
      ? ([
          ["late-mutation", "hang"],
          ["never-executed", "destroy"],
        ] as const)
      : []),
  ] as const)("with %s: the right target, once", async (fault, how) => {
    await using run = await stage.begin({ act: { action: "rollback" } });
    const { good, before } = await shipBad();
    await run.daemon();
    const operation = "deploymentRollback";
    await stage.twin.inject(
      fault === "late-mutation"
        ? { fault, operation, times: 1, ms: 3_500, how }
        : { fault, operation, times: 1 },
    );
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await untilSeen(run);
    await bringUp(stage.twin);
    await untilTold(run, "Resolved:");
    expect(made("rollback") - before).toBe(1);
    expect(acting.live()).toMatchObject({ commit: good, reason: "rollback" });
  });

  // As `doubt.test.ts` shows of a restart.
  it.runIf(IS_LONG)("carried out only after the daemon is back counts all the same", async () => {
    await using run = await stage.begin({ settle: "20s", act: { action: "rollback" } });
    const { good, before } = await shipBad();
    const first = await run.daemon();
    await stage.twin.inject({ fault: "hold-before", operation: "deploymentRollback" });
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await untilAsked("deploymentRollback");
    await first.kill();
    await run.daemon();
    expect(made("rollback") - before).toBe(0);
    await stage.twin.clear("hold-before");
    stage.twin.release();
    await untilSeen(run);
    await bringUp(stage.twin);
    await untilTold(run, "Resolved:");
    expect(made("rollback") - before).toBe(1);
    expect(acting.live().commit).toBe(good);
  });

  it.each(IS_LONG ? ["call:before", "call:after"] : ["call:after"])(
    "killed at %s with evidence withheld: never repeated, a person is asked",
    async (killAt) => {
      await using run = await stage.begin({ settle: SETTLE, act: { action: "rollback" } });
      const { before } = await shipBad();
      const first = await run.daemon(killAt);
      await stage.twin.inject({ fault: "withhold-evidence", kinds: ["deployments", "status"] });
      await stage.twin.inject({ fault: "kill", service: "Postgres" });
      await first.ended;
      await run.daemon();
      await untilTold(run, "Needs a person:");
      expect(made("rollback") - before).toBe(killAt === "call:after" ? 1 : 0);
      const { attempts } = await run.books();
      expect(attempts.filter((attempt) => attempt.slot === "remedy")).toMatchObject([
        { state: "unknown" },
      ]);
      await stage.twin.clear();
      await bringUp(stage.twin);
    },
  );
});

describe("another replica", () => {
  afterEach(async () => {
    await acting.patch({ [REGION]: { numReplicas: 1 } });
    await untilReplicas(1);
  });

  const act = { action: "scale", with: { value: "up" } };

  it.each(stepsOf("call:before"))(
    "killed at %s: is added once, and taken away again",
    async (killAt) => {
      await using run = await stage.begin({ settle: SETTLE, act });
      const first = await run.daemon(killAt);
      await stage.twin.inject({ fault: "kill", service: "Postgres" });
      await first.ended;
      await run.daemon();
      await untilSeen(run);
      await untilReplicas(2);
      await bringUp(stage.twin);
      await untilTold(run, "Resolved:");
      await untilReplicas(1);
    },
  );

  it.runIf(IS_LONG)("with a lost answer: is added once, and taken away again", async () => {
    await using run = await stage.begin({ act });
    await run.daemon();
    const operation = "environmentPatchCommit";
    await stage.twin.inject({ fault: "lose-answer", operation, times: 1 });
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await untilSeen(run);
    await untilReplicas(2);
    await bringUp(stage.twin);
    await untilTold(run, "Resolved:");
    await untilReplicas(1);
  });

  it("killed after the call with the configuration withheld: a person is asked", async () => {
    await using run = await stage.begin({ settle: SETTLE, act });
    const first = await run.daemon("call:after");
    await stage.twin.inject({ fault: "withhold-evidence", kinds: ["config"] });
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await first.ended;
    // The configuration is withheld, so only the processes show it.
    await waitFor("it has happened", 10_000, async () =>
      acting.pids().length === 2 ? true : null,
    );
    await run.daemon();
    await untilTold(run, "Needs a person:");
    expect(acting.pids()).toHaveLength(2);
    await stage.twin.clear();
    await bringUp(stage.twin);
  });
});

/** A good commit that was deployed three times and is removed by now, and a bad one that serves. */
async function shipBad(): Promise<{ good: string | null; bad: string; before: number }> {
  await acting.settled(stage.twin.push({ message: "Good" }).deploymentId);
  await acting.settled(stage.twin.move());
  await acting.settled(stage.twin.move());
  const target = acting.live();
  const bad = stage.twin.push({ message: "Bad" });
  await acting.settled(bad.deploymentId);
  await waitFor("the good one is removed", 10_000, async () => {
    const shown = await acting.of(target.id);
    return at(shown, "status") === "REMOVED" && at(shown, "canRollback") === true ? true : null;
  });
  return { good: target.commit, bad: bad.commit, before: made("rollback") };
}

function made(reason: string): number {
  return acting.api().deployments.filter((one) => one.reason === reason).length;
}

/** Asked for and running: one more than wanted would not be `count` of them. */
async function untilReplicas(count: number): Promise<void> {
  await waitFor(`${count} replicas are wanted and run`, 10_000, async () => {
    const shown = at(await acting.config(), `deploy.multiRegionConfig.${REGION}.numReplicas`);
    return shown === count && acting.pids().length === count ? true : null;
  });
}

async function untilSeen(run: Run): Promise<void> {
  await waitFor("the act was seen to have happened", 40_000, async () =>
    (await run.books()).attempts.some(
      ({ slot, state }) =>
        slot === "remedy" && ["seen", "effective", "ineffective"].includes(state),
    )
      ? true
      : null,
  );
}

async function untilAsked(operation: string): Promise<void> {
  const asked = () =>
    stage.twin.state().counters.mutations.filter((one) => one.operation === operation).length;
  const before = asked();
  await waitFor(`${operation} was asked for`, 20_000, async () => (asked() > before ? true : null));
}
