import type { Platform } from "./platform.ts";
import type { Execution, RailwayService } from "./railway-service.ts";

/** `latestDeployment` is later than everything else; on the real platform it was seen stale for a whole deploy. */
const LATEST_EXTRA_LAG_MS = 1_200;

/** A unix time in ms as the platform writes it. */
export function date(ms: number): string {
  return new Date(ms).toISOString();
}

/** A deployment as the platform shows it now: what is withheld or late is not there yet. */
export function deploymentView(platform: Platform, service: RailwayService, extraLagMs = 0) {
  const now = Date.now();
  // A withheld status is not shown as an old one: the platform knows it and does not say since when.
  const { withheldSince, ...how } = platform.visibility("status", extraLagMs);
  const reported = service.status.shown(how, now);
  const forced = platform.faults.find("deployment", service.name);
  const changedAt = forced?.since ?? reported.statusUpdatedAt;
  const url = service.name === "tradesense-backend" ? "tradesense.up.railway.test" : null;
  return {
    id: service.deploymentId,
    status: forced?.fault.status ?? reported.status,
    statusUpdatedAt: withheldSince === undefined ? date(changedAt) : null,
    createdAt: date(service.createdAt),
    updatedAt: date(withheldSince === undefined ? changedAt : service.createdAt),
    canRollback: false,
    canRedeploy: true,
    deploymentStopped: false,
    meta: meta(service.name),
    instances: service.instances.shown(platform.visibility("instances", extraLagMs), now),
    serviceId: service.id,
    environmentId: platform.environmentId,
    projectId: platform.projectId,
    snapshotId: service.snapshotId,
    url,
    staticUrl: url,
  };
}

/** The executions as the platform shows them now, newest first. */
export function executionViews(platform: Platform, service: RailwayService) {
  const rows = service.executions.shown(platform.visibility("executions"), Date.now());
  return rows.map((row) => executionView(service, row));
}

/** A service in the environment, with its deployment. */
export function serviceInstanceView(platform: Platform, service: RailwayService) {
  const isApi = service.name === "tradesense-backend";
  const runsCode = isApi || service.name === "signalman";
  return {
    id: service.instanceId,
    serviceId: service.id,
    serviceName: service.name,
    environmentId: platform.environmentId,
    createdAt: date(service.createdAt),
    updatedAt: date(service.createdAt),
    numReplicas: 1,
    region: "europe-west4-drams3a",
    healthcheckPath: isApi ? "/health" : null,
    healthcheckTimeout: isApi ? 300 : null,
    restartPolicyType: "NEVER",
    restartPolicyMaxRetries: 0,
    sleepApplication: false,
    cronSchedule: null,
    startCommand: null,
    source: runsCode
      ? { repo: `tradesense/${service.name}`, image: null }
      : { repo: null, image: image(service.name) },
    latestDeployment: () => deploymentView(platform, service, LATEST_EXTRA_LAG_MS),
    activeDeployments: () => [deploymentView(platform, service)],
  };
}

/** The volume of a service that has one. */
export function volumeView(platform: Platform, service: RailwayService) {
  const fault = platform.faults.find("volume", service.name)?.fault;
  return {
    // Derived, so that it is the same at every look.
    id: service.snapshotId.replace(/^.{8}/, "00000001"),
    volumeId: service.snapshotId.replace(/^.{8}/, "00000002"),
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
  return {
    id: row.id,
    deploymentId: row.deploymentId,
    deploymentMeta: meta(service.name),
    status: row.status,
    createdAt: date(row.createdAt),
    updatedAt: date(row.updatedAt),
    completedAt: row.completedAt === null ? null : date(row.completedAt),
  };
}

function meta(name: string): Record<string, unknown> {
  const deploy = { numReplicas: 1, restartPolicyType: "NEVER" };
  if (name === "Postgres" || name === "Redis") {
    return { image: image(name), reason: "deploy", serviceManifest: { deploy } };
  }
  return {
    repo: `tradesense/${name}`,
    branch: "main",
    commitHash: "4be0b7c1d0a5f3c2e1907d6b8a4f5e3c2d1b0a99",
    commitMessage: "Show the journal by month",
    commitAuthor: "tradesense",
    reason: "deploy",
    serviceManifest: { deploy },
  };
}

function image(name: string): string {
  return name === "Postgres" ? "ghcr.io/railwayapp-templates/postgres-ssl:18" : "redis:8";
}
