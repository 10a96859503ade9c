import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

import type { FastifyInstance, FastifyReply } from "fastify";

import type { Hint } from "../domain/hint.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Hook } from "../hooks/hook.ts";
import { createBucket } from "./bucket.ts";
import { isSecret } from "./secret.ts";

/** Somebody who may send events. */
export interface Sender {
  readonly hook: Hook;
  readonly secret: string;
}

/** Something that must call in from time to time. */
export interface Caller {
  readonly target: string;
  readonly probe: string;
  readonly secret: string;
}

export interface HookParts {
  readonly senders: readonly Sender[];
  readonly callers: readonly Caller[];
  readonly now: () => Instant;
  /** `delivery` stands for the bytes of it. Never waits. */
  hear(source: string, hints: readonly Hint[], delivery: string): Answer;
  call(target: string, probe: string, failed: boolean): void;
  /** For the metrics. */
  onDelivery(source: string, result: Result): void;
  onError(error: unknown): void;
}

export type Answer =
  | {
      readonly kind: "heard";
      readonly fresh: number;
      readonly repeated: number;
      readonly targets: readonly string[];
    }
  | { readonly kind: "busy" };

export type Result = "heard" | "repeated" | "refused" | "busy";

const PREFIX = "/api/v1/hooks";
const BODY_BYTES_MAX = 256 * 1024;
const SENDER_RATE = { burst: 200, perSecond: 50 };
const CALLER_RATE = { burst: 10, perSecond: 1 };
const BUSY_MS: Millis = 5_000;

/**
 * The addresses that others send to. Who does not know the secret gets what every wrong address gets, before a byte of
 * the body is read; what is taken is queued, so that no sender waits for us.
 */
export function addHooks(server: FastifyInstance, parts: HookParts): void {
  void server.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        /^application\/(?:[\w.-]+\+)?json\b/i,
        { parseAs: "buffer" },
        (_request, body, done) => done(null, body),
      );
      scope.setErrorHandler((error, _request, reply) => explain(parts, error, reply));
      for (const sender of parts.senders) addSender(scope, parts, sender);
    },
    { prefix: PREFIX },
  );
  void server.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      // What a job has to say is not read: that it calls is all.
      scope.addContentTypeParser("*", (_request, payload, done) => {
        payload.resume();
        done(null);
      });
      addCallers(scope, parts);
    },
    { prefix: PREFIX },
  );
}

function addSender(scope: FastifyInstance, parts: HookParts, { hook, secret }: Sender): void {
  const { source, isSigned } = hook;
  const bucket = createBucket(SENDER_RATE, parts.now);
  const inPath = isSigned === undefined;
  scope.post<{ Params: { secret: string }; Body: Buffer | undefined }>(
    inPath ? `/${source}/:secret` : `/${source}`,
    {
      bodyLimit: BODY_BYTES_MAX,
      onRequest: (request, reply, done) => {
        if (inPath && !isSecret(request.params.secret, secret)) reply.callNotFound();
        else done();
      },
    },
    (request, reply) => {
      const bytes = request.body ?? Buffer.alloc(0);
      if (isSigned !== undefined && !isSigned(secret, bytes, request.headers))
        return reply.callNotFound();
      const waitMs = bucket();
      if (waitMs > 0) return refuseFor(parts, source, reply, 429, waitMs);
      return take(parts, hook, bytes, request.headers, reply);
    },
  );
}

function take(
  parts: HookParts,
  hook: Hook,
  bytes: Buffer,
  headers: IncomingHttpHeaders,
  reply: FastifyReply,
): FastifyReply {
  const { source } = hook;
  const body = parse(bytes);
  const reading =
    body === undefined
      ? { kind: "refused" as const, why: "expected JSON in UTF-8" }
      : hook.read(body, headers);
  if (reading.kind === "refused") {
    parts.onDelivery(source, "refused");
    return reply.code(400).send({ error: "bad-body", message: reading.why });
  }
  const delivery = createHash("sha256").update(bytes).digest("base64url");
  const answer = parts.hear(source, reading.hints, delivery);
  if (answer.kind === "busy") return refuseFor(parts, source, reply, 503, BUSY_MS);
  const { fresh, repeated, targets } = answer;
  const isRepeat = fresh === 0 && repeated > 0;
  parts.onDelivery(source, isRepeat ? "repeated" : "heard");
  return reply.code(isRepeat ? 200 : 202).send({ heard: fresh, repeated, targets });
}

/** `undefined`: no JSON. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

function addCallers(scope: FastifyInstance, parts: HookParts): void {
  const callers = parts.callers.map((caller) => ({
    ...caller,
    bucket: createBucket(CALLER_RATE, parts.now),
  }));
  type Params = { name: string; secret: string };
  const find = ({ name, secret }: Params) =>
    callers.find((caller) => caller.target === name && isSecret(secret, caller.secret));
  if (callers.length === 0) return;
  scope.route<{ Params: Params; Querystring: { state?: unknown } }>({
    method: ["GET", "HEAD", "POST"],
    url: "/heartbeat/:name/:secret",
    onRequest: (request, reply, done) => {
      if (find(request.params) === undefined) reply.callNotFound();
      else done();
    },
    handler: (request, reply) => {
      const caller = find(request.params);
      if (caller === undefined) return reply.callNotFound();
      const state = request.query.state ?? "ok";
      if (state !== "ok" && state !== "fail") {
        parts.onDelivery("heartbeat", "refused");
        return reply
          .code(400)
          .send({ error: "bad-state", message: "expected state=ok or state=fail" });
      }
      const waitMs = caller.bucket();
      if (waitMs > 0) return refuseFor(parts, "heartbeat", reply, 429, waitMs);
      parts.call(caller.target, caller.probe, state === "fail");
      parts.onDelivery("heartbeat", "heard");
      return reply.header("cache-control", "no-store").type("text/plain").send("ok\n");
    },
  });
}

function refuseFor(
  parts: HookParts,
  source: string,
  reply: FastifyReply,
  status: 429 | 503,
  waitMs: Millis,
): FastifyReply {
  parts.onDelivery(source, "busy");
  return reply
    .code(status)
    .header("retry-after", String(Math.ceil(waitMs / 1_000)))
    .send({ error: "busy", message: "too much at once: send it again later" });
}

const WORDS: { readonly [code: string]: readonly [status: number, message: string] } = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, `expected at most ${BODY_BYTES_MAX} bytes`],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, "expected the content type application/json"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, "the body is not as long as its header says"],
};

/** In words of our own: the server's may repeat the address, and with it the secret. */
function explain(parts: HookParts, error: unknown, reply: FastifyReply): FastifyReply {
  const code =
    typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const [status, message] = WORDS[code] ?? [500, "it was not taken"];
  if (status === 500) parts.onError(error);
  return reply.code(status).send({ error: status === 500 ? "failed" : "bad-request", message });
}
