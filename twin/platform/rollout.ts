import { setTimeout as pause } from "node:timers/promises";
import { isInFlight, type Deployment } from "./deployment.ts";
import type { RailwayService } from "./railway-service.ts";
import type { Settings } from "./release.ts";
import type { Terms } from "./terms.ts";

export type Rollout = {
  made: Deployment;
  terms: Terms;
  service: RailwayService;
  /** Where replicas are wanted now. */
  regions: () => Settings["multiRegionConfig"];
  /** Waits for restarts and other rollouts of the service. */
  inTurn: (step: () => Promise<void>) => Promise<void>;
  /** Turns the traffic to the deployment. */
  promote: () => Promise<void>;
};

/**
 * The life of a deployment: built, started beside its predecessor, checked, and then in its place. Where only one
 * can run the predecessor ends first. One that does not come up fails, and the predecessor goes on serving.
 */
export async function rollOut(rollout: Rollout): Promise<void> {
  const { made, terms } = rollout;
  try {
    await pause(50, undefined, { signal: made.signal, ref: false });
    if (made.recipe.build) {
      made.report("BUILDING");
      await pause(terms.buildMs, undefined, { signal: made.signal, ref: false });
    }
    await rollout.inTurn(() => replace(rollout));
  } catch {
    // It was cancelled, or the twin ends.
  }
}

async function replace(rollout: Rollout): Promise<void> {
  const { made, service, terms } = rollout;
  if (made.signal.aborted) return;
  const before = service.live;
  // A build that took longer than a newer one's comes too late.
  if (before.createdAt > made.createdAt) return service.cancel(made);
  made.report("DEPLOYING");
  if (service.isSingle) {
    await before.takeDown("REMOVED");
    await rollout.promote();
  }
  const isUp = await made.bringUp(rollout.regions());
  if (made.signal.aborted) return;
  // Without a health check "the container has started" is all that is asked, and it has.
  const isTaken = isUp || made.recipe.settings.healthcheckPath === null;
  if (!isTaken && !service.isSingle) {
    made.report("FAILED");
    made.abort();
    await made.takeDown("REMOVED");
    return;
  }
  await rollout.promote();
  made.report(isTaken ? "SUCCESS" : "CRASHED");
  for (const older of service.deployments.current) {
    const isOvertaken = older !== made && older.createdAt <= made.createdAt && isInFlight(older);
    if (isOvertaken) await service.cancel(older);
  }
  before.report("REMOVING");
  void retire(before, terms.overlapMs);
}

async function retire(before: Deployment, overlapMs: number): Promise<void> {
  await pause(overlapMs, undefined, { ref: false });
  before.abort();
  await before.takeDown("REMOVED");
  before.removedAt = Date.now();
  before.report("REMOVED");
}
