import { z } from "zod";

import { PROBLEMS, type Problem, type ProblemCode } from "../domain/problem.ts";
import { DETAIL_LENGTH_MAX, DETAILS_MAX, SIGNALS, type Sample } from "../domain/sample.ts";

/** A sample line; what it does not name is the only one there is. */
export interface SampleLine extends Omit<Sample, "target" | "probe"> {
  readonly target: string | null;
  readonly probe: string | null;
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
  problem: z
    .object({
      code: z.custom<ProblemCode>(
        (code) => typeof code === "string" && Object.hasOwn(PROBLEMS, code),
        {
          error: '"problem.code" must be a code of docs/reference/problems.md',
        },
      ),
      detail: z.string(),
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
  const {
    ts,
    target = null,
    probe = null,
    signal,
    value,
    le,
    problem,
    processStart,
    details,
  } = read.data;
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
      ...(problem === undefined ? {} : { problem: problem satisfies Problem }),
      ...(processStart === undefined ? {} : { processStart }),
      ...(details === undefined ? {} : { details }),
    },
  };
}
