import type { Values } from "../../domain/observation.ts";
import { SECOND_MS, type Instant, type Millis } from "../../domain/time.ts";
import type { Durations, Statuses } from "../../railway/poll/shapes.ts";
import type { Sight } from "../../railway/poll/sight.ts";

/** Turns the counts of Railway's edge into what is new since the last look. */
export interface Edge {
  read(edge: NonNullable<Sight["edge"]>, now: Instant): Values;
}

interface Counted {
  readonly total: number;
  readonly failed: number;
}

/** A step's quantiles may still change so long after its end. */
const SETTLE_MS: Millis = 30 * SECOND_MS;

/**
 * Samples come late, and the last step is still filling. So each step's count is remembered, and what it has grown by is told,
 * whenever it comes: every request exactly once. What was there at the first look is the past. Without any sample since then
 * nothing is said: no traffic on the edge is not known to be zero requests.
 */
export function createEdge(): Edge {
  let counted: Map<Instant, Counted> | null = null;
  let timed: Set<Instant> | null = null;

  function requestsIn(statuses: Statuses, from: Instant): Values {
    const steps = byStep(statuses);
    const isFirst = counted === null;
    const known = counted ?? new Map<Instant, Counted>();
    let requests = 0;
    let failed = 0;
    let isNew = false;
    for (const [ts, now] of steps) {
      // Not asked for, and its count is forgotten.
      if (ts < from) continue;
      const before = known.get(ts);
      isNew ||= before === undefined || now.total > before.total;
      failed += Math.max(0, now.failed - (before?.failed ?? 0));
      requests += Math.max(0, now.total - (before?.total ?? 0));
      known.set(ts, larger(now, before));
    }
    for (const ts of known.keys()) if (ts < from) known.delete(ts);
    counted = known;
    return isFirst || !isNew ? {} : { requests: Math.max(requests, failed), failed };
  }

  function latencyIn(
    durations: Durations,
    statuses: Statuses | null,
    until: Instant,
    from: Instant,
  ): Values {
    const isFirst = timed === null;
    const known = timed ?? new Set<Instant>();
    const fresh = durations.filter(({ ts }) => ts >= from && ts <= until && !known.has(ts));
    for (const { ts } of fresh) known.add(ts);
    for (const ts of known) if (ts < from) known.delete(ts);
    timed = known;
    if (isFirst || fresh.length === 0) return {};
    const steps = statuses === null ? null : byStep(statuses);
    const weighed = fresh.map((sample) => ({
      ...sample,
      weight: steps?.get(sample.ts)?.total || 1,
    }));
    const weight = weighed.reduce((sum, one) => sum + one.weight, 0);
    // Usually there is one step. Quantiles of several cannot be joined; their mean by requests is near enough.
    const mean = (of: "p50" | "p90" | "p95" | "p99"): number =>
      weighed.reduce((sum, one) => sum + one[of] * one.weight, 0) / weight;
    return {
      latency_p50_ms: mean("p50"),
      latency_p90_ms: mean("p90"),
      latency_p95_ms: mean("p95"),
      latency_p99_ms: mean("p99"),
    };
  }

  return {
    read: ({ from, stepMs, statuses, durations }, now) => ({
      ...(statuses.ok ? requestsIn(statuses.value, from) : { requests: null, failed: null }),
      ...(durations.ok
        ? latencyIn(
            durations.value,
            statuses.ok ? statuses.value : null,
            now - stepMs - Math.min(SETTLE_MS, stepMs),
            from,
          )
        : { latency_p95_ms: null }),
    }),
  };
}

function byStep(statuses: Statuses): ReadonlyMap<Instant, Counted> {
  const steps = new Map<Instant, Counted>();
  for (const { statusCode, samples } of statuses) {
    for (const { ts, value } of samples) {
      const { total, failed } = steps.get(ts) ?? { total: 0, failed: 0 };
      const isFailed = statusCode >= 500 && statusCode <= 599;
      steps.set(ts, { total: total + value, failed: failed + (isFailed ? value : 0) });
    }
  }
  return steps;
}

function larger(now: Counted, before: Counted | undefined): Counted {
  return {
    total: Math.max(now.total, before?.total ?? 0),
    failed: Math.max(now.failed, before?.failed ?? 0),
  };
}
