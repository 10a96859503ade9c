import type { FastifyInstance, FastifyReply } from "fastify";
import { hang, destroy } from "../platform/edge.ts";
import type { FaultOf } from "../platform/faults.ts";
import type { Platform } from "../platform/platform.ts";
import { checkMessage } from "./message.ts";

const APART_MS = 1_000;
const KEPT = 1_000;

export type SlackMessage = { at: number; webhook: string; body: Record<string, unknown> };

/** The Slack double: incoming webhooks with Slack's rules, and `GET /slack/messages` for what it accepted. */
export function addSlack(app: FastifyInstance, platform: Platform): void {
  const messages: SlackMessage[] = [];
  const lastAt = new Map<string, number>();
  void app.register(async (scope) => {
    // Slack judges the body itself; a broken one is its "invalid_payload", not a parser's error.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
      done(null, body);
    });
    scope.post<{ Body: unknown }>("/slack/webhook/*", async (request, reply) => {
      const reject = (code: number, text: string) => {
        platform.counters.slackRejected += 1;
        return reply.code(code).type("text/plain").send(text);
      };
      const fault = platform.faults.take("slack");
      if (fault !== undefined) {
        platform.counters.slackRejected += 1;
        return failAs(reply, fault);
      }
      const webhook = request.url.split("?")[0] ?? "";
      const now = Date.now();
      const waitMs = (lastAt.get(webhook) ?? 0) + APART_MS - now;
      if (waitMs > 0) {
        reply.header("Retry-After", String(Math.ceil(waitMs / 1_000)));
        return reject(429, "rate_limited");
      }
      const read = checkMessage(typeof request.body === "string" ? request.body : "");
      if (!read.ok) return reject(400, read.why);
      lastAt.set(webhook, now);
      messages.push({ at: now, webhook, body: read.body });
      if (messages.length > KEPT) messages.shift();
      platform.counters.slackAccepted += 1;
      return reply.type("text/plain").send("ok");
    });
  });
  app.get("/slack/messages", async () => ({ messages }));
}

function failAs(reply: FastifyReply, fault: FaultOf<"slack">): FastifyReply {
  switch (fault.how) {
    case "429":
      reply.header("Retry-After", String(fault.retryAfter ?? 1));
      return reply.code(429).type("text/plain").send("rate_limited");
    case "500":
      return reply.code(500).type("text/plain").send("internal_error");
    case "hang":
      return hang(reply);
    case "down":
      return destroy(reply);
    default:
      throw new Error("Unknown way to fail.");
  }
}
