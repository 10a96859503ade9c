import type { Inspection } from "../../domain/evidence.ts";
import type { Release } from "../../railway/acts/release.ts";
import { isSameRelease } from "../arrival.ts";

/** Words for a deployment that has been live, or is on its way to be. */
const NEVER_RAN = ["FAILED", "SKIPPED", "NEEDS_APPROVAL"];

/**
 * The last release: the moment at which the code that now runs came to be what runs. Redeploys and moves of the same code are none,
 * and neither is a return to code that ran before (a rollback). `undefined`: none is known.
 */
export function lastRelease(
  releases: readonly Release[],
  live: string | null,
): Inspection["release"] {
  const ran = releases
    .filter(({ status }) => !NEVER_RAN.includes(status))
    .toSorted((a, b) => b.createdAt - a.createdAt);
  const [newest] = ran;
  if (newest === undefined) return undefined;
  const other = ran.findIndex((one) => isSameRelease(one.manifest, newest.manifest) !== true);
  const first = ran[other - 1];
  if (other < 1 || first === undefined) return undefined;
  const isReturn = ran
    .slice(other)
    .some((one) => isSameRelease(one.manifest, newest.manifest) === true);
  if (isReturn || isSameRelease(ran[other]?.manifest ?? newest.manifest, newest.manifest) === null)
    return undefined;
  const isLive = ran.slice(0, other).some(({ id }) => id === live);
  return { deployment: first.id, at: first.createdAt, isLive };
}
