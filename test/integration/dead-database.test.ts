import { describe, expect, it } from "vitest";

import { defaultRules } from "../../src/config/default-rules.ts";
import { TRAITS } from "../../src/actions/index.ts";
import { hashOf } from "../../src/domain/ids.ts";
import type { Rules } from "../../src/domain/rules.ts";
import type { World } from "../../src/domain/world.ts";
import { ACTIONS } from "../support/rules.ts";
import { playOutage } from "../support/outage.ts";

/** The runbooks and detectors as they are shipped, everything automatic: the API needs the database. */
const RULES: Rules = await (async () => {
  const shipped = await defaultRules(["api", "postgres"]);
  const { api, postgres } = shipped.targets;
  const rules = {
    ...shipped,
    targets: {
      ...(api === undefined ? {} : { api: { ...api, needs: ["postgres"] } }),
      ...(postgres === undefined ? {} : { postgres }),
    },
    switches: { "read-only": { targets: ["api"], leaseMs: 600_000, renewMs: 120_000 } },
    modes: { default: "auto" as const },
    actions: { ...TRAITS, ...ACTIONS },
  };
  return { ...rules, hash: hashOf(rules) };
})();

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);

/** Acts that began, in their order. */
function done(world: World): readonly string[] {
  return Object.values(world.attempts)
    .filter(({ action, startedAt }) => startedAt !== null && ACTS.includes(action))
    .toSorted((one, other) => (one.startedAt ?? 0) - (other.startedAt ?? 0))
    .map(({ action }) => action);
}

const ACTS = ["restart", "rollback"];

describe("a database that dies soon after a release", () => {
  it("with its shower of 500s never leads to a rollback, over 50 seeded timings", () => {
    const acts = SEEDS.map((seed) => {
      const world = playOutage(seed, 0, RULES);
      const others = Object.values(world.incidents).filter(({ kind }) => kind !== "database-down");
      // What a look once a minute saw first belongs to the database's incident, and is frozen no longer.
      const open = others.filter(({ ending }) => ending !== "attached").map(({ kind }) => kind);
      const kept = Object.values(world.leases).filter(({ state }) => state !== "ended");
      expect({ seed, open, kept }).toEqual({ seed, open: [], kept: [] });
      return done(world).join();
    });
    expect(new Set(acts)).toEqual(new Set(["restart", ""]));
    expect(acts.filter((one) => one === "restart").length).toBeGreaterThan(35);
  });

  it("does not hide a release that is bad as well: it is rolled back, once", () => {
    for (const seed of SEEDS.slice(0, 10)) {
      const acts = done(playOutage(seed, 0.1, RULES));
      expect(acts.filter((action) => action === "rollback")).toEqual(["rollback"]);
    }
  });
});
