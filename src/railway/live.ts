import type { Deployment, ServiceInstance } from "./schema.ts";

/**
 * The deployment that serves, or null when none does. `activeDeployments` decides; only when it is empty (a
 * crashed service, say) the newest of `deployments` that ran and was not stopped. Pass the list for an act:
 * without it `latestDeployment` is all there is, and Railway was seen to show a stale one for a whole deploy.
 */
export function liveDeployment(
  service: ServiceInstance,
  deployments?: readonly Deployment[],
): Deployment | null {
  const active = service.activeDeployments.filter((one) => !one.deploymentStopped);
  // While two overlap, the newer one that has finished its deploy serves; a restarting one says DEPLOYING.
  const serving = newest(active.filter(hasRun)) ?? newest(active);
  if (serving !== null) return serving;
  const latest = service.latestDeployment === null ? [] : [service.latestDeployment];
  return newest((deployments ?? latest).filter((one) => hasRun(one) && !one.deploymentStopped));
}

/** Words for "has been up": also a crashed one is what serves, or should. */
const RAN = ["SUCCESS", "SLEEPING", "CRASHED"];

/** Words for "on its way": acting now would meet a deployment half-way. */
const ON_THE_WAY = ["INITIALIZING", "QUEUED", "WAITING", "BUILDING", "DEPLOYING", "NEEDS_APPROVAL"];

function hasRun(deployment: Deployment): boolean {
  return RAN.includes(deployment.status);
}

/** True while this deployment is being made or restarted. */
export function isInFlight(deployment: Deployment): boolean {
  return ON_THE_WAY.includes(deployment.status);
}

function newest(deployments: readonly Deployment[]): Deployment | null {
  return deployments.reduce<Deployment | null>(
    (best, one) => (best === null || one.createdAt > best.createdAt ? one : best),
    null,
  );
}
