import { createHash, timingSafeEqual } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";

import { ROLES, type Role, type Token } from "../config/tokens.ts";
import type { Instant } from "../domain/time.ts";
import { createBucket, type Bucket } from "./bucket.ts";

export interface AccessParts {
  readonly tokens: readonly Token[];
  /** Only this machine can call: then reading needs no token where none is configured. */
  readonly isLocal: boolean;
  readonly now: () => Instant;
  /** For the log: never with what was sent. */
  onRefused(code: string, route: string): void;
}

/** Who calls. `null`: somebody on this machine, who may only read. */
export type Caller = Token | null;

/** Answers what may go on, or sends the refusal and answers null. */
export type Access = (
  request: FastifyRequest,
  reply: FastifyReply,
  role: Role,
) => { readonly caller: Caller } | null;

/** Failures are slowed down, and only they: nobody can lock out who has a right token. */
const FAILURE_RATE = { burst: 20, perSecond: 0.5 };
const CALLER_RATE = { burst: 60, perSecond: 10 };

/** Bearer tokens with roles. A wrong or missing token is 401, too low a role 403, too much of either 429. */
export function createAccess(parts: AccessParts): Access {
  const failures = createBucket(FAILURE_RATE, parts.now);
  const buckets = new Map<string, Bucket>(
    ["", ...parts.tokens.map(({ name }) => name)].map((name) => [
      name,
      createBucket(CALLER_RATE, parts.now),
    ]),
  );
  const refuse = (request: FastifyRequest, reply: FastifyReply, of: Refused): null => {
    parts.onRefused(of.error, request.routeOptions.url ?? "");
    void reply.code(of.status).send({ error: of.error, message: of.message });
    return null;
  };
  return (request, reply, role) => {
    const caller = callerOf(parts, request, role);
    if ("error" in caller) {
      const waitMs = failures();
      if (waitMs > 0) return tooMuch(reply, waitMs);
      if (caller.status === 401) void reply.header("www-authenticate", "Bearer");
      return refuse(request, reply, caller);
    }
    const waitMs = buckets.get(caller.caller?.name ?? "")?.() ?? 0;
    return waitMs > 0 ? tooMuch(reply, waitMs) : caller;
  };
}

interface Refused {
  readonly status: 401 | 403;
  readonly error: string;
  readonly message: string;
}

function callerOf(
  { tokens, isLocal }: AccessParts,
  request: FastifyRequest,
  role: Role,
): { readonly caller: Caller } | Refused {
  if (tokens.length === 0) {
    if (role === "viewer" && isLocal) return { caller: null };
    return {
      status: 403,
      error: "no-tokens",
      message: "SIGNALMAN_TOKENS names nobody, so nobody may do this over HTTP",
    };
  }
  const given = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const token = find(tokens, given);
  if (token === null)
    return {
      status: 401,
      error: "unauthorized",
      message: "expected Authorization: Bearer with a token that SIGNALMAN_TOKENS knows",
    };
  if (ROLES.indexOf(token.role) < ROLES.indexOf(role))
    return {
      status: 403,
      error: "forbidden",
      message: `this needs the role ${role}, and ${token.name} has the role ${token.role}`,
    };
  return { caller: token };
}

/** Looks at every token, whichever fits, so that the time tells nothing. */
function find(tokens: readonly Token[], given: string): Token | null {
  const digest = createHash("sha256").update(given).digest();
  let found: Token | null = null;
  for (const token of tokens)
    if (timingSafeEqual(digest, Buffer.from(token.sha256, "hex"))) found = token;
  return found;
}

function tooMuch(reply: FastifyReply, waitMs: number): null {
  void reply
    .code(429)
    .header("retry-after", String(Math.ceil(waitMs / 1_000)))
    .send({ error: "too-many", message: "too much at once: try again later" });
  return null;
}
