import { z } from "zod";

import { PROBLEMS, type ProblemCode } from "../domain/problem.ts";
import { DETAIL_LENGTH_MAX, DETAILS_MAX, SIGNALS, type Sample } from "../domain/sample.ts";
import type { Instant } from "../domain/time.ts";
import { eventLine, factLine, type EventLine, type FactLine } from "./event-lines.ts";

/** A sample line; what it does not name is the only one there is. */
export interface SampleLine extends Omit<Sample, "target" | "probe"> {
  readonly target: string | null;
  readonly probe: string | null;
}

export type ReadLine =
  | { readonly kind: "sample"; readonly line: SampleLine }
  | { readonly kind: "event"; readonly line: EventLine }
  | { readonly kind: "fact"; readonly line: FactLine }
  /** An event or fact that this version does not know: passed over. */
  | { readonly kind: "other"; readonly ts: Instant | null }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads one line; what is wrong is said in one sentence that tells what was expected. */
export function readLine(text: string): ReadLine {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    return { kind: "wrong", message: "expected one JSON object a line" };
  }
  if (typeof written === "object" && written !== null) {
    if ("event" in written) return eventLine(written);
    if ("fact" in written) return factLine(written);
  }
  return explained(written);
}

const Line = z.object({
  ts: z.number({ error: '"ts" must be a moment in ms since 1970' }).nonnegative(),
  target: z.string().min(1).optional(),
  probe: z.string().min(1).optional(),
  signal: z.enum(SIGNALS, { error: `"signal" must be one of ${SIGNALS.join(", ")}` }),
  value: z.union([z.number(), z.string(), z.null()], {
    error: '"value" must be a number, or null for "looked and got nothing"',
  }),
  le: z.union([z.number(), z.literal("+Inf"), z.literal("Infinity")]).optional(),
  low: z.number().optional(),
  high: z.number().optional(),
  problem: z
    .object({
      code: z.custom<ProblemCode>(
        (code) => typeof code === "string" && Object.hasOwn(PROBLEMS, code),
        {
          error: '"problem.code" must be a code of docs/reference/problems.md',
        },
      ),
      detail: z.string(),
      retryAt: z.number().exactOptional(),
    })
    .optional(),
  processStart: z.number().optional(),
  details: z
    .record(
      z.string().max(DETAIL_LENGTH_MAX),
      z.union([z.number(), z.string().max(DETAIL_LENGTH_MAX)]),
    )
    .refine(
      (details) => Object.keys(details).length <= DETAILS_MAX,
      `"details" has more than ${DETAILS_MAX} entries`,
    )
    .optional(),
});

function explained(written: unknown): ReadLine {
  const read = Line.safeParse(written);
  if (!read.success)
    return { kind: "wrong", message: read.error.issues.map(({ message }) => message).join("; ") };
  const { ts, target = null, probe = null, signal, value, le, ...more } = read.data;
  const { low, high, problem, processStart, details } = more;
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
      probe,
      name: signal,
      value,
      ...(le === undefined ? {} : { le: le === "Infinity" ? "+Inf" : le }),
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
      ...(problem === undefined ? {} : { problem }),
      ...(processStart === undefined ? {} : { processStart }),
      ...(details === undefined ? {} : { details }),
    },
  };
}
