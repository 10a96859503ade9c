import { describe, it } from "vitest";

import { expectMet } from "../support/gameday.ts";

/** What the daemon, as a process of its own, does on the twin beside a restart of the database and a rollback. */
describe("game days of the other acts", { timeout: 240_000 }, () => {
  it("leak: hours of growth that were recorded, a first look, one redeploy, and the memory really falls", async () => {
    await expectMet("leak", "leaky");
  });
});
