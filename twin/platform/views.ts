import type { Deployment } from "./deployment.ts";
import type { Execution } from "./executions.ts";
import type { Platform } from "./platform.ts";
import type { RailwayService } from "./railway-service.ts";
import { canRollback, metaOf } from "./manifest.ts";

/** A unix time in ms as the platform writes it. */
export function date(ms: number): string {
  return new Date(ms).toISOString();
}

/** A deployment as the platform shows it now: what is withheld or late is not there yet. */
export function deploymentView(
  platform: Platform,
  service: RailwayService,
  deployment: Deployment = service.live,
  extraLagMs = 0,
) {
  const now = Date.now();
  // A withheld status is not shown as an old one: the platform knows it and does not say since when.
  const { withheldSince, ...how } = platform.visibility("status", extraLagMs);
  const reported = deployment.status.shown(how, now);
  const forced =
    deployment === service.live ? platform.faults.find("deployment", service.name) : undefined;
  const changedAt = forced?.since ?? reported.statusUpdatedAt;
  const url = service.name === "tradesense-backend" ? "tradesense.up.railway.test" : null;
  return {
    id: deployment.id,
    status: forced?.fault.status ?? reported.status,
    statusUpdatedAt: withheldSince === undefined ? date(changedAt) : null,
    createdAt: date(deployment.createdAt),
    updatedAt: date(withheldSince === undefined ? changedAt : deployment.createdAt),
    canRollback: canRollback(service, deployment, platform.terms, now),
    canRedeploy: true,
    deploymentStopped: reported.stopped,
    meta: metaOf(deployment.recipe),
    instances: deployment.instances.shown(platform.visibility("instances", extraLagMs), now),
    serviceId: service.id,
    environmentId: platform.environmentId,
    projectId: platform.projectId,
    snapshotId: deployment.snapshotId,
    url,
    staticUrl: url,
  };
}

/** The deployments that are shown, newest first: one that was made just now, or is withheld, is not among them. */
export function shownDeployments(
  platform: Platform,
  service: RailwayService,
  extraLagMs = 0,
): readonly Deployment[] {
  return service.deployments.shown(platform.visibility("deployments", extraLagMs), Date.now());
}

/** The executions as the platform shows them now, newest first. */
export function executionViews(platform: Platform, service: RailwayService) {
  const shown = service.executions.timeline.shown(platform.visibility("executions"), Date.now());
  return shown.map((row) => executionView(service, row));
}

/** A service in the environment, with its deployments. */
export function serviceInstanceView(platform: Platform, service: RailwayService) {
  const { settings, release } = service.current;
  const [region, at] = Object.entries(settings.multiRegionConfig)[0] ?? [null, { numReplicas: 1 }];
  const lagMs = platform.terms.latestLagMs;
  return {
    id: service.instanceId,
    serviceId: service.id,
    serviceName: service.name,
    environmentId: platform.environmentId,
    createdAt: date(service.createdAt),
    updatedAt: date(service.createdAt),
    numReplicas: at.numReplicas,
    region,
    healthcheckPath: settings.healthcheckPath,
    healthcheckTimeout: settings.healthcheckPath === null ? null : 300,
    restartPolicyType: settings.restartPolicyType,
    restartPolicyMaxRetries: settings.restartPolicyMaxRetries,
    sleepApplication: false,
    cronSchedule: null,
    startCommand: settings.startCommand,
    preDeployCommand: settings.preDeployCommand,
    source: { repo: release.repo, image: release.image },
    latestDeployment: () => {
      const latest = shownDeployments(platform, service, lagMs)[0] ?? service.live;
      return deploymentView(platform, service, latest, lagMs);
    },
    activeDeployments: () => {
      const shown = shownDeployments(platform, service);
      // What serves is not named before it is listed, however long it serves already.
      const live = shown.includes(service.live) ? service.live : shown.find((it) => it.wasLive);
      return live === undefined ? [] : [deploymentView(platform, service, live)];
    },
  };
}

/** The volume of a service that has one. */
export function volumeView(platform: Platform, service: RailwayService) {
  const fault = platform.faults.find("volume", service.name)?.fault;
  return {
    // Derived, so that it is the same at every look.
    id: service.instanceId.replace(/^.{8}/, "00000001"),
    volumeId: service.instanceId.replace(/^.{8}/, "00000002"),
    serviceId: service.id,
    environmentId: platform.environmentId,
    createdAt: date(service.createdAt),
    mountPath: "/var/lib/postgresql/data",
    region: "europe-west4-drams3a",
    currentSizeMB: fault?.currentSizeMB ?? 212.5,
    sizeMB: 5_000,
    state: fault?.state ?? "READY",
  };
}

function executionView(service: RailwayService, row: Execution) {
  const of = service.deployments.current.find((it) => it.id === row.deploymentId) ?? service.live;
  return {
    id: row.id,
    deploymentId: row.deploymentId,
    deploymentMeta: metaOf(of.recipe),
    status: row.status,
    createdAt: date(row.createdAt),
    updatedAt: date(row.updatedAt),
    completedAt: row.completedAt === null ? null : date(row.completedAt),
  };
}
