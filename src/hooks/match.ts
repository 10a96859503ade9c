import type { Hint } from "../domain/hint.ts";

/** What a target is called by others. */
export interface Known {
  readonly name: string;
  /** Railway's name or id of it. */
  readonly service: string | null;
  readonly url: string | null;
}

/**
 * The targets a hint is about, by the first of its names that fits any. `null`: it is about another environment, and
 * none of ours. An empty list: it names nothing that is guarded. A count without a name means the only target.
 */
export function matcher(
  targets: readonly Known[],
  environment: string | null,
): (hint: Hint) => readonly string[] | null {
  const byName = new Map<string, string[]>();
  for (const { name, service, url } of targets) {
    const names = [name, service, url].flatMap((text) => (text === null ? [] : bare(text)));
    for (const one of new Set(names)) byName.set(one, [...(byName.get(one) ?? []), name]);
  }
  return (hint) => {
    if (isElsewhere(hint.environment, environment)) return null;
    for (const name of hint.names) {
      const found = byName.get(name.toLowerCase()) ?? byName.get(bare(name));
      if (found !== undefined) return found;
    }
    const [only, ...others] = targets;
    const isOnly = hint.count !== null && hint.names.length === 0 && others.length === 0;
    return isOnly && only !== undefined ? [only.name] : [];
  };
}

function isElsewhere(said: string | null, own: string | null): boolean {
  if (said === null) return false;
  return said.startsWith("ephemeral ") || (own !== null && said !== own);
}

/** Of an address only who it is: no scheme, path, port, nor the end of Railway's private names. */
function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/[/?#].*$/, "")
    .replace(/^[^@]*@/, "")
    .replace(/:\d+$/, "")
    .replace(/\.railway\.internal$/, "");
}
