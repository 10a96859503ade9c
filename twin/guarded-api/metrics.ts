import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Counter, Histogram, Registry } from "prom-client";
import { refusedBy } from "./switches.ts";

/** `GET /metrics`: request counts and durations (refusals by a switch are told apart by a label), process metrics. */
export function addMetrics(app: FastifyInstance): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "http_requests_total",
    help: "Requests answered.",
    labelNames: ["method", "endpoint", "status", "switch"] as const,
    registers: [registry],
  });
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from request to answer.",
    labelNames: ["method", "endpoint", "switch"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    const endpoint = request.routeOptions.url ?? "unmatched";
    const { method } = request;
    const by = refusedBy(request) ?? "";
    requests.inc({ method, endpoint, status: String(reply.statusCode), switch: by });
    duration.observe({ method, endpoint, switch: by }, reply.elapsedTime / 1_000);
  });
  app.get("/metrics", async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
}
