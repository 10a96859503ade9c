import type { PlatformChange } from "../domain/facts.ts";
import type { Release } from "../railway/acts/release.ts";
import type { Look } from "../railway/railway.ts";
import type { Deployment, Execution } from "../railway/schema.ts";
import { MINUTE_MS, type Millis } from "../domain/time.ts";
import { liveIn } from "./acting.ts";
import { nameOf, releaseKey } from "./arrival.ts";

/** What was done to the service lately, newest first, whoever did it. Nothing where the platform does not say. */
export function changesIn(
  look: Look,
  releases: readonly Release[] = [],
): readonly PlatformChange[] {
  const made = deploymentsOf(look)
    .filter(({ status }) => !UNTOUCHED.includes(status))
    .map((one): PlatformChange => {
      const release = releaseOf(one, releases);
      return {
        what: "deployment",
        deployment: one.id,
        at: one.createdAt,
        ...(release === null ? {} : { release }),
        words: madeWords(one, releases),
      };
    });
  const live = liveIn(look)?.id ?? null;
  const executions = look.executions.ok
    ? look.executions.value.filter(({ deploymentId }) => deploymentId === live)
    : [];
  const started = executions.flatMap((run) => startOf(run, executions) ?? []);
  return [...made, ...started].toSorted((a, b) => b.at - a.at).slice(0, CHANGES_MAX);
}

/** It changed nothing: no file that concerns the service. */
const UNTOUCHED: readonly string[] = ["SKIPPED"];
const CHANGES_MAX = 5;
/** A process may begin before the one that it replaces has ended. */
const OVERLAP_MS: Millis = MINUTE_MS;

function deploymentsOf(look: Look): readonly Deployment[] {
  if (look.deployments.ok) return look.deployments.value;
  return look.service.ok ? look.service.value.activeDeployments : [];
}

function releaseOf({ id }: Deployment, releases: readonly Release[]): string | null {
  const manifest = releases.find((release) => release.id === id)?.manifest;
  return manifest === undefined ? null : releaseKey(manifest);
}

function madeWords({ id, status }: Deployment, releases: readonly Release[]): string {
  const manifest = releases.find((release) => release.id === id)?.manifest;
  if (manifest === undefined) return `deployment ${id} (${status})`;
  const by = manifest.author === null ? "" : `, last commit by ${manifest.author}`;
  return `deployment ${id} of ${nameOf(manifest)}${by} (${status})`;
}

/** A run that takes the place of one that ended. The first runs of a deployment, and more replicas, replace nothing. */
function startOf(run: Execution, all: readonly Execution[]): PlatformChange | null {
  const [before] = all
    .filter(
      ({ createdAt, completedAt }) =>
        createdAt < run.createdAt &&
        completedAt !== null &&
        completedAt <= run.createdAt + OVERLAP_MS,
    )
    .toSorted((a, b) => (b.completedAt ?? 0) - (a.completedAt ?? 0));
  if (before === undefined) return null;
  return {
    what: "start",
    deployment: run.deploymentId,
    at: run.createdAt,
    afterCrash: before.status === "CRASHED",
    words: `a new process of deployment ${run.deploymentId} (${run.status})`,
  };
}
