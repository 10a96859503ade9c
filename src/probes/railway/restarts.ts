import { liveDeployment } from "../../railway/live.ts";
import type { Sight } from "../../railway/poll/sight.ts";
import type { Deployment, Execution } from "../../railway/schema.ts";

/** Runs of one deployment. */
interface Runs {
  /** Those that were seen, also ones that have fallen out of the page since. */
  seen: number;
  /** Most instances it was ever meant to have. */
  replicas: number;
  /** Restarts that were there before we looked. */
  readonly before: number;
}

/** Counts restarts of a service from what Railway shows: a number that only rises. */
export interface Restarts {
  /** Null while neither runs nor instances were ever seen. */
  count(sight: Sight): number | null;
}

const KNOWN_MAX = 500;
const GONE = ["RESTARTING", "CRASHED"];
/** A deployment that is being replaced still shows these. */
const NOT_MEANT = ["REMOVED", "REMOVING", "SKIPPED", "EXITED", "STOPPED", "CRASHED"];

/**
 * Two counts, of which the larger is told. Rows: each run of a deployment beyond one for each replica is a restart, so that a
 * release is none, and neither is a new replica. Instances: each that is seen to turn to RESTARTING or CRASHED, for a platform
 * that shows no rows. What happened before the first look is no restart.
 */
export function createRestarts(): Restarts {
  const known = new Set<string>();
  const runs = new Map<string, Runs>();
  let states: ReadonlyMap<string, string> | null = null;
  let byRows: number | null = null;
  let byInstances: number | null = null;

  function countRows(rows: readonly Execution[], replicasOf: (deployment: string) => number): void {
    const isFirst = byRows === null;
    byRows ??= 0;
    const fresh = rows.filter(({ id }) => !known.has(id));
    for (const { id } of fresh) known.add(id);
    for (const [deployment, some] of Map.groupBy(fresh, ({ deploymentId }) => deploymentId)) {
      const replicas = replicasOf(deployment);
      const of = runs.get(deployment) ?? {
        seen: 0,
        replicas,
        before: isFirst ? Math.max(0, some.length - replicas) : 0,
      };
      of.seen += some.length;
      runs.set(deployment, of);
    }
    for (const [deployment, of] of runs)
      of.replicas = Math.max(of.replicas, replicasOf(deployment));
    const sum = [...runs.values()].reduce(
      (total, { seen, replicas, before }) => total + Math.max(0, seen - replicas - before),
      0,
    );
    byRows = Math.max(byRows, sum);
    forget(known, KNOWN_MAX);
  }

  function countInstances(live: Deployment | null): void {
    const now = new Map(live?.instances.map(({ id, status }) => [id, status]));
    const turned = [...now].filter(([id, status]) => {
      const before = states?.get(id);
      return (
        before !== undefined && before !== status && GONE.includes(status) && !GONE.includes(before)
      );
    });
    byInstances = (byInstances ?? 0) + turned.length;
    states = now;
  }

  return {
    count({ service, executions, replicas }) {
      const live = service.ok ? liveDeployment(service.value) : null;
      if (service.ok) countInstances(live);
      if (executions.ok)
        countRows(executions.value, (deployment) =>
          Math.max(1, replicas ?? (live?.id === deployment ? meant(live) : 1)),
        );
      if (byRows === null && byInstances === null) return null;
      return Math.max(byRows ?? 0, byInstances ?? 0);
    },
  };
}

function meant({ instances }: Deployment): number {
  return instances.filter(({ status }) => !NOT_MEANT.includes(status)).length;
}

/** The oldest go first. A row as old as that has long fallen out of every page. */
function forget(known: Set<string>, most: number): void {
  for (const id of known) {
    if (known.size <= most) return;
    known.delete(id);
  }
}
