import type { Observation } from "../domain/observation.ts";

/**
 * Looks once. Never throws and never outlives its signal: trouble is a `null` value with a problem. Most kinds answer with
 * one observation of their own target; one that asks a platform for all targets at once answers with one for each.
 */
export interface Probe {
  readonly target: string;
  readonly name: string;
  readonly kind: string;
  look(signal: AbortSignal): Promise<readonly Observation[]>;
  /** Ends what it keeps open, such as a pooled connection. */
  close(): Promise<void>;
}
