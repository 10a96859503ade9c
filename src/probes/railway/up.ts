import { problem, type Problem } from "../../domain/problem.ts";
import { isInFlight } from "../../railway/live.ts";
import type { Deployment } from "../../railway/schema.ts";

/** Whether a service is up by Railway's own words. `value` is null where they say neither. */
export interface Word {
  readonly value: 0 | 1 | null;
  readonly problem?: Problem;
}

const DOWN = ["CRASHED", "EXITED", "STOPPED", "REMOVED"];

/** Unknown words of Railway's are data: they say nothing. */
export function wordOf(live: Deployment | null): Word {
  if (live === null) return { value: null, problem: problem("nothing-deployed") };
  const instances = live.instances.map(({ status }) => status);
  const shown = `deployment ${live.status}, instances ${instances.join(", ") || "none"}`;
  if (live.status === "SLEEPING") return { value: null, problem: problem("target-asleep") };
  if (live.status === "CRASHED") return down(shown);
  if (isInFlight(live)) return { value: null, problem: problem("deployment-in-flight", shown) };
  if (instances.includes("RUNNING")) return { value: 1 };
  const isGone = instances.length > 0 && instances.every((status) => DOWN.includes(status));
  return isGone ? down(shown) : { value: null, problem: problem("probe-failed", shown) };
}

function down(shown: string): Word {
  return { value: 0, problem: problem("platform-says-down", shown) };
}
