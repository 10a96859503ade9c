import fastify, { type FastifyInstance } from "fastify";

import { addControl, type ControlParts } from "./control.ts";
import { addHooks, type HookParts } from "./hooks.ts";
import { addSwitches, type SwitchPolls } from "./switches.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** Why the daemon is not ready; empty when it is. */
export type Readiness = () => readonly string[];

/**
 * `/healthz`: the process lives. `/readyz`: it can do its whole job, else 503 with the reasons. `/metrics`: for
 * Prometheus. `/api/v1/hooks/…`: what comes in from outside. `/api/v1/…` else: what people ask and order. `/switches`: for apps that ask. Requests are not logged: some addresses hold a secret.
 */
export function createServer(
  readiness: Readiness,
  metrics: Metrics,
  hooks: HookParts,
  polls: SwitchPolls,
  control?: ControlParts,
): FastifyInstance {
  const server = fastify({
    logger: false,
    forceCloseConnections: true,
    requestTimeout: 10_000,
    // As long as an address can be: a refusal by length would tell where one exists.
    routerOptions: { maxParamLength: 16_384 },
  });
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
  addHooks(server, hooks);
  addSwitches(server, polls, hooks.now);
  if (control !== undefined) addControl(server, control);
  // Every wrong address gets the same, also one with a wrong secret; it repeats nothing of what was asked.
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "not-found" }));
  return server;
}
