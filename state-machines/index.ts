import { definition as crashLoop } from "./crash-loop/machine.ts";
import { definition as databaseDown } from "./database-down/machine.ts";
import { definition as highErrorRate } from "./high-error-rate/machine.ts";
import { definition as highLatency } from "./high-latency/machine.ts";
import { definition as memoryLeak } from "./memory-leak/machine.ts";
import { definition as redisDown } from "./redis-down/machine.ts";
import { definition as rolloutRegression } from "./rollout-regression/machine.ts";
import { definition as saturation } from "./saturation/machine.ts";
import { definition as serviceDown } from "./service-down/machine.ts";
import { definition as unclassified } from "./unclassified/machine.ts";
import type { MachineDefinition } from "./vocabulary.ts";

/** Which machines exist? One line each. */
export const MACHINES: Readonly<Record<string, MachineDefinition>> = {
  "crash-loop": crashLoop,
  "database-down": databaseDown,
  "high-error-rate": highErrorRate,
  "high-latency": highLatency,
  "memory-leak": memoryLeak,
  "redis-down": redisDown,
  "rollout-regression": rolloutRegression,
  saturation,
  "service-down": serviceDown,
  unclassified,
};

/** The machine of a kind of incident: its own, or the one that only tells people. */
export function machineFor(kind: string): string {
  return Object.hasOwn(MACHINES, kind) ? kind : "unclassified";
}
