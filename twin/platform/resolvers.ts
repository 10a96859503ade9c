import { GraphQLError } from "graphql";
import { paginate, type PageArguments } from "./connection.ts";
import type { Platform } from "./platform.ts";
import type { RailwayService } from "./railway-service.ts";
import {
  deploymentLogsView,
  durationsView,
  logsView,
  metricsView,
  refuseWhenWithheld,
  statusesView,
  type EdgeArguments,
  type LogArguments,
  type MetricsArguments,
} from "./signals.ts";
import { authorize, notAuthorized, type Identity } from "./tokens.ts";
import { date, deploymentView, executionViews, serviceInstanceView, volumeView } from "./views.ts";

/** What a resolver knows of the request. */
export type Asker = { identity: Identity };

type ListInput = {
  projectId?: string | null;
  environmentId?: string | null;
  serviceId?: string | null;
  status?: { in?: string[] | null; notIn?: string[] | null } | null;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The roots of all queries and mutations. They throw the platform's errors, with its words. */
export function createResolvers(platform: Platform) {
  const { services } = platform;
  return {
    projectToken(_args: unknown, { identity }: Asker) {
      authorize(identity, ["project"]);
      return projectTokenView(platform);
    },
    apiToken(_args: unknown, { identity }: Asker) {
      authorize(identity, ["account"]);
      return { workspaces: [{ id: platform.tokenId, name: "TradeSense" }] };
    },
    platformStatus(_args: unknown, { identity }: Asker) {
      authorize(identity, ["project", "account", "anonymous"]);
      return platformStatusView(platform);
    },
    environment(args: { id: string; projectId?: string | null }, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      assertUuid(args.id);
      // A project token must name its project as well.
      const isNamed = args.projectId === platform.projectId;
      const mayOmit = identity === "account" && (args.projectId ?? null) === null;
      if (args.id !== platform.environmentId || !(isNamed || mayOmit)) throw notAuthorized();
      return environmentView(platform);
    },
    deployments(args: { input: ListInput } & PageArguments, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      return paginate(listDeployments(platform, args.input), args);
    },
    deployment({ id }: { id: string }, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      return deploymentView(platform, serviceOf(services, id));
    },
    deploymentInstanceExecutions(
      args: { input: { environmentId: string; serviceId: string } } & PageArguments,
      { identity }: Asker,
    ) {
      authorize(identity, ["project", "account"]);
      if (args.input.environmentId !== platform.environmentId) throw notAuthorized();
      const service = services.find((it) => it.id === args.input.serviceId);
      if (service === undefined) throw notAuthorized();
      refuseWhenWithheld(platform, "executions");
      return paginate(executionViews(platform, service), args);
    },
    metrics(args: MetricsArguments, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      const { projectId, environmentId, serviceId } = args;
      const isNamed = [projectId, environmentId, serviceId].some((it) => (it ?? null) !== null);
      if (!isNamed || !isOurs(platform, projectId, environmentId)) throw notAuthorized();
      return metricsView(platform, args);
    },
    httpMetricsGroupedByStatus(args: EdgeArguments, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      if (!isOurs(platform, null, args.environmentId)) throw notAuthorized();
      return statusesView(platform, args);
    },
    httpDurationMetrics(args: EdgeArguments, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      if (!isOurs(platform, null, args.environmentId)) throw notAuthorized();
      return durationsView(platform, args);
    },
    environmentLogs(args: LogArguments & { environmentId: string }, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      if (!isOurs(platform, null, args.environmentId)) throw notAuthorized();
      return logsView(platform, args);
    },
    deploymentLogs(
      args: { deploymentId: string; filter?: string | null; limit?: number | null },
      { identity }: Asker,
    ) {
      authorize(identity, ["project", "account"]);
      serviceOf(services, args.deploymentId);
      return deploymentLogsView(platform, args);
    },
    deploymentRestart({ id }: { id: string }, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      // Accepted, not done: the answer does not wait for the new process.
      void platform.restart(serviceOf(services, id));
      return true;
    },
  };
}

function listDeployments(platform: Platform, input: ListInput) {
  const { projectId, environmentId, serviceId, status } = input;
  if (
    !isOurs(platform, projectId, environmentId) ||
    (projectId ?? environmentId ?? serviceId ?? null) === null
  )
    throw notAuthorized();
  const wanted = platform.services.filter((it) => (serviceId ?? it.id) === it.id);
  if (wanted.length === 0) throw notAuthorized();
  return wanted
    .map((service) => deploymentView(platform, service))
    .filter((view) => status?.in?.includes(view.status) ?? true)
    .filter((view) => !(status?.notIn?.includes(view.status) ?? false));
}

function isOurs(
  platform: Platform,
  projectId: string | null | undefined,
  environmentId: string | null | undefined,
): boolean {
  return (
    (projectId ?? platform.projectId) === platform.projectId &&
    (environmentId ?? platform.environmentId) === platform.environmentId
  );
}

function serviceOf(services: readonly RailwayService[], deploymentId: string): RailwayService {
  assertUuid(deploymentId);
  const found = services.find((service) => service.deploymentId === deploymentId);
  if (found !== undefined) return found;
  const isServiceId = services.some((service) => service.id === deploymentId);
  throw isServiceId ? new GraphQLError("Deployment not found") : notAuthorized();
}

function assertUuid(id: string): void {
  if (!UUID.test(id)) throw new GraphQLError("Problem processing request");
}

function environmentView(platform: Platform) {
  const { services } = platform;
  return {
    id: platform.environmentId,
    name: "production",
    projectId: platform.projectId,
    configEtag: platform.tokenId.slice(0, 8),
    isEphemeral: false,
    createdAt: date(platform.createdAt),
    updatedAt: date(platform.createdAt),
    serviceInstances: (page: PageArguments) =>
      paginate(
        services.map((service) => serviceInstanceView(platform, service)),
        page,
      ),
    volumeInstances: (page: PageArguments) =>
      paginate(
        services.filter((it) => it.name === "Postgres").map((it) => volumeView(platform, it)),
        page,
      ),
  };
}

function projectTokenView(platform: Platform) {
  return {
    id: platform.tokenId,
    name: "signalman",
    displayToken: `${platform.tokens.project.slice(0, 4)}****`,
    createdAt: date(platform.createdAt),
    projectId: platform.projectId,
    environmentId: platform.environmentId,
    project: { id: platform.projectId, name: "tradesense", createdAt: date(platform.createdAt) },
    environment: () => environmentView(platform),
  };
}

function platformStatusView(platform: Platform) {
  const incident = platform.faults.find("platform-incident");
  if (incident === undefined) return { isStable: true, incident: null, maintenance: null };
  return {
    isStable: false,
    maintenance: null,
    incident: {
      id: `incident-${incident.since}`,
      message: incident.fault.message,
      status: "INVESTIGATING",
      url: "https://status.railway.com",
      createdAt: date(incident.since),
    },
  };
}
