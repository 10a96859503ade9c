import { rulesFor } from "./rules.ts";
import { CRASHED, paths, Theatre } from "./theatre.ts";

export const TARGETS: readonly string[] = Array.from({ length: 20 }, (_, index) => `pg-${index}`);

/** Twenty databases that have crashed, each with its restart asked for, as books would hold it five seconds later. */
export function twentyFailures(): Theatre {
  const rules = rulesFor();
  const targets = Object.fromEntries(
    TARGETS.map((name) => [name, { needs: [], detectMsMax: 8_000, freshMs: 600_000 }]),
  );
  const stage = new Theatre({
    ...rules,
    targets,
    budgets: { restart: { perIncident: 1, perHour: 100 } },
    // Only the pause is on trial here; the storm brake would hold twenty by itself.
    ceilings: { ...rules.ceilings, storm: { targets: 100, withinMs: 1_000 } },
  });
  stage.now = Date.now() - 5_000;
  for (const target of TARGETS) {
    stage
      .verdict("breached", { target })
      .request("confirm")
      .outcome("confirm", "seen", paths("down"));
    stage.request("contain").outcome("contain", "rejected", {}, "switch-refused");
    stage.request("inspect").outcome("inspect", "seen", CRASHED);
  }
  const states = Object.values(stage.world.incidents).map(({ state }) => state);
  if (states.length !== TARGETS.length || states.some((state) => state !== "remedying.asked"))
    throw new Error(`the play went another way: ${states.join(", ")}`);
  return stage;
}
