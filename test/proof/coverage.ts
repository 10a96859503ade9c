import type { AnyStateMachine, AnyTransitionDefinition } from "xstate";
import { getStateNodes } from "xstate/graph";

import { type Exploration, isEventless } from "./explore.ts";

/** How much of what a machine declares was met. */
export interface Coverage {
  readonly states: Share;
  readonly transitions: Share;
  /** A guard has two: it said yes, it said no. */
  readonly branches: Share;
  /** What was never met, by name. */
  readonly missed: readonly string[];
}

export interface Share {
  readonly declared: number;
  readonly met: number;
}

export function coverageOf({ machine, visited, taken, refused }: Exploration): Coverage {
  const states = getStateNodes(machine).map(({ path }) => path.join("."));
  const all = transitionsOf(machine);
  const guarded = all.filter(({ guard }) => guard !== undefined);
  const unvisited = states.filter((state) => !visited.has(state));
  const untaken = all.filter((one) => !taken.has(one));
  const alwaysYes = guarded.filter((one) => !refused.has(one));
  const alwaysNo = guarded.filter((one) => !taken.has(one));
  return {
    states: { declared: states.length, met: states.length - unvisited.length },
    transitions: { declared: all.length, met: all.length - untaken.length },
    branches: {
      declared: guarded.length * 2,
      met: guarded.length * 2 - alwaysYes.length - alwaysNo.length,
    },
    missed: [
      ...unvisited.map((state) => `state ${state} is never entered`),
      ...untaken.map((one) => `transition ${nameOf(one)} is never taken`),
      ...alwaysYes.map((one) => `guard of ${nameOf(one)} never says no`),
      ...alwaysNo.map((one) => `guard of ${nameOf(one)} never says yes`),
    ],
  };
}

function transitionsOf(machine: AnyStateMachine): readonly AnyTransitionDefinition[] {
  return [machine.root, ...getStateNodes(machine)].flatMap(({ transitions, always = [] }) => [
    ...[...transitions.values()].flat(),
    ...always,
  ]);
}

/** `verifying: after verify [isStillFailing] → escalated`. */
function nameOf(one: AnyTransitionDefinition): string {
  const guard: unknown = one.guard;
  const asked = typeof guard === "object" && guard !== null && "type" in guard ? guard.type : guard;
  const targets = one.target?.map(({ path }) => path.join(".")) ?? [];
  return [
    `${one.source.path.join(".") || "anywhere"}:`,
    isEventless(one) ? "always" : one.eventType,
    ...(guard === undefined ? [] : [`[${String(asked)}]`]),
    ...(targets.length === 0 ? [] : [`→ ${targets.join(", ")}`]),
  ].join(" ");
}
