import type { JsonObject } from "./json.ts";
import type { Millis } from "./time.ts";

/** The places in a machine that a runbook fills. `renew` belongs to leases and is bound by the core. */
export const SLOTS = [
  "evidence",
  "confirm",
  "contain",
  "inspect",
  "remedy",
  "fallback",
  "undo",
  "renew",
] as const;
export type Slot = (typeof SLOTS)[number];

/** Slots whose acts are meant to cure, so that their effect is judged. */
export const ACT_SLOTS: readonly Slot[] = ["remedy", "fallback"];

/** One step: which action, with which parameters. */
export interface Step {
  readonly action: string;
  readonly with: JsonObject;
}

/** What is done for one kind of incident, as validated data. */
export interface Runbook {
  readonly name: string;
  /** The machine that says when. */
  readonly machine: string;
  /** Shown to people first: what this incident means, in one sentence. */
  readonly summary: string;
  readonly slots: { readonly [slot in Slot]?: Step };
  /** Bounds of the machine: counts and lengths in milliseconds, by the machine's own names. */
  readonly limits: { readonly [name: string]: number };
  /**
   * What else has to be well before an act of its own is called effective, beside the incident's own signal: how many fresh healthy
   * looks in a row, by the name of a signal of the target (`up`, or its detector's).
   */
  readonly verify?: { readonly [signal: string]: number };
  /** What a person is told to do when Signalman is at its end. */
  readonly advice: readonly string[];
  readonly hash: string;
}

/** How long an unstarted attempt stays alive. */
export const ATTEMPT_LIFE_MS: Millis = 30 * 60_000;
