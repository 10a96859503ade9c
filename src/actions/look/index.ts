import type { PathSeen } from "../../domain/evidence.ts";
import type { ActionTraits, Attempt } from "../../domain/attempt.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Observation } from "../../domain/observation.ts";
import type { Action } from "../../ports/action.ts";
import type { Probe } from "../../ports/probe.ts";
import { noPreparation } from "../preparation.ts";

export interface LookParts {
  readonly traits: ActionTraits;
  /** Other ways to the target: not the probe whose samples opened the incident. */
  readonly direct: (attempt: Attempt) => readonly Probe[];
  /** Probes of those that need the target and say on their own page whether they have it. */
  readonly dependants: (attempt: Attempt) => readonly Probe[];
}

/** Asks, at once and by every independent path, whether the target is really down. Changes nothing. */
export function createLook(parts: LookParts): Action {
  return {
    traits: parts.traits,
    prepare: noPreparation,
    perform: async (attempt, signal) => {
      const paths = await Promise.all([
        ...parts.direct(attempt).map((probe) => follow(probe, "direct", signal)),
        ...parts.dependants(attempt).map((probe) => follow(probe, "dependant", signal)),
      ]);
      return { kind: "done", evidence: { paths: paths as unknown as JsonObject[] } };
    },
    // A look is its own evidence; one that was cut off is simply made again.
    sight: () => Promise.resolve({ kind: "nothing", evidence: {} }),
  };
}

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
