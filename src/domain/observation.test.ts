import { expect, it } from "vitest";

import { observationsOf, samplesOf, type Observation } from "./observation.ts";

it("comes back whole from its record, except how long the look took", () => {
  const seen: Observation = {
    target: "postgres",
    probe: "postgres",
    ts: 1_661_140_279_000,
    tookMs: 0,
    values: { up: null, connections_used: 9, connections_limit: 9 },
    buckets: [
      { le: 50, count: 3 },
      { le: Infinity, count: 4 },
    ],
    deployment: "d-1",
    problem: { code: "connections-exhausted", detail: "sorry" },
    processStart: 1_661_140_000_000,
    details: { connectMs: 3, policy: "lru" },
  };
  const samples = samplesOf(seen);
  expect(samples.filter(({ details }) => details !== undefined)).toHaveLength(1);
  expect(observationsOf(JSON.parse(JSON.stringify(samples)))).toEqual([seen]);
});
