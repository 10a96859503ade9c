import type { Deployment } from "./deployment.ts";
import type { RailwayService } from "./railway-service.ts";
import type { Recipe } from "./release.ts";
import type { Terms } from "./terms.ts";

/** What a deployment was made of, as its `meta` says it: an unversioned JSON scalar. */
export function metaOf({ release, settings, reason }: Recipe): Record<string, unknown> {
  const [region, at] = Object.entries(settings.multiRegionConfig)[0] ?? [];
  const deploy = { ...settings, region, numReplicas: at?.numReplicas ?? 1 };
  const image = { image: release.image, imageDigest: release.digest };
  if (release.commit === null) return { ...image, reason, serviceManifest: { deploy } };
  return {
    repo: release.repo,
    branch: "main",
    commitHash: release.commit,
    commitMessage: release.message,
    commitAuthor: "tradesense",
    imageDigest: release.digest,
    reason,
    serviceManifest: { build: { builder: "RAILPACK" }, deploy },
  };
}

/** The image of a deployment that served is kept for a time after its removal; nobody goes back to what serves. */
export function canRollback(
  service: RailwayService,
  deployment: Deployment,
  terms: Terms,
  now: number,
): boolean {
  if (!deployment.wasLive || deployment === service.live) return false;
  return deployment.removedAt === undefined || now - deployment.removedAt < terms.imageRetentionMs;
}
