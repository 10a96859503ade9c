import type { Json, JsonObject } from "../domain/json.ts";
import { problem } from "../domain/problem.ts";
import type { Instant } from "../domain/time.ts";
import type { Sighting } from "../ports/action.ts";
import type { Manifest, Release } from "../railway/acts/release.ts";
import type { Call } from "../railway/graphql.ts";
import { isInFlight } from "../railway/live.ts";
import type { Railway } from "../railway/railway.ts";

/** What makes two deployments the same release. An image service has no commit. */
export type Identity = Pick<Manifest, "commit" | "image" | "imageDigest">;

/** The part of a manifest by which releases are told apart. */
export function identityOf({ commit, image, imageDigest }: Manifest): Identity & JsonObject {
  return { commit, image, imageDigest };
}

/** One text for a release, by what tells it best from others; null when Railway says nothing of it. */
export function releaseKey({ commit, image, imageDigest }: Identity): string | null {
  return commit ?? imageDigest ?? image;
}

/** Whether two deployments run the same code; null when Railway does not say enough to tell. */
export function isSameRelease(a: Identity, b: Identity): boolean | null {
  if (a.commit !== null && b.commit !== null) return a.commit === b.commit;
  if (a.imageDigest !== null && b.imageDigest !== null) return a.imageDigest === b.imageDigest;
  if (a.image !== null && b.image !== null && a.commit === b.commit) return a.image === b.image;
  return null;
}

/** For people: the short commit with its message, or the image. */
export function nameOf({ commit, message, image, imageDigest }: Manifest): string {
  if (commit !== null) return `${commit.slice(0, 7)}${message === null ? "" : ` "${message}"`}`;
  return image ?? imageDigest ?? "an unnamed release";
}

/** The deployments there were before the call, as a plan keeps them. */
export interface Before {
  readonly known: readonly string[];
  readonly newestAt: Instant;
  /** Whether the platform says when a status changed: where it does not, it may be showing an old picture. */
  readonly saysWhen: boolean;
}

/** What a later look is compared with. */
export function beforeOf(releases: readonly Release[]): Before & JsonObject {
  return {
    known: releases.map(({ id }) => id),
    newestAt: releases[0]?.createdAt ?? 0,
    saysWhen: saysWhen(releases),
  };
}

function saysWhen([newest]: readonly Release[]): boolean {
  return newest !== undefined && newest.statusUpdatedAt !== null;
}

/** The same out of a stored plan. */
export function beforeFrom(value: Json | undefined): Before {
  const empty = { known: [], newestAt: 0, saysWhen: false };
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...empty, ...(value as object) }
    : empty;
}

/** What came of looking for the deployment that a call should have made. */
export type Arrival =
  | { readonly kind: "arrived"; readonly release: Release; readonly others: readonly Release[] }
  | Extract<Sighting, { kind: "nothing" | "withheld" }>;

export interface Expected {
  readonly serviceId: string;
  readonly before: Before;
  /** Whether a deployment is the one: by the id the call answered, or by what it runs. */
  readonly isIt: (release: Release) => boolean;
  /** The last look: one that is still on its way has arrived all the same. */
  readonly isLast: boolean;
}

/**
 * Looks for the newest deployment since the call that is the expected one, and waits while it is on its way. "Nothing
 * came" needs a list that is complete: an execution of a deployment that is not listed shows that it is not.
 */
export async function lookForArrival(
  railway: Railway,
  expected: Expected,
  call: Call,
): Promise<Arrival> {
  const { serviceId, before, isIt, isLast } = expected;
  const releases = await railway.acts.releases(serviceId, call);
  if (!releases.ok) return { kind: "withheld", problem: releases.problem };
  const fresh = releases.value.filter(
    ({ id, createdAt }) => !before.known.includes(id) && createdAt >= before.newestAt,
  );
  const release = fresh.find(isIt);
  if (release !== undefined) {
    if (isInFlight(release) && !isLast) {
      return { kind: "nothing", evidence: { onItsWay: release.id, status: release.status } };
    }
    return { kind: "arrived", release, others: fresh.filter((one) => one !== release) };
  }
  const executions = await railway.executions(serviceId, call);
  if (!executions.ok) return { kind: "withheld", problem: executions.problem };
  const listed = releases.value.map(({ id }) => id);
  const unlisted = executions.value.find(({ deploymentId }) => !listed.includes(deploymentId));
  // An old row may be of a deployment that is no longer on the page.
  if (unlisted !== undefined && unlisted.createdAt > before.newestAt) {
    const detail = `Railway runs deployment ${unlisted.deploymentId} and does not list it`;
    return { kind: "withheld", problem: problem("evidence-withheld", detail) };
  }
  if (!before.saysWhen || !saysWhen(releases.value)) {
    const detail = "Railway does not say when statuses changed";
    return { kind: "withheld", problem: problem("evidence-withheld", detail) };
  }
  return {
    kind: "nothing",
    evidence: {
      looked: "no new deployment of this release is listed",
      ...(fresh.length === 0 ? {} : { others: fresh.map(told) }),
    },
  };
}

/** A deployment in words. */
export function told({ id, status, manifest }: Release): string {
  return `deployment ${id} of ${nameOf(manifest)} is ${status}`;
}
