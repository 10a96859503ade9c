import type { Values } from "../../domain/observation.ts";
import { MINUTE_MS, type Instant, type Millis } from "../../domain/time.ts";
import type { Series } from "../../railway/poll/shapes.ts";

/** Memory of the platform is counted in powers of ten. */
const BYTES = 1_000_000_000;
/** An older sample is the past and not the present. */
const YOUNG_MS: Millis = 5 * MINUTE_MS;

/** Turns series of use into what is true now. */
export interface Usage {
  read(
    all: readonly Series[],
    live: string | null,
    now: Instant,
  ): Pick<Values, "memory_used" | "memory_limit" | "cpu_used">;
}

/**
 * Memory (bytes) and CPU (vCPU) of the instance that is nearest to its limit. Instances of other deployments than the live one
 * are left out, and those that have fallen silent. The newest sample of each is still being made, so the one before it counts,
 * and only once: in a gap the last one would look fresh for ever. What there is no new sample of is `null`.
 */
export function createUsage(): Usage {
  const told = new Map<string, Instant>();
  const fresh = (name: string, used: ReadonlyMap<string, Sample>): ReadonlyMap<string, Sample> => {
    const newest = Math.max(...[...used.values()].map(({ ts }) => ts));
    if (newest <= (told.get(name) ?? -Infinity)) return new Map();
    told.set(name, newest);
    return used;
  };
  return {
    read(all, live, now) {
      const own = all.filter(
        ({ tags }) => tags.deploymentId === null || tags.deploymentId === live,
      );
      const at = (name: string): ReadonlyMap<string, Sample> => latestOf(own, name, now);
      const memory = nearest(fresh("memory", at("MEMORY_USAGE_GB")), at("MEMORY_LIMIT_GB"));
      const cpu = nearest(fresh("cpu", at("CPU_USAGE")), at("CPU_LIMIT"));
      return {
        memory_used: memory === null ? null : Math.round(memory.used * BYTES),
        memory_limit: memory?.limit === undefined ? null : Math.round(memory.limit * BYTES),
        cpu_used: cpu?.used ?? null,
      };
    },
  };
}

interface Sample {
  readonly ts: Instant;
  readonly value: number;
}

/** By instance. The newest moment of all is still being made; an instance that lived only before it has its say. */
function latestOf(
  all: readonly Series[],
  measurement: string,
  now: Instant,
): ReadonlyMap<string, Sample> {
  const own = all.filter((series) => series.measurement === measurement);
  const moments = own.flatMap(({ values }) => values.map(({ ts }) => ts));
  const [newest = 0, settled = -Infinity] = [...new Set(moments)].sort((a, b) => b - a);
  // An instance that ended leaves samples behind: who says nothing any more while another speaks is gone.
  const oldest = Math.max(now - YOUNG_MS, settled - 2 * (newest - settled));
  const latest = new Map<string, Sample>();
  for (const { tags, values } of own) {
    const [last] = values.filter(({ ts }) => ts < newest).toSorted((a, b) => b.ts - a.ts);
    if (last !== undefined && last.ts >= oldest) latest.set(tags.deploymentInstanceId ?? "", last);
  }
  return latest;
}

function nearest(
  used: ReadonlyMap<string, Sample>,
  limits: ReadonlyMap<string, Sample>,
): { readonly used: number; readonly limit?: number } | null {
  const all = [...used].map(([instance, { value }]) => {
    const limit = limits.get(instance)?.value;
    return limit === undefined || limit <= 0 ? { used: value } : { used: value, limit };
  });
  const share = ({ used: of, limit }: { used: number; limit?: number }): number =>
    limit === undefined ? 0 : of / limit;
  return all.toSorted((a, b) => share(b) - share(a) || b.used - a.used)[0] ?? null;
}
