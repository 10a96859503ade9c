import { describe, expect, it } from "vitest";

import { IS_LONG } from "../support/long.ts";
import { expectMet } from "../support/gameday.ts";

/**
 * The daemon, as a process of its own, finds a bad release on the twin by itself, takes it back and keeps it back; and tells a dead
 * database from a bad release. Slow, because detectors must first see what is well and in the end see that it is well again.
 */

describe("game days with a release", { timeout: 240_000 }, () => {
  it.runIf(IS_LONG).each(["errors", "slow", "crash-at-start", "crash-under-load"])(
    "bad-release --fault %s is found, rolled back once, and kept back",
    async (fault) => {
      await expectMet("bad-release", fault);
    },
  );

  it("both-at-once: exactly one restart and one rollback, in that order, both verified", async () => {
    const { incidents } = await expectMet("both-at-once", "bad-release");
    expect(incidents.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["database-down", "rollout-regression"]),
    );
  });

  it.skipIf(!IS_LONG).each([1, 2, 3])(
    "both-at-once with a good release: nobody blames it (run %i)",
    async () => {
      const { incidents } = await expectMet("both-at-once", "good-release");
      expect(incidents.some(({ kind }) => kind === "rollout-regression")).toBe(false);
    },
  );
});
