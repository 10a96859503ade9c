import type { FastifyReply } from "fastify";
import type { FaultOf } from "./faults.ts";

/** Answers as what stands in front of Railway's backend does when something is wrong: rarely with JSON. */
export function answerWith(reply: FastifyReply, fault: FaultOf<"graphql">): FastifyReply {
  switch (fault.how) {
    case "429":
      reply.header("Retry-After", String(fault.retryAfter ?? 5));
      return reply.code(429).send({ errors: [{ message: "Rate limit exceeded" }], data: null });
    case "html-403":
      return reply.code(403).type("text/html").send(page("Access denied"));
    case "502":
      return reply.code(502).type("text/html").send(page("502 Bad Gateway"));
    case "garbage":
      return reply.type("application/json").send('{"data":{"deployments":{"edges":[{"node":');
    case "hang":
      return hang(reply);
    default:
      throw new Error("Unknown way to fail.");
  }
}

/** Cuts the connection instead of answering. */
export function destroy(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

/** Never answers; the connection stays until the client or the twin ends it. */
export function hang(reply: FastifyReply): FastifyReply {
  return reply.hijack();
}

function page(title: string): string {
  return `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
}
