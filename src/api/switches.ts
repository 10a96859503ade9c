import type { FastifyInstance } from "fastify";

import type { Instant } from "../domain/time.ts";
import { createBucket } from "./bucket.ts";
import { isSecret } from "./secret.ts";

/** Where the server gets its answers for apps that ask for their switches. */
export interface SwitchPolls {
  readonly isUsed: () => boolean;
  answer(
    isToken: (token: string) => boolean,
    known: readonly string[],
  ): { readonly etag: string; readonly isKnown: boolean; readonly body: string } | null;
}

const RATE = { burst: 100, perSecond: 50 };

/** `GET /switches`, for an app that asks from time to time instead of being told. Nothing is there when no switch needs it. */
export function addSwitches(server: FastifyInstance, polls: SwitchPolls, now: () => Instant): void {
  if (!polls.isUsed()) return;
  const bucket = createBucket(RATE, now);
  server.get("/switches", (request, reply) => {
    reply.header("cache-control", "no-store");
    const given = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const known = (request.headers["if-none-match"] ?? "")
      .split(",")
      .map((tag) => tag.trim().replace(/^W\//, ""));
    // Beside the secrets nothing is asked before it is known who asks: a stranger moves nothing.
    const told = polls.answer((token) => isSecret(given, token), known);
    if (told === null)
      return reply.code(401).header("www-authenticate", "Bearer").send({ error: "unauthorized" });
    if (bucket() > 0) return reply.code(429).header("retry-after", "1").send({ error: "busy" });
    reply.header("etag", told.etag);
    if (told.isKnown) return reply.code(304).send();
    return reply.type("application/json").send(told.body);
  });
}
