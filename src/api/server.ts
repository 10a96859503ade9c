import fastify, { type FastifyInstance } from "fastify";

import type { Metrics } from "../telemetry/metrics.ts";

/** Why the daemon is not ready; empty when it is. */
export type Readiness = () => readonly string[];

/**
 * `/healthz`: the process lives. `/readyz`: it can do its whole job, else 503 with the reasons. `/metrics`: for
 * Prometheus. Nothing here changes anything.
 */
export function createServer(readiness: Readiness, metrics: Metrics): FastifyInstance {
  const server = fastify({ logger: false, forceCloseConnections: true, requestTimeout: 10_000 });
  server.get("/healthz", () => ({ status: "ok" }));
  server.get("/readyz", (_request, reply) => {
    const reasons = readiness();
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ ready: reasons.length === 0, reasons });
  });
  server.get("/metrics", async (_request, reply) => {
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return server;
}
