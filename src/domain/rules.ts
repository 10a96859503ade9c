import type { ActionTraits } from "./attempt.ts";
import type { Runbook } from "./runbook.ts";
import type { DayWindow, Millis } from "./time.ts";

export const MODES = ["shadow", "suggest", "auto"] as const;
export type Mode = (typeof MODES)[number];

/** What the core must know of the configuration, as plain data with a hash. */
export interface Rules {
  readonly hash: string;
  readonly targets: { readonly [name: string]: TargetRules };
  readonly switches: { readonly [name: string]: SwitchRules };
  readonly modes: { readonly default: Mode; readonly [scope: string]: Mode };
  readonly actions: { readonly [kind: string]: ActionTraits };
  readonly budgets: { readonly [action: string]: Budget };
  readonly ceilings: Ceilings;
  /** What comes back within this time after its end is the same incident. 0: never. */
  readonly reopenMs: Millis;
  /** By machine name. */
  readonly runbooks: { readonly [machine: string]: Runbook };
}

export interface TargetRules {
  readonly needs: readonly string[];
  /** Longest time from a failure to its verdict: probes' intervals, counts and timeouts together. */
  readonly detectMsMax: Millis;
  /** A verdict older than this is stale. */
  readonly freshMs: Millis;
  /** Time of day at which users are few, so that what can wait for it and disturbs them is done then. */
  readonly quiet?: DayWindow;
  /** Time of day in which destructive acts may start without a person; absent: always. */
  readonly hours?: DayWindow;
  /** Destructive acts on it only by approval. */
  readonly protected?: true;
  /** Never two of one tier at once; absent: alone in its tier. */
  readonly tier?: string;
  /** The same for probes in another rhythm, by their name: those that read the platform look once a minute. */
  readonly freshMsOf?: { readonly [probe: string]: Millis };
  /** Keys of its signals that its probes judge, by the signal's name, for those that a runbook verifies by. */
  readonly watched?: { readonly [signal: string]: readonly string[] };
  /** Keys of looks that are requests to it like those of its users. */
  readonly asking?: readonly string[];
  /** By machine: as long an act is verified where the looks it waits for need longer than its runbook gives. */
  readonly verifyMs?: { readonly [machine: string]: Millis };
}

export interface SwitchRules {
  /** Targets whose app obeys this switch. */
  readonly targets: readonly string[];
  readonly leaseMs: Millis;
  readonly renewMs: Millis;
  /** The last resort: a variable at the platform, which only a person may have set. */
  readonly variable?: {
    /** Whose service has it. */
    readonly target: string;
    readonly name: string;
    readonly on: string;
    readonly off: string;
  };
}

/** What holds for all acts that are not taken back, whichever action it is. */
export interface Ceilings {
  /** Acts on one target, and on all of them, within an hour. */
  readonly perService: number;
  readonly overall: number;
  /** How long the second act on a target waits after the first; each further one twice as long. */
  readonly cooldownMs: Millis;
  /** A younger process is not restarted. */
  readonly processAgeMs: Millis;
  /** So long an act waits for somebody else who changed the service since it began to fail; then a person has it. 0: never. */
  readonly standBackMs: Millis;
  /** So long after an act of ours what rates and trends say is explained by it. */
  readonly aftermathMs: Millis;
  /** So many targets that begin to fail within this time hold every destructive act. `withinMs` 0: never. */
  readonly storm: { readonly targets: number; readonly withinMs: Millis };
  /** After so many incidents within this time on which an act did not help a person decides on the next one. `withinMs` 0: never. */
  readonly vain: { readonly incidents: number; readonly withinMs: Millis };
}

/** How often an action may be started. */
export interface Budget {
  readonly perIncident: number;
  readonly perHour: number;
}

/** More than so many vain incidents are never asked for, so no more are kept. */
export const VAIN_INCIDENTS_MAX = 10;
