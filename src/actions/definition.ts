import type { z } from "zod";

import type { ActionTraits, Attempt } from "../domain/attempt.ts";
import type { Inspection } from "../domain/evidence.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Budget } from "../domain/rules.ts";
import type { Sample } from "../domain/sample.ts";
import type { Instant } from "../domain/time.ts";
import type { Action } from "../ports/action.ts";
import type { Clock } from "../ports/clock.ts";
import type { Probe } from "../ports/probe.ts";
import type { ServiceFinder } from "./service-finder.ts";
import type { Driver } from "./switch/driver.ts";

/** One kind of action, as its folder exports it. Configuration, core and wiring know it from here. */
export interface ActionDefinition {
  /** Its kind is the folder's name; the lengths are those that hold when nothing is configured. */
  readonly traits: ActionTraits;
  /** What a runbook writes under `with`. */
  readonly with: z.ZodType<JsonObject>;
  /** How often it may be started when nothing is configured; without it only the ceilings of all acts hold. */
  readonly budget?: Budget;
  /** `traits`: with the lengths as they are configured. */
  create(parts: ActionParts, traits: ActionTraits): Conduct;
}

/** What an action does. The registry adds the traits as they are configured. */
export type Conduct = Omit<Action, "traits">;

/** Everything that actions are made from; each takes what it needs. */
export interface ActionParts {
  readonly finder: ServiceFinder;
  readonly clock: Clock;
  /** By switch name. */
  readonly drivers: { readonly [name: string]: readonly Driver[] };
  /** Other ways to the target: not the probe whose samples opened the incident. */
  readonly direct: (attempt: Attempt) => readonly Probe[];
  /** Probes of those that need the target and say on their own page whether they have it. */
  readonly dependants: (attempt: Attempt) => readonly Probe[];
  /** Error lines of the target's log in the last minutes, by class; `null` where nobody reads its log. */
  readonly errors: (target: string) => NonNullable<Inspection["errors"]> | null;
  /** By the process's own word, through a probe: the strongest evidence there is. */
  readonly processStart: (
    target: string,
  ) => { readonly startedAt: Instant; readonly saidAt: Instant } | null;
  readonly samples: (from: Instant, to: Instant, signal: AbortSignal) => Promise<readonly Sample[]>;
  /** What the database of the target is doing, as JSON; null where none is known. */
  readonly activity: (target: string, signal: AbortSignal) => Promise<string | null>;
  /** How many replicas the plan allows in all. */
  readonly replicasMax: number;
}
