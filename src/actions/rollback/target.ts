import type { Release } from "../../railway/acts/release.ts";
import { isSameRelease } from "../arrival.ts";

/**
 * Words for "was live at some time", of those that can be gone back to. Most are REMOVED; one that CRASHED was live too,
 * and cures nothing.
 */
const SERVED = ["SUCCESS", "SLEEPING", "REMOVING", "REMOVED"];

/**
 * The deployment to go back to: the newest that was created before the bad one, served, whose image is still kept, and whose
 * code surely differs. One commit is deployed again and again by redeploys, moves and variable changes, and going
 * back to the same code cures nothing. What somebody went back from before is no place to go to. Null: there is none.
 */
export function chooseTarget(releases: readonly Release[], bad: Release): Release | null {
  const candidates = releases.filter(
    (one) =>
      one.canRollback &&
      one.id !== bad.id &&
      one.createdAt < bad.createdAt &&
      SERVED.includes(one.status) &&
      isSameRelease(one.manifest, bad.manifest) === false &&
      !isAbandoned(one, releases),
  );
  return candidates.toSorted((a, b) => b.createdAt - a.createdAt)[0] ?? null;
}

/**
 * Whether code that is older was put back in its place later: that is what a rollback leaves behind, ours or a person's.
 * Code counts from when it was first deployed, so that shipping the bad commit again does not make a good one bad.
 */
function isAbandoned(one: Release, releases: readonly Release[]): boolean {
  const first = (of: Release): number =>
    Math.min(
      ...releases
        .filter(({ manifest }) => isSameRelease(manifest, of.manifest) === true)
        .map(({ createdAt }) => createdAt),
    );
  return releases.some(
    (later) =>
      later.createdAt > one.createdAt &&
      [...SERVED, "CRASHED"].includes(later.status) &&
      isSameRelease(later.manifest, one.manifest) === false &&
      first(later) < first(one),
  );
}

/** Why there is none, in words for a person. */
export function whyNoTarget(releases: readonly Release[], bad: Release): string {
  const older = releases.filter((one) => one.createdAt < bad.createdAt);
  const others = older.filter((one) => isSameRelease(one.manifest, bad.manifest) === false);
  if (older.length === 0) return "there is no earlier deployment";
  if (others.length === 0) return "every earlier deployment runs the same code, or does not say";
  const served = others.filter((one) => SERVED.includes(one.status));
  if (served.length === 0) return "no earlier release was ever live";
  if (!served.some((one) => one.canRollback)) {
    return "Railway keeps no image of an earlier release any more";
  }
  return "every earlier release whose image is kept was itself gone back from";
}
