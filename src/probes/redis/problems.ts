import { ReplyError } from "ioredis";

import { problem, type ProblemCode } from "../../domain/problem.ts";
import { short, type Finding } from "../looking.ts";
import { byNetwork } from "../network.ts";

/** What an error on the way to Redis, or an answer of Redis that is one, says of it. */
export function byRedis(error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const rule = ANSWERS.find(([pattern]) => pattern.test(message));
  if (rule !== undefined) return { value: rule[1], problem: problem(rule[2], short(message, 200)) };
  const network = byNetwork(error);
  if (network !== null) return network;
  if (message === "Connection is closed.")
    return { value: 0, problem: problem("connection-reset", "the connection was closed") };
  return { value: null, problem: problem("probe-failed", short(message, 200)) };
}

/** True for an error in Redis's own words. */
export function isAnswer(error: unknown): boolean {
  return error instanceof ReplyError;
}

/** True for an answer that a failed login may be the reason of. */
export function isAboutLogin(error: unknown): boolean {
  return error instanceof Error && isAnswer(error) && /^(NOAUTH|NOPERM) /.test(error.message);
}

/**
 * Redis lets PING fail where it could serve nobody. MISCONF is one of them: it cannot save and therefore refuses every
 * write. What only this connection or user meets says nothing of the others.
 */
const ANSWERS: readonly (readonly [RegExp, 0 | null, ProblemCode])[] = [
  [/^LOADING /, 0, "database-recovering"],
  [/^MASTERDOWN /, 0, "master-down"],
  [/^BUSY /, 0, "script-running"],
  [/^MISCONF /, 0, "writes-refused"],
  [/^READONLY /, null, "writes-refused"],
  [/^OOM /, null, "memory-exhausted"],
  [/ERR max number of clients/, null, "connections-exhausted"],
  [
    /^(NOAUTH|WRONGPASS|NOPERM|DENIED|ERR (invalid password|AUTH)) ?/,
    null,
    "authentication-failed",
  ],
];
