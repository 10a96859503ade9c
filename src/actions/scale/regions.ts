import { problem, type Problem } from "../../domain/problem.ts";
import type { Regions } from "../../railway/acts/release.ts";

export type Grown =
  | { readonly ok: true; readonly regions: Regions }
  | { readonly ok: false; readonly problem: Problem };

/**
 * The whole map of regions with `by` replicas more, at most `max` in all. They go where most are, because that is where
 * the database is near.
 */
export function grow(
  regions: Regions,
  { by, max }: { readonly by: number; readonly max: number },
): Grown {
  const [first] = Object.entries(regions).toSorted(
    ([a, most], [b, fewer]) => fewer - most || (a < b ? -1 : 1),
  );
  if (first === undefined) return { ok: false, problem: problem("replicas-unknown") };
  const total = totalOf(regions);
  const more = Math.min(by, max - total);
  if (more <= 0) {
    const detail = `there are ${total} replicas, and at most ${max} are allowed`;
    return { ok: false, problem: problem("replicas-capped", detail) };
  }
  const [region, count] = first;
  return { ok: true, regions: { ...regions, [region]: count + more } };
}

/** The patch that leads from one map to another: every region of both, null where nothing is to run. */
export function patchTo(
  wanted: Regions,
  present: Regions,
): { readonly [region: string]: number | null } {
  const emptied = Object.keys(present).filter((region) => wanted[region] === undefined);
  return { ...Object.fromEntries(emptied.map((region) => [region, null])), ...wanted };
}

export function isSameMap(a: Regions, b: Regions): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}

export function totalOf(regions: Regions): number {
  return Object.values(regions).reduce((sum, count) => sum + count, 0);
}

/** For people: `2 in us-west2 and 1 in europe-west4`. */
export function spellRegions(regions: Regions): string {
  const words = Object.entries(regions).map(([region, count]) => `${count} in ${region}`);
  return words.length === 0 ? "none" : words.join(" and ");
}
