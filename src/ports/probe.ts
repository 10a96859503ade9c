import type { Sample } from "../domain/sample.ts";

/** Looks at a target once. Never throws and never outlives its signal: trouble is a sample with a problem. */
export interface Probe {
  readonly target: string;
  readonly name: string;
  readonly kind: string;
  look(signal: AbortSignal): Promise<Sample>;
  /** Ends what it keeps open, such as a pooled connection. */
  close(): Promise<void>;
}
