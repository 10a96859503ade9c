import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { IS_LONG } from "../support/long.ts";
import { fold } from "../../src/core/replay.ts";
import { expectTold, untilTold, untilWritable } from "./expect.ts";
import { openStage, type Stage } from "./stage.ts";

const STEPS = [
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
];
/** Between two of these nothing but a row of the journal is written; `npm run test:long` kills at all of them. */
const SOME = ["call:before", "call:after", "notice:sending"];

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

  it.each(IS_LONG ? STEPS : SOME)("%s: one restart, healed, told", async (killAt) => {
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
});
