import { isHearsay } from "../domain/hint.ts";
import { type Incident, presentOpening } from "../domain/incident.ts";
import type { Instant } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import { neededBy } from "./explains.ts";

export interface Storm {
  /** One of each target, in the order of their opening. */
  readonly incidents: readonly Incident[];
  /** When fewer of them are young enough to count, if no other opens. */
  readonly until: Instant;
}

/**
 * Many targets of which none needs another began to fail within a short time: that looks like something common. What others told
 * us, what was a false alarm and what turned out to be a symptom do not count.
 */
export function stormOf(draft: Draft): Storm | null {
  const { targets: least, withinMs } = draft.rules.ceilings.storm;
  const since = draft.event.at - withinMs;
  const young = Object.values(draft.world().incidents)
    .filter((one) => presentOpening(one) > since && counts(one))
    .toSorted((a, b) => presentOpening(b) - presentOpening(a) || (a.id < b.id ? -1 : 1));
  // The newest of each target: as long as it counts, the target does.
  const newest = [...new Map(young.toReversed().map((one) => [one.target, one])).values()];
  const needsOf = (target: string) => draft.rules.targets[target]?.needs ?? [];
  const failing = new Set(newest.map(({ target }) => target));
  const roots = newest
    .filter(({ target }) => !neededBy(target, needsOf).some((one) => failing.has(one)))
    .toSorted((a, b) => presentOpening(a) - presentOpening(b) || (a.id < b.id ? -1 : 1));
  if (roots.length < least) return null;
  // The first of them that leaves too few behind when it is too old.
  const decisive = roots[roots.length - least];
  return {
    incidents: roots,
    until: (decisive === undefined ? 0 : presentOpening(decisive)) + withinMs,
  };
}

function counts({ signal, ending }: Incident): boolean {
  return !isHearsay(signal) && ending !== "attached" && ending !== "false-alarm";
}
