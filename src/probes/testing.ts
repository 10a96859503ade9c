import type { Instant, Millis } from "../domain/time.ts";
import type { Problem } from "../domain/problem.ts";
import type { Probe } from "../ports/probe.ts";

/** For tests only: the one word `up` of a probe with one observation. */
export interface Up {
  readonly target: string;
  readonly probe: string;
  readonly ts: Instant;
  readonly tookMs: Millis;
  readonly value: number | null | undefined;
  readonly problem?: Problem;
  readonly processStart?: Instant;
}

/** For tests only: looks once and takes the first observation's `up` out of it. */
export async function lookUp(probe: Probe, signal: AbortSignal): Promise<Up> {
  const [first] = await probe.look(signal);
  if (first === undefined) throw new Error(`${probe.name} observed nothing`);
  const { values, ...rest } = first;
  return { ...rest, value: values.up };
}
