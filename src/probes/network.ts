import { problem, type ProblemCode } from "../domain/problem.ts";
import { short, type Finding } from "./looking.ts";

/**
 * What a network error says of the target. Refused, cut and late are words of the other side: 0. Names and
 * certificates are as likely our own or the configuration's fault: null. Null result: no network error.
 */
export function byNetwork(error: unknown): Failing | null {
  for (const candidate of chainOf(error)) {
    const code = codeOf(candidate);
    const rule = RULES.find(([pattern]) => pattern.test(code));
    if (rule === undefined) continue;
    const [, value, name] = rule;
    const message = candidate instanceof Error ? candidate.message : "";
    const detail = message.includes(code) ? message : `${code} ${message}`;
    return { value, problem: problem(name, short(detail, 200)) };
  }
  return null;
}

type Failing = Extract<Finding, { readonly problem: unknown }>;

const RULES: readonly (readonly [RegExp, 0 | null, ProblemCode])[] = [
  [/^ECONNREFUSED$/, 0, "connection-refused"],
  [
    /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/,
    0,
    "connection-reset",
  ],
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, 0, "timeout"],
  [/^(ENOTFOUND|EAI_[A-Z]+|ENODATA|ESERVFAIL)$/, null, "dns-failed"],
  [
    /^(DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|CERT_|CRL_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS_|ERR_SSL_|EPROTO$)/,
    null,
    "tls-failed",
  ],
];

/** The error, its causes, and the errors of its tries over several addresses. Bounded: causes can be cyclic. */
function chainOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current !== undefined; depth += 1) {
    chain.push(current);
    if (current instanceof AggregateError) chain.push(...current.errors.slice(0, 8));
    current = current instanceof Error ? current.cause : undefined;
  }
  return chain;
}

export function codeOf(error: unknown): string {
  const isCoded = typeof error === "object" && error !== null && "code" in error;
  return isCoded && typeof error.code === "string" ? error.code : "";
}
