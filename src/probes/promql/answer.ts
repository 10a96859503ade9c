import { z } from "zod";

import { problem, type Problem, type ProblemCode } from "../../domain/problem.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { short } from "../looking.ts";

/** One number, or why there is none. */
export type Answered = { readonly value: number } | { readonly problem: Problem };

/** Seconds since 1970 and the value as a text: JSON has no NaN. */
const Point = z.tuple([z.number(), z.string()]);
const Answer = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("success"),
    data: z.discriminatedUnion("resultType", [
      z.object({ resultType: z.literal("scalar"), result: Point }),
      z.object({
        resultType: z.literal("vector"),
        result: z.array(z.object({ value: Point.optional() })),
      }),
      z.object({ resultType: z.literal("matrix"), result: z.array(z.unknown()) }),
      z.object({ resultType: z.literal("string"), result: z.unknown() }),
    ]),
  }),
  z.object({ status: z.literal("error"), errorType: z.string(), error: z.string() }),
]);

/** Reads what `GET /api/v1/query` answered. An empty answer is no zero. */
export function readAnswer(status: number, text: string, now: Instant, ageMsMax: Millis): Answered {
  const parsed = Answer.safeParse(parse(text));
  if (!parsed.success) return unreadable(status, text);
  const answer = parsed.data;
  if (answer.status === "error")
    return none("query-refused", `${short(answer.errorType)}: ${short(answer.error, 160)}`);
  const { data } = answer;
  if (data.resultType === "scalar") return numberOf(data.result, now, ageMsMax);
  if (data.resultType !== "vector")
    return none(
      "query-unclear",
      `the query answers with a ${data.resultType}, not with one number`,
    );
  const [first, ...others] = data.result;
  if (first === undefined) return none("no-samples", "the query found no series: that is not zero");
  if (others.length > 0) {
    const found = `the query found ${data.result.length} series`;
    return none("query-unclear", `${found}: it must aggregate them to one, for example with sum()`);
  }
  if (first.value === undefined)
    return none("query-unclear", "the query answers with a native histogram, not with one number");
  return numberOf(first.value, now, ageMsMax);
}

function numberOf(
  [seconds, text]: z.infer<typeof Point>,
  now: Instant,
  ageMsMax: Millis,
): Answered {
  const ageMs = now - seconds * 1_000;
  if (Math.abs(ageMs) > ageMsMax) {
    const words = ageMs > 0 ? "old" : "ahead of our clock";
    return none("stale-answer", `the answer is ${Math.round(Math.abs(ageMs) / 1_000)} s ${words}`);
  }
  const value = text === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return { value };
  return none("no-samples", `the query answers with ${short(text)}, which is no number`);
}

function unreadable(status: number, text: string): Answered {
  if (status === 401 || status === 403)
    return none("authentication-failed", `Prometheus answered with status ${status}`);
  if (status !== 200) return none("unexpected-status", `expected status 200, found ${status}`);
  return none("unexpected-body", `expected an answer of Prometheus, found "${short(text)}"`);
}

function none(code: ProblemCode, detail: string): Answered {
  return { problem: problem(code, detail) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
