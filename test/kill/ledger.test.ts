import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { waitFor } from "../../src/gameday/wait.ts";
import { fold } from "../../src/core/replay.ts";
import { openStage, type Run, type Stage } from "./stage.ts";

/**
 * Promise P4: the daemon is killed with SIGKILL at every step of the ledger and started again. Whatever the
 * step, PostgreSQL is restarted exactly once where the platform shows evidence, and people hear of the end.
 */
describe("killed at every step", { timeout: 60_000 }, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  it.each([
    "ledger:planned",
    "ledger:started",
    "call:before",
    "call:after",
    "ledger:accepted",
    "ledger:seen",
    "verifying",
    "ledger:effective",
    "notice:stored",
    "notice:sending",
    "notice:sent",
  ])("%s: one restart, healed, told", async (killAt) => {
    await using run = await stage.begin();
    const first = await run.daemon(killAt);
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await first.ended;
    await run.daemon();
    await untilTold(run, "Resolved:");

    expect(run.restarts()).toBe(1);
    const books = await run.books();
    expect(books.incidents).toMatchObject([{ kind: "database-down", ending: "resolved" }]);
    await untilWritable(run);
    await expectTold(run);
    // The journal is the truth: folding it gives the snapshot that the incident's row holds.
    const folded = fold(books.entries);
    expect(folded.incidents).toEqual(
      Object.fromEntries(books.incidents.map((incident) => [incident.id, incident])),
    );
  });

  it.each([
    ["call:before", 0],
    ["call:after", 1],
    ["ledger:accepted", 1],
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

  it.each([
    ["lose-answer", 1],
    ["never-executed", 1],
  ] as const)("without a kill: %s of the restart leads to one restart", async (fault, restarts) => {
    await using run = await stage.begin();
    await run.daemon();
    await stage.twin.inject({ fault, operation: "deploymentRestart", times: 1 });
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await untilTold(run, "Resolved:");
    expect(run.restarts()).toBe(restarts);
  });
});

async function untilTold(run: Run, title: string): Promise<void> {
  await waitFor(`Slack shows "${title}"`, 40_000, async () =>
    (await run.slack()).some((text) => text.includes(`*${title}`)) ? true : null,
  );
}

/** The switch is off at once; the app's own pool may need another try to find its database again. */
async function untilWritable(run: Run): Promise<void> {
  await waitFor("writes are accepted", 5_000, async () => {
    const { status, text } = await run.write();
    expect(text).not.toContain("read-only");
    return status === 201 ? true : null;
  });
}

/** Every notice arrived, the last one last, at most one twice, and that one is marked. */
async function expectTold(run: Run): Promise<void> {
  const deliveries = await waitFor("all notices are delivered", 10_000, async () => {
    const { deliveries } = await run.books();
    return deliveries.every((delivery) => delivery.state === "delivered") ? deliveries : null;
  });
  const messages = await run.slack();
  const repeats = messages.filter((text) => text.includes("(Repeat:"));
  expect(repeats.length).toBeLessThanOrEqual(1);
  expect(messages.length).toBeGreaterThanOrEqual(deliveries.length);
  expect(messages.length).toBeLessThanOrEqual(deliveries.length + repeats.length);
  expect(messages.at(-1)).toContain(deliveries.at(-1)?.notice.title);
}
