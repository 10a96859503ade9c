/** What a deployment that became live means, given the last ones (newest last). */
export type Arrival = "none" | "same" | "release" | "return";

/**
 * `same`: the id or commit that is live already, so nothing changed. `return`: one that was live before, so a rollback and
 * not a release. An id may carry its commit behind an `@`; without one it is compared as it stands.
 */
export function arrivalOf(known: readonly string[], deployment: string | undefined): Arrival {
  if (deployment === undefined) return "none";
  const commit = commitOf(deployment);
  if (known.at(-1) === commit) return "same";
  return known.includes(commit) ? "return" : "release";
}

/** The known ones with this one as the newest; at most eight. */
export function note(known: readonly string[], deployment: string): readonly string[] {
  const commit = commitOf(deployment);
  return [...known.filter((other) => other !== commit), commit].slice(-MOST_KNOWN);
}

function commitOf(deployment: string): string {
  return deployment.slice(deployment.lastIndexOf("@") + 1);
}

const MOST_KNOWN = 8;
