import { problem, type Problem, type ProblemCode } from "../domain/problem.ts";
import { SECOND_MS, type Instant } from "../domain/time.ts";
import type { GraphqlError } from "./schema.ts";

/**
 * What an error of Railway's means. Only the message can be trusted: `extensions.code` says
 * INTERNAL_SERVER_ERROR for refused tokens too. The first rule that fits wins.
 */
export function classify(error: GraphqlError, now: Instant): Problem {
  const message = error.message.toLowerCase();
  const code = RULES.find(([pattern]) => pattern.test(message))?.[1] ?? "railway-refused";
  const trace = error.traceId ?? error.extensions?.traceId;
  const detail =
    trace === undefined || trace === null ? error.message : `${error.message} (trace ${trace})`;
  const retryAt = code === "railway-rate-limited" ? retryOf(message, now) : undefined;
  return problem(code, plain(detail), retryAt);
}

/** True when the limit is of one service's deployments, not of the whole API. */
export function isDeploymentLimit(error: GraphqlError): boolean {
  return /deployment rate limit/i.test(error.message);
}

/** Text of strangers on one line: no control characters, bounded. */
export function plain(text: string, lengthMax = 300): string {
  // oxlint-disable-next-line no-control-regex -- removing them is the purpose
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return line.length <= lengthMax ? line : `${line.slice(0, lengthMax - 1)}…`;
}

const RULES: readonly (readonly [RegExp, ProblemCode])[] = [
  [/rate limit exceeded|too many requests/, "railway-rate-limited"],
  [/project token not found|invalid token|token (has )?expired/, "railway-bad-token"],
  [/not authorized|unauthorized|two factor authentication required/, "railway-not-authorized"],
  [
    /cannot query field|unknown (argument|type|field|fragment|directive|operation)|syntax error|is not defined by (type|operation)|must (not )?have a (selection|sub ?selection)|is required, but it was not provided|used in position expecting|is never used/,
    "railway-schema",
  ],
];

function retryOf(message: string, now: Instant): Instant | undefined {
  const seconds = /(\d{1,5}) ?(?:s\b|sec)/.exec(message)?.[1];
  return seconds === undefined ? undefined : now + Number(seconds) * SECOND_MS;
}
