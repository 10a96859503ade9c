import { base, notHealthy } from "./setup.ts";
import type { Relapse } from "./winding-down.ts";

/** A person has it. Nothing is asked for any more; that it recovers is still noticed. */
export const escalated = (calm: string) =>
  base.createStateConfig({
    id: "escalated",
    tags: "person",
    entry: { type: "tell", params: { notice: "escalated" } },
    exit: "forgetHealthy",
    on: {
      // Taking what one has already is no news.
      "person.took": {},
      "signal.healthy": [{ guard: "isHealthyEnough", target: calm }, { actions: "countHealthy" }],
      ...notHealthy,
    },
  });

/** It is well, and what keeps it so (deployments are frozen) waits for a person to release it. */
export const keeping = (relapse: Relapse) =>
  base.createStateConfig({
    tags: "person",
    entry: { type: "tell", params: { notice: "kept" } },
    on: {
      "person.took": {},
      "upstream.opened": {},
      "signal.breached": relapse,
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
