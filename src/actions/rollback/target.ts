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
 * back to the same code cures nothing. Null: there is none.
 */
export function chooseTarget(releases: readonly Release[], bad: Release): Release | null {
  const candidates = releases.filter(
    (one) =>
      one.canRollback &&
      one.id !== bad.id &&
      one.createdAt < bad.createdAt &&
      SERVED.includes(one.status) &&
      isSameRelease(one.manifest, bad.manifest) === false,
  );
  return candidates.toSorted((a, b) => b.createdAt - a.createdAt)[0] ?? null;
}

/** Why there is none, in words for a person. */
export function whyNoTarget(releases: readonly Release[], bad: Release): string {
  const older = releases.filter((one) => one.createdAt < bad.createdAt);
  const others = older.filter((one) => isSameRelease(one.manifest, bad.manifest) === false);
  if (older.length === 0) return "there is no earlier deployment";
  if (others.length === 0) return "every earlier deployment runs the same code, or does not say";
  const served = others.filter((one) => SERVED.includes(one.status));
  if (served.length === 0) return "no earlier release was ever live";
  return "Railway keeps no image of an earlier release any more";
}
