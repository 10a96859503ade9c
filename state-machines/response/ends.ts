import { base } from "./setup.ts";

/** A person has it. Nothing is asked for any more; that it recovers is still noticed. */
export const escalated = (calm: string) =>
  base.createStateConfig({
    id: "escalated",
    tags: "person",
    entry: ["forgetHealthy", { type: "tell", params: { notice: "escalated" } }],
    on: {
      // Taking what one has already is no news.
      "person.took": {},
      "signal.healthy": [{ guard: "isHealthyEnough", target: calm }, { actions: "countHealthy" }],
      "signal.breached": { actions: "forgetHealthy" },
      "signal.missing": { actions: "forgetHealthy" },
      "signal.inconclusive": { actions: "forgetHealthy" },
    },
  });

/** It is well, and what keeps it so (deployments are frozen) waits for a person to release it. */
export const keeping = (again: string) =>
  base.createStateConfig({
    tags: "person",
    entry: { type: "tell", params: { notice: "kept" } },
    on: {
      "person.took": {},
      "upstream.opened": {},
      "signal.breached": {
        target: again,
        actions: [
          "forgetHealthy",
          "forgetHelped",
          { type: "tell", params: { notice: "relapsed" } },
        ],
      },
    },
  });

export const resolved = base.createStateConfig({
  id: "resolved",
  type: "final",
  entry: { type: "tell", params: { notice: "resolved" } },
});

export const falseAlarm = base.createStateConfig({
  id: "falseAlarm",
  type: "final",
  entry: { type: "tell", params: { notice: "false-alarm" } },
});

export const attached = base.createStateConfig({
  id: "attached",
  type: "final",
  entry: { type: "tell", params: { notice: "attached" } },
});
