import { describe, expect, test } from "vitest";

import type { Json } from "../../domain/json.ts";
import { OPERATIONS } from "../operations.ts";
import { assertAllowed, replicasPatch } from "./patch.ts";

const ID = "0b6f2f0e-6b0b-4a64-8d0f-0a4e2a8f3c11";

test("a patch of replicas names each region; null empties one", () => {
  expect(replicasPatch(ID, { "us-west2": 4, "europe-west4-drams3a": null })).toEqual({
    services: {
      [ID]: {
        deploy: {
          multiRegionConfig: { "us-west2": { numReplicas: 4 }, "europe-west4-drams3a": null },
        },
      },
    },
  });
});

describe("what would do more than that never leaves", () => {
  const deploy = (inner: Json): Json => ({ services: { [ID]: { deploy: inner } } });
  test.each<[string, Json]>([
    ["a deleted service", { services: { [ID]: { isDeleted: true } } }],
    ["a service that is null", { services: { [ID]: null } }],
    ["a deleted volume", { volumes: { [ID]: { isDeleted: true } } }],
    ["variables", { services: { [ID]: { variables: { A: { value: "x" } } } } }],
    ["another setting", deploy({ startCommand: "sh" })],
    ["an empty deploy section", deploy({})],
    ["a region that is none", deploy({ multiRegionConfig: { isDeleted: { numReplicas: 1 } } })],
    ["more of a region", deploy({ multiRegionConfig: { "us-west2": { isDeleted: true } } })],
    ["no replica", deploy({ multiRegionConfig: { "us-west2": { numReplicas: 0 } } })],
    ["half a replica", deploy({ multiRegionConfig: { "us-west2": { numReplicas: 1.5 } } })],
    ["a null number", deploy({ multiRegionConfig: { "us-west2": { numReplicas: null } } })],
    ["too many", deploy({ multiRegionConfig: { "us-west2": { numReplicas: 51 } } })],
    ["no regions", deploy({ multiRegionConfig: {} })],
    ["a list", deploy({ multiRegionConfig: [{ numReplicas: 1 }] })],
    ["nothing", {}],
  ])("%s", (_name, patch) => {
    expect(() => assertAllowed(patch)).toThrow();
  });

  test("nor a word of it in any document", () => {
    const forbidden =
      /Staged|replace|Collection|[dD]elete|Remove|Approve|Restore|serviceInstanceUpdate\b|deploymentStop\(/;
    const { DeleteVariable, ...others } = OPERATIONS;
    for (const document of Object.values(others)) expect(document).not.toMatch(forbidden);
    // Only the variable of a switch, where there was none before.
    expect(DeleteVariable).toContain("{ variableDelete(input: $input) }");
    expect("mutation { environmentPatchCommitStaged }").toMatch(forbidden);
  });
});
