import type { FastifyInstance, FastifyRequest } from "fastify";

const bodies = new WeakMap<FastifyRequest, string>();

/** Keeps the bytes of JSON bodies as they came: signatures are made over those, not over what was parsed. */
export function keepRawBodies(app: FastifyInstance): void {
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = body.toString();
    bodies.set(request, text);
    try {
      done(null, text === "" ? undefined : JSON.parse(text));
    } catch {
      done(Object.assign(new Error("The body is not JSON."), { statusCode: 400 }));
    }
  });
}

/** The body of a request as it came; "" when there was none. */
export function rawBody(request: FastifyRequest): string {
  return bodies.get(request) ?? "";
}
