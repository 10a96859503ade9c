import { describe, it } from "vitest";

import { IS_LONG } from "../support/long.ts";
import { expectMet } from "../support/gameday.ts";

/** What the daemon, as a process of its own, does on the twin beside a restart of the database and a rollback. */

describe("game days of the other acts", { timeout: 240_000 }, () => {
  it("leak: hours of growth that were recorded, a first look, one redeploy, and the memory really falls", async () => {
    await expectMet("leak", "leaky");
  });

  it.runIf(IS_LONG)(
    "crowd: time-outs of too many users end with a second process, which is taken away again",
    async () => {
      await expectMet("crowd", "narrow");
    },
  );

  it.runIf(IS_LONG).each(["pause", "refuse"])(
    "service-down --fault %s is confirmed by a second path, and one restart helps",
    async (fault) => {
      await expectMet("service-down", fault);
    },
  );
});
