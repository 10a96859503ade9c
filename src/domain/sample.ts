import type { Problem } from "./problem.ts";
import type { Instant, Millis } from "./time.ts";

/** Which series of samples: what is looked at, by which probe, and what is measured. */
export interface Signal {
  readonly target: string;
  /** The probe's name within its target, for example `postgres` or `http /health`. */
  readonly probe: string;
  /** A name of the NDJSON contract (docs/reference/replay.md): `up` (1 answers, 0 does not), `error_ratio`, … */
  readonly name: string;
}

/** One measurement. */
export interface Sample extends Signal {
  /** The moment it was known. */
  readonly ts: Instant;
  /** `null`: the probe looked and cannot say. Never read it as zero, never as health. */
  readonly value: number | null;
  readonly tookMs: Millis;
  readonly problem?: Problem;
  /** When the process behind the target started, by its own word: the strongest evidence of a restart. */
  readonly processStart?: Instant;
}

/** The key under which a signal's state is kept. */
export function signalKey(signal: Signal): string {
  return `${signal.target}|${signal.probe}|${signal.name}`;
}

/** A signal's key as people read it: `postgres (postgres pooled)`. */
export function signalWords(key: string): string {
  const [target = key, probe = ""] = key.split("|");
  return probe === "" ? target : `${target} (${probe})`;
}
