import { rmSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { waitFor } from "../../src/gameday/wait.ts";
import { pausePath } from "../../src/storage/pause-file.ts";
import { bringUp } from "../support/guarded-api.ts";
import { openStage, type Run, type Stage } from "./stage.ts";

/** Promise P7: what was switched for the emergency is a lease. */
describe("leases and pause", { timeout: 60_000 }, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  it("lets the app write again within the lease when the daemon is dead for good", async () => {
    await using run = await stage.begin({ lease: "3s", renew: "1s" });
    await stage.twin.inject({ fault: "restart-fails", service: "Postgres" });
    const daemon = await run.daemon();
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    // Renewed at least once, so that it is the last end that counts.
    await waitFor("the lease was renewed", 20_000, async () =>
      (await run.books()).attempts.some(
        (attempt) => attempt.slot === "renew" && attempt.state === "seen",
      )
        ? true
        : null,
    );
    expect(await refusedByReadOnly(run)).toBe(true);
    await daemon.kill();
    const killedAt = Date.now();
    await waitFor("the app refuses no more", 10_000, async () =>
      (await refusedByReadOnly(run)) ? null : true,
    );
    expect(Date.now() - killedAt).toBeLessThanOrEqual(3_000 + 500);
  });

  it("does nothing while paused, says what is held, and goes on after resume", async () => {
    await using run = await stage.begin();
    writeFileSync(pausePath(run.folder), "");
    await run.daemon();
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await waitFor("Slack says what is held", 20_000, async () =>
      (await run.slack()).some((text) => text.includes("*Held back: restart of postgres (paused)*"))
        ? true
        : null,
    );
    expect(run.restarts()).toBe(0);
    expect(await refusedByReadOnly(run)).toBe(false);
    rmSync(pausePath(run.folder));
    await waitFor("it is resolved", 30_000, async () =>
      (await run.books()).incidents[0]?.ending === "resolved" ? true : null,
    );
    expect(run.restarts()).toBe(1);
  });

  it("ends a lease that must end while paused", async () => {
    await using run = await stage.begin();
    await stage.twin.inject({ fault: "restart-fails", service: "Postgres" });
    await run.daemon();
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await waitFor("read-only mode is on", 20_000, async () =>
      (await refusedByReadOnly(run)) ? true : null,
    );
    writeFileSync(pausePath(run.folder), "");
    await waitFor("the pause is journalled", 5_000, async () =>
      (await run.books()).entries.some((entry) => entry.event.type === "pause") ? true : null,
    );
    await stage.twin.clear("restart-fails");
    // A person repairs it by hand.
    const restarts = run.restarts();
    void bringUp(stage.twin).catch(() => undefined);
    await waitFor("it is resolved", 30_000, async () =>
      (await run.books()).incidents[0]?.ending === "resolved" ? true : null,
    );
    expect(await refusedByReadOnly(run)).toBe(false);
    const { attempts } = await run.books();
    expect(attempts.filter((attempt) => attempt.slot === "undo")).toMatchObject([
      { state: "seen" },
    ]);
    expect(run.restarts() - restarts).toBeLessThanOrEqual(1);
  });

  it("switches off what a lost journal left on", async () => {
    await using before = await stage.begin();
    await stage.twin.inject({ fault: "restart-fails", service: "Postgres" });
    const daemon = await before.daemon();
    await stage.twin.inject({ fault: "kill", service: "Postgres" });
    await waitFor("read-only mode is on", 20_000, async () =>
      (await refusedByReadOnly(before)) ? true : null,
    );
    await daemon.kill();
    await stage.twin.clear();
    await using after = await stage.beginBeside();
    await after.daemon();
    await waitFor("the app refuses no more", 10_000, async () =>
      (await refusedByReadOnly(after)) ? null : true,
    );
    const { entries } = await after.books();
    expect(entries.some((entry) => entry.event.type === "orphan")).toBe(true);
  });
});

async function refusedByReadOnly(run: Run): Promise<boolean> {
  const { status, text } = await run.write();
  return status === 503 && text.includes("read-only");
}
