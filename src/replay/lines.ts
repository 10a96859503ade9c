import { z } from "zod";

import type { Instant } from "../domain/time.ts";

/** Signals of the NDJSON contract; anything else in a file is refused by name. */
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

/** One line of a recording: what became known of one signal of one target in one moment. */
export interface SampleLine {
  readonly ts: Instant;
  readonly target: string | null;
  readonly signal: (typeof SIGNALS)[number];
  readonly value: number | string | null;
  readonly le: number | null;
}

const Line = z.object({
  ts: z.number({ error: '"ts" must be a moment in ms since 1970' }).nonnegative(),
  target: z.string().min(1).optional(),
  signal: z.enum(SIGNALS, { error: `"signal" must be one of ${SIGNALS.join(", ")}` }),
  value: z.union([z.number(), z.string(), z.null()], {
    error: '"value" must be a number, or null for "looked and got nothing"',
  }),
  le: z.union([z.number(), z.literal("+Inf"), z.literal("Infinity")]).optional(),
});

export type ReadLine =
  | { readonly kind: "sample"; readonly line: SampleLine }
  /** An event or fact line of `record`; this version replays samples only. */
  | { readonly kind: "other" }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads one line; what is wrong is said in one sentence that tells what was expected. */
export function readLine(text: string): ReadLine {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    return { kind: "wrong", message: "expected one JSON object a line" };
  }
  if (
    typeof written === "object" &&
    written !== null &&
    ("event" in written || "fact" in written)
  ) {
    return { kind: "other" };
  }
  const read = Line.safeParse(written);
  if (!read.success)
    return { kind: "wrong", message: read.error.issues.map(({ message }) => message).join("; ") };
  const { ts, target = null, signal, value, le } = read.data;
  if (typeof value === "string" && signal !== "deployment") {
    return { kind: "wrong", message: `"value" of ${signal} must be a number or null` };
  }
  if (signal === "latency_bucket" && le === undefined) {
    return {
      kind: "wrong",
      message: 'a latency_bucket needs "le", its upper bound in ms or "+Inf"',
    };
  }
  return {
    kind: "sample",
    line: {
      ts,
      target,
      signal,
      value,
      le: le === undefined ? null : typeof le === "number" ? le : Infinity,
    },
  };
}
