import { createHash } from "node:crypto";
import { assertUuid, createActs, findDeployment } from "./acts.ts";
import type { Asker } from "./asker.ts";
import { paginate, type PageArguments } from "./connection.ts";
import { configView, createPatches } from "./patches.ts";
import type { Platform } from "./platform.ts";
import {
  buildLogsView,
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
import { authorize, notAuthorized } from "./tokens.ts";
import { createVariables } from "./variables.ts";
import {
  date,
  deploymentView,
  executionViews,
  serviceInstanceView,
  shownDeployments,
  volumeView,
} from "./views.ts";

type ListInput = {
  projectId?: string | null;
  environmentId?: string | null;
  serviceId?: string | null;
  status?: { in?: string[] | null; notIn?: string[] | null } | null;
};

/** The roots of all queries and mutations. They throw the platform's errors, with its words. */
export function createResolvers(platform: Platform) {
  const { services } = platform;
  return {
    ...createActs(platform),
    ...createPatches(platform),
    ...createVariables(platform),
    projectToken(_args: unknown, { identity }: Asker) {
      authorize(identity, ["project"]);
      return projectTokenView(platform);
    },
    apiToken(_args: unknown, { identity }: Asker) {
      authorize(identity, ["account"]);
      return { workspaces: [{ id: platform.tokenId, name: "TradeSense" }] };
    },
    me(_args: unknown, { identity }: Asker) {
      authorize(identity, ["account"]);
      return { id: platform.tokenId };
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
      const { service, deployment } = findDeployment(platform, id);
      return deploymentView(platform, service, deployment);
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
      findDeployment(platform, args.deploymentId);
      return deploymentLogsView(platform, args);
    },
    buildLogs(args: { deploymentId: string; limit?: number | null }, { identity }: Asker) {
      authorize(identity, ["project", "account"]);
      const { deployment } = findDeployment(platform, args.deploymentId);
      return buildLogsView(deployment);
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
    .flatMap((service) =>
      shownDeployments(platform, service).map((it) => deploymentView(platform, service, it)),
    )
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

function environmentView(platform: Platform) {
  const { services } = platform;
  return {
    id: platform.environmentId,
    name: "production",
    projectId: platform.projectId,
    config: ({ decryptVariables }: { decryptVariables?: boolean | null }) =>
      configView(platform, decryptVariables === true),
    configEtag: etagOf(platform),
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
        services.filter((it) => it.hasVolume).map((it) => volumeView(platform, it)),
        page,
      ),
  };
}

function etagOf(platform: Platform): string {
  const text = JSON.stringify(configView(platform, true));
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
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
