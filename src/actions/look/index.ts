import type { PathSeen } from "../../domain/evidence.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Observation } from "../../domain/observation.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Probe } from "../../ports/probe.ts";
import type { ActionDefinition } from "../definition.ts";
import { noPreparation, Nothing, noTrace } from "../preparation.ts";

/** Asks, at once and by every independent path, whether the target is really down. Changes nothing. */
export const definition: ActionDefinition = {
  traits: {
    kind: "look",
    effect: "look",
    repeat: "idempotent",
    deadlineMs: 10 * SECOND_MS,
    settleMs: 10 * SECOND_MS,
  },
  with: Nothing,
  create: ({ direct, dependants }) => ({
    prepare: noPreparation,
    perform: async (attempt, signal) => {
      const paths = await Promise.all([
        ...direct(attempt).map((probe) => follow(probe, "direct", signal)),
        ...dependants(attempt).map((probe) => follow(probe, "dependant", signal)),
      ]);
      return { kind: "done", evidence: { paths: paths as unknown as JsonObject[] } };
    },
    sight: noTrace,
  }),
};

async function follow(probe: Probe, by: PathSeen["by"], signal: AbortSignal): Promise<PathSeen> {
  const seen = (await probe.look(signal)).find(({ target }) => target === probe.target);
  return {
    path: `${probe.target} ${probe.name}`,
    by,
    saw: by === "direct" ? seenDirectly(seen) : seenByDependant(seen),
    detail: seen?.problem?.detail ?? "answers",
  };
}

function seenDirectly(seen: Observation | undefined): PathSeen["saw"] {
  if (seen?.values.up === 1) return "up";
  // A server that says "no connection left" is there to say so.
  if (seen?.problem?.code === "connections-exhausted") return "up";
  return seen?.values.up === 0 ? "down" : "unknown";
}

/** Only an app that answers and calls itself unwell says something about what it needs; a dead one says nothing. */
function seenByDependant(seen: Observation | undefined): PathSeen["saw"] {
  if (seen?.values.up === 1) return "up";
  return seen?.values.up === 0 && seen.problem?.code === "unexpected-body" ? "down" : "unknown";
}
