import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";
import { parse } from "yaml";

import { ACTIONS } from "../../src/actions/index.ts";
import { defaultRules } from "../../src/config/default-rules.ts";
import { modeFor } from "../../src/core/safeguard.ts";

it("everything that changes something ships in shadow, also in the example", async () => {
  const { modes } = await defaultRules(["api"]);
  const kinds = ACTIONS.flatMap(({ traits: { kind, effect } }) => (effect === "look" ? [] : kind));
  expect(kinds).toContain("rollback");
  const example = readFileSync(join(import.meta.dirname, "../../signalman.example.yaml"), "utf8");
  const written = (parse(example) as { modes: typeof modes }).modes;
  for (const kind of kinds) {
    expect([kind, modeFor(modes, [kind, "api"])]).toEqual([kind, "shadow"]);
    expect([kind, modeFor(written, [kind, "api"])]).toEqual([kind, "shadow"]);
  }
});
