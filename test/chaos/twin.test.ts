import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openStage, type Stage } from "../kill/stage.ts";
import { runOnTwin } from "./twin.ts";

// Each is a failure of a real database from its beginning to its end, with kills of a real daemon: about ten seconds, most of them waiting.
describe("seeds on the twin", { timeout: 120_000 }, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each([1, 2, 3, 4, 5])("seed %i", async (seed) => {
    expect(await runOnTwin(stage, seed)).toEqual([]);
  });
});
