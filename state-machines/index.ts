import * as registry from "./registry.ts";
import type { MachineDefinition } from "./vocabulary.ts";

/** Every machine, by its kind of incident. */
export const MACHINES: Readonly<Record<string, MachineDefinition>> = Object.fromEntries(
  Object.values<MachineDefinition>(registry).map((one) => [one.machine.id, one]),
);

/** The machine of a kind of incident: its own, or the one that only tells people. */
export function machineFor(kind: string): string {
  return Object.hasOwn(MACHINES, kind) ? kind : "unclassified";
}

/** What people are told of a kind of incident. */
export function wordsOf(kind: string): Pick<MachineDefinition, "title" | "next" | "severity"> {
  return (Object.hasOwn(MACHINES, kind) ? MACHINES[kind] : WITHOUT_MACHINE[kind]) ?? {};
}

/** Kinds that detectors open, which no machine of their own handles yet. */
const WITHOUT_MACHINE: { readonly [kind: string]: ReturnType<typeof wordsOf> } = {
  "traffic-flood": { title: "Unusually many requests", severity: "high" },
  "data-breach": { title: "Signs of abuse", severity: "critical" },
};
