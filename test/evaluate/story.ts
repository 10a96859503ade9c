import type { Instant } from "../../src/domain/time.ts";

/** What is different while something is wrong, at full strength `1`. Absent is as usual. */
export interface Effect {
  /** Share of the requests that fail beside the usual ones. */
  readonly fails?: number;
  /** Times the usual latency. */
  readonly slows?: number;
  /** Times the usual traffic. */
  readonly crowd?: number;
  /** Times as many requests in flight as rate and latency explain. */
  readonly waits?: number;
  /** Share of the memory limit per hour that is never given back. */
  readonly leaks?: number;
  /** Shares of the limits that are used. */
  readonly connections?: number;
  readonly memory?: number;
  /** Restarts per hour. */
  readonly crashes?: number;
}

export interface Fault {
  readonly from: Instant;
  readonly until: Instant;
  readonly effect: Effect;
  /** `step` is there at once, `ramp` grows evenly until the end. */
  readonly shape: "step" | "ramp";
  /** Any of these kinds of incident finds it. */
  readonly opens: readonly string[];
}

/** Harmless: a deployment of this id, with a cold start and a few failures at the switch; or a restart. */
export interface Change {
  readonly ts: Instant;
  readonly deployment?: string;
}

export interface Story {
  readonly from: Instant;
  readonly until: Instant;
  readonly faults: readonly Fault[];
  readonly changes: readonly Change[];
}

/** The sum of what is wrong at this moment. */
export function effectAt(faults: readonly Fault[], ts: Instant): Effect {
  const active = faults.find((fault) => ts > fault.from && ts <= fault.until);
  if (active === undefined) return {};
  if (active.shape === "step") return active.effect;
  const grown = (ts - active.from) / (active.until - active.from);
  const { fails, slows } = active.effect;
  return {
    ...active.effect,
    ...(fails === undefined ? {} : { fails: fails * grown }),
    ...(slows === undefined ? {} : { slows: 1 + (slows - 1) * grown }),
  };
}
