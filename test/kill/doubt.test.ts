import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { IS_LONG } from "../support/long.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { expectTold, untilTold } from "./expect.ts";
import { openStage, type Stage } from "./stage.ts";

/** Where the platform does not show whether it happened, or lets it happen late: never twice, and a person is asked. */
describe("in doubt", { timeout: 60_000 }, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  it.each([
    ["call:after", 1],
    // Before the call nothing happened, and nobody can know it either; the answer after it is no evidence.
    ...(IS_LONG
      ? ([
          ["call:before", 0],
          ["ledger:accepted", 1],
        ] as const)
      : []),
  ] as const)(
    "%s with evidence withheld: never repeated, a person is asked",
    async (killAt, happened) => {
      await using run = await stage.begin();
      await stage.twin.inject({ fault: "withhold-evidence" });
      const first = await run.daemon(killAt);
      await stage.twin.inject({ fault: "kill", service: "Postgres" });
      await first.ended;
      await run.daemon();
      await untilTold(run, "Needs a person:");

      expect(run.restarts()).toBe(happened);
      const { attempts } = await run.books();
      expect(attempts.filter((attempt) => attempt.slot === "remedy")).toMatchObject([
        { state: "unknown" },
      ]);
      // Where it had happened all the same, the fresh samples say so in the end; nothing more is done for it.
      if (happened === 1) await untilTold(run, "Resolved:");
      expect(run.restarts()).toBe(happened);
      await expectTold(run);
    },
  );

  it("counts a restart that is carried out only after the daemon is back", async () => {
    await using run = await stage.begin({ settle: "20s" });
    const first = await run.daemon();
    await stage.twin.inject({ fault: "hold-before", operation: "deploymentRestart" });
    const received = stage.twin.state().counters.mutations.length;
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await waitFor("the restart was asked for", 20_000, async () =>
      stage.twin.state().counters.mutations.length > received ? true : null,
    );
    await first.kill();
    const second = await run.daemon();
    expect(run.restarts()).toBe(0);
    await stage.twin.clear("hold-before");
    stage.twin.release();
    await untilTold(run, "Resolved:");
    expect(run.restarts()).toBe(1);
    expect(second.log()).not.toContain('"level":"error"');
    const { attempts } = await run.books();
    expect(attempts.filter((attempt) => attempt.slot === "remedy")).toMatchObject([
      { state: "effective" },
    ]);
  });

  it.each([["lose-answer", 1], ...(IS_LONG ? ([["never-executed", 1]] as const) : [])] as const)(
    "without a kill: %s of the restart leads to one restart",
    async (fault, restarts) => {
      await using run = await stage.begin();
      await run.daemon();
      await stage.twin.inject({ fault, operation: "deploymentRestart", times: 1 });
      await stage.twin.inject({ fault: "kill", service: "Postgres" });
      await untilTold(run, "Resolved:");
      expect(run.restarts()).toBe(restarts);
    },
  );

  it("does its whole job with PostgreSQL and Redis both dead", async () => {
    await using run = await stage.begin();
    await run.daemon();
    if (stage.twin.state().services.some(({ name, running }) => name === "Redis" && running)) {
      await stage.twin.inject({ fault: "kill", service: "Redis" });
    }
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await untilTold(run, "Resolved:");
    expect(run.restarts()).toBe(1);
  });
});
