import type { AnyStateMachine } from "xstate";

import * as databaseDown from "./database-down/machine.ts";
import * as unclassified from "./unclassified/machine.ts";

/** A machine as the core uses it. Its name is the folder's, and the `id` inside. */
export interface MachineDefinition {
  readonly machine: AnyStateMachine;
  /** Raised when states or timers change their meaning, so that a stored incident can tell. */
  readonly version: number;
}

/** Which machines exist? One line each. */
export const MACHINES: Readonly<Record<string, MachineDefinition>> = {
  "database-down": databaseDown,
  unclassified,
};

/** The machine of a kind of incident: its own, or the one that only tells people. */
export function machineFor(kind: string): string {
  return Object.hasOwn(MACHINES, kind) ? kind : "unclassified";
}
