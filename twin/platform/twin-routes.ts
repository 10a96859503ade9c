import type { FastifyInstance } from "fastify";
import { faultNames, readFault } from "./faults.ts";
import { canRollback } from "./manifest.ts";
import { FaultRefused, type Platform } from "./platform.ts";
import type { RailwayService } from "./railway-service.ts";

/** What `GET /twin/state` answers. `restarts` are those that really happened. */
export type TwinState = {
  services: ServiceState[];
  counters: {
    restarts: Record<string, number>;
    mutations: Platform["counters"]["mutations"];
    graphqlRequests: number;
    slackAccepted: number;
    slackRejected: number;
  };
  faults: Record<string, unknown>[];
};

export type ServiceState = {
  name: string;
  id: string;
  deploymentId: string;
  status: string;
  instanceId: string | null;
  instanceStatus: string | null;
  pid: number | null;
  running: boolean;
  startedAt: number | null;
  restarts: number;
  autodeploy: boolean;
  /** Of the live deployment. */
  replicas: { instanceId: string; status: string; pid: number | null; region: string }[];
  /** Newest first. */
  deployments: DeploymentState[];
};

/** A deployment as it is, not as the platform shows it. */
export type DeploymentState = {
  id: string;
  commit: string | null;
  status: string;
  reason: string;
  createdAt: number;
  canRollback: boolean;
};

/** The twin's own endpoints: faults in, state out. */
export function addTwinRoutes(app: FastifyInstance, platform: Platform): void {
  app.get("/twin/state", async () => readState(platform));
  app.post("/twin/faults", async (request, reply) => {
    const read = readFault(request.body);
    if (!read.ok) return reply.code(400).send({ ok: false, error: read.why });
    try {
      await platform.inject(read.fault);
    } catch (error) {
      if (!(error instanceof FaultRefused)) throw error;
      return reply.code(400).send({ ok: false, error: error.message });
    }
    return { ok: true };
  });
  app.delete("/twin/faults", async () => {
    await platform.clear();
    return { ok: true };
  });
  app.delete<{ Params: { name: string } }>("/twin/faults/:name", async ({ params }, reply) => {
    if (!faultNames.includes(params.name)) {
      const error = `Expected the name of a fault: ${faultNames.join(", ")}.`;
      return reply.code(400).send({ ok: false, error });
    }
    await platform.clear(params.name);
    return { ok: true };
  });
  app.post<{ Body: { drop?: boolean } | undefined }>("/twin/release", (request, reply) => {
    const released = platform.holds.release(request.body?.drop !== true);
    return reply.send({ ok: true, released });
  });
}

/** The platform's state as plain data. */
export function readState(platform: Platform): TwinState {
  const { counters, services } = platform;
  return {
    services: services.map((service) => serviceState(platform, service)),
    counters: {
      restarts: Object.fromEntries(services.map((it) => [it.name, it.restarts])),
      mutations: counters.mutations.map((it) => ({ ...it })),
      graphqlRequests: counters.graphqlRequests,
      slackAccepted: counters.slackAccepted,
      slackRejected: counters.slackRejected,
    },
    faults: platform.faults.list().map(({ fault, since, left }) => ({ ...fault, since, left })),
  };
}

function serviceState(platform: Platform, service: RailwayService): ServiceState {
  const { live } = service;
  const instance = live.instances.current[0];
  const now = Date.now();
  return {
    name: service.name,
    id: service.id,
    deploymentId: service.deploymentId,
    status: live.status.current.status,
    instanceId: instance?.id ?? null,
    instanceStatus: instance?.status ?? null,
    pid: service.ward?.pid ?? null,
    running: service.ward !== undefined,
    startedAt: service.startedAt ?? null,
    restarts: service.restarts,
    autodeploy: service.current.autodeploy,
    replicas: live.replicas.map((it) => ({
      instanceId: it.instance.id,
      status: it.instance.status,
      pid: it.ward?.pid ?? null,
      region: it.region,
    })),
    deployments: service.deployments.current.map((it) => ({
      id: it.id,
      commit: it.recipe.release.commit,
      status: it.status.current.status,
      reason: it.recipe.reason,
      createdAt: it.createdAt,
      canRollback: canRollback(service, it, platform.terms, now),
    })),
  };
}
