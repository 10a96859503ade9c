import type { Problem } from "./problem.ts";
import type { Instant } from "./time.ts";

/** Names of signals: a contract (docs/reference/replay.md). Anything else in a recording is refused by name. */
export const SIGNALS = [
  "up",
  "error_ratio",
  "failed",
  "requests",
  "latency_p50_ms",
  "latency_p90_ms",
  "latency_p95_ms",
  "latency_p99_ms",
  "latency_mean_ms",
  "latency_bucket",
  "inflight",
  "memory_used",
  "memory_limit",
  "cpu_used",
  "connections_used",
  "connections_limit",
  "restarts",
  "auth_failures",
  "complaints",
  "deployment",
  "value",
] as const;

export type SignalName = (typeof SIGNALS)[number];

/** A series that is judged: what is looked at, by which probe, and what is measured. */
export interface Signal {
  readonly target: string;
  /** The probe's name within its target, for example `postgres` or `http /health`. */
  readonly probe: string;
  /** `up`, or the name of the detector that judges several signals of the probe together. */
  readonly name: string;
}

/** One measurement as it is recorded: one line of the NDJSON contract. */
export interface Sample {
  readonly target: string;
  readonly probe: string;
  readonly name: SignalName;
  /** The moment it was known. */
  readonly ts: Instant;
  /** `null`: the probe looked and cannot say. Never read it as zero, never as health. A text for `deployment` only. */
  readonly value: number | string | null;
  /** Upper bound in ms of a `latency_bucket`. */
  readonly le?: number | "+Inf";
  /** Least and greatest value of the time it stands for, where it stands for many that were not the same. */
  readonly low?: number;
  readonly high?: number;
  readonly problem?: Problem;
  /** When the process behind the target started, by its own word: the strongest evidence of a restart. */
  readonly processStart?: Instant;
  /** On the first sample of its moment only. */
  readonly details?: Details;
}

/**
 * Small facts beside the signals, such as the length of the longest transaction: evidence for people and for detectors
 * that name them. In camel case with the unit at the end (`connectMs`). Whoever makes them keeps within `DETAILS_MAX` and
 * `DETAIL_LENGTH_MAX`.
 */
export type Details = { readonly [name: string]: number | string };

export const DETAILS_MAX = 12;
/** Characters of a name and of a text. */
export const DETAIL_LENGTH_MAX = 80;

/** The key under which a signal's state is kept. */
export function signalKey(signal: Signal): string {
  return `${signal.target}|${signal.probe}|${signal.name}`;
}

/** A signal's key as people read it: `postgres (postgres pooled)`, or with its detector `api (prometheus /metrics, flood)`. */
export function signalWords(key: string): string {
  const [target = key, probe = "", name = "up"] = key.split("|");
  if (probe === "") return target;
  return name === "up" || name === probe ? `${target} (${probe})` : `${target} (${probe}, ${name})`;
}
