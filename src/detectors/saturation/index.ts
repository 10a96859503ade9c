import type { Instant } from "../../domain/time.ts";
import type { Batch, BatchDetector, Judgement } from "../batch.ts";
import { blank, count, GAUGE_START, pass, type Gauge, type Seen } from "./gauge.ts";
import { isOverdue } from "../pace.ts";
import { round } from "../round.ts";
import { countRequests, QUEUE_START, remember, seenQueue, type Queue } from "./queue.ts";
import { follow, TRAIL_START, usualLevel, type Trail } from "../trail.ts";
import { SATURATION_DEFAULTS } from "./settings.ts";
import type { Levels, Resource, SaturationSettings } from "./settings.ts";

export interface SaturationState {
  readonly looked: Instant | null;
  readonly gauges: Readonly<Record<Resource, Gauge>>;
  /** Limits as they were last told. */
  readonly limits: Readonly<Record<"connections" | "memory", Limit | null>>;
  readonly memory: Trail;
  readonly queue: Queue;
}

interface Limit {
  readonly ts: Instant;
  readonly value: number;
}

type Judged = { readonly state: SaturationState; readonly judgement: Judgement };

/**
 * Says when something runs out: connections or memory near their limit, or requests in flight near theirs; without a limit,
 * requests that queue for a minute (four times the usual in flight, three times as many for each one that is answered).
 * Three of five samples open, three calm minutes below a lower level close.
 */
export const saturation: BatchDetector<SaturationState, SaturationSettings> = {
  name: "saturation",
  turn: 8,
  opens: "saturation",
  reads: ["connections_used", "connections_limit", "memory_used", "memory_limit", "inflight"],
  start: {
    looked: null,
    gauges: { connections: GAUGE_START, memory: GAUGE_START, inflight: GAUGE_START },
    limits: { connections: null, memory: null },
    memory: TRAIL_START,
    queue: QUEUE_START,
  },
  defaults: SATURATION_DEFAULTS,
  judge: (before, batch, settings) => {
    if (before.looked !== null && batch.ts <= before.looked) return say(before, settings);
    const limits = {
      connections: limitOf(batch, "connections_limit", before.limits.connections),
      memory: limitOf(batch, "memory_limit", before.limits.memory),
    };
    const { gauges } = before;
    const { gauge, queue } = judgeInflight(gauges.inflight, before.queue, batch, settings);
    const memory = remembered(before.memory, gauges.memory, limits, batch);
    const state = {
      looked: batch.ts,
      limits,
      memory,
      queue,
      gauges: {
        connections: judgeShare(
          "connections",
          gauges.connections,
          { ...before, limits },
          batch,
          settings,
        ),
        memory: judgeShare("memory", gauges.memory, { ...before, limits }, batch, settings),
        inflight: gauge,
      },
    };
    return say(state, settings);
  },
};

function judgeShare(
  resource: "connections" | "memory",
  gauge: Gauge,
  { limits, memory }: SaturationState,
  batch: Batch,
  settings: SaturationSettings,
): Gauge {
  const name = `${resource}_used`;
  if (!(name in batch.values)) return pass(gauge, batch.ts);
  const used = numberOf(batch, name);
  const limit = limits[resource];
  const isKnown = limit !== null && batch.ts - limit.ts <= LIMIT_LASTS_MS;
  if (used === null || !isKnown) return blank(gauge, batch.ts, used !== null);
  const levels = settings[resource];
  const usual = levels.rise === null ? null : usualLevel(memory, batch.ts, settings.queue);
  return count(gauge, batch.ts, seenShare(used / limit.value, levels, usual), settings);
}

/** The share of the memory limit that was used of late. */
function remembered(
  memory: Trail,
  gauge: Gauge,
  limits: SaturationState["limits"],
  batch: Batch,
): Trail {
  const used = numberOf(batch, "memory_used");
  if (used === null || limits.memory === null) return memory;
  return follow(memory, batch.ts, used / limits.memory.value, gauge.pace.usual);
}

function judgeInflight(
  gauge: Gauge,
  before: Queue,
  batch: Batch,
  settings: SaturationSettings,
): { readonly gauge: Gauge; readonly queue: Queue } {
  const { ts } = batch;
  const { breach } = gauge;
  // A queue that lasted so long is how this app works now.
  if (
    breach !== null &&
    settings.inflightLimit === null &&
    ts - breach.onset >= settings.queue.adoptAfterMs
  )
    return judgeInflight({ ...GAUGE_START, pace: gauge.pace }, QUEUE_START, batch, settings);
  const isGap = isOverdue(gauge.pace, ts);
  const queue = countRequests(before, ts, numberOf(batch, "requests"), isGap);
  if (!("inflight" in batch.values)) return { gauge: pass(gauge, ts), queue };
  const inflight = numberOf(batch, "inflight");
  if (inflight === null) return { gauge: blank(gauge, ts, false), queue };
  const limit = settings.inflightLimit;
  const seen =
    limit === null
      ? seenQueue(queue, ts, inflight, settings)
      : seenShare(inflight / limit, settings.inflight, null);
  const next = seen === null ? blank(gauge, ts, true) : count(gauge, ts, seen, settings);
  // A breach must not become the usual.
  if (next.breach !== null) return { gauge: next, queue: { ...queue, waiting: [] } };
  return { gauge: next, queue: remember(queue, { ts, inflight }, next.pace) };
}

function seenShare(share: number, levels: Levels, usual: number | null): Seen {
  const { openAt, closeAt, lastsMs, rise } = levels;
  const hasRisen = rise === null || (usual !== null && usual <= openAt - rise);
  return {
    level: share,
    threshold: openAt,
    isOver: share >= openAt && hasRisen,
    isCalm: share < closeAt,
    lastsMs,
  };
}

/** A limit of 0 means "none" (as Redis says it). */
function limitOf(batch: Batch, name: string, before: Limit | null): Limit | null {
  const value = numberOf(batch, name);
  if (value === null) return before;
  return value > 0 ? { ts: batch.ts, value } : null;
}

function numberOf({ values }: Batch, name: string): number | null {
  const value = values[name];
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

/** The worst resource speaks: a breach, then what is not known, then health. */
function say(state: SaturationState, settings: SaturationSettings): Judged {
  const looked = RESOURCES.flatMap((name) => {
    const gauge = state.gauges[name];
    return gauge.state === null ? [] : [{ name, gauge, state: gauge.state }];
  });
  const worst = ["breached", "inconclusive", "missing", "healthy"] as const;
  const open = looked.filter(({ gauge }) => gauge.breach !== null);
  const speaks = worst
    .map((verdict) => looked.find(({ state }) => state === verdict))
    .find((found) => found !== undefined);
  const overs = looked.filter(({ gauge }) => gauge.breach === null && gauge.recent.at(-1) === true);
  const onsets = [
    ...open.map(({ gauge }) => gauge.breach?.onset ?? null),
    ...overs.map(({ gauge }) => gauge.overSince),
  ].filter((onset) => onset !== null);
  const onset = onsets.length === 0 ? null : Math.min(...onsets);
  return {
    state,
    judgement: {
      state: speaks?.state ?? "inconclusive",
      onset,
      failing: overs.length > 0,
      evidence: {
        ...evidenceOf(looked),
        resource: speaks?.name ?? null,
        openAfter: settings.openAfter,
        openOf: settings.openOf,
        everyMs: speaks === undefined ? null : speaks.gauge.pace.usual,
        onset: onset === null ? null : "first of the samples over, one of three in a row at least",
      },
    },
  };
}

function evidenceOf(looked: readonly { readonly name: Resource; readonly gauge: Gauge }[]) {
  const numbers: Record<string, number | string | null> = {};
  for (const { name, gauge } of looked) {
    const names = NUMBERS[name];
    numbers[names.state] = gauge.state;
    if (gauge.seen === null) continue;
    numbers[name] = round(gauge.seen.level);
    numbers[names.threshold] = round(gauge.seen.threshold);
    numbers[names.over] = gauge.recent.filter(Boolean).length;
  }
  return numbers;
}

const NUMBERS = {
  connections: {
    state: "connectionsState",
    threshold: "connectionsThreshold",
    over: "connectionsOver",
  },
  memory: { state: "memoryState", threshold: "memoryThreshold", over: "memoryOver" },
  inflight: { state: "inflightState", threshold: "inflightThreshold", over: "inflightOver" },
} as const;
const RESOURCES = ["connections", "memory", "inflight"] as const;
const LIMIT_LASTS_MS = 3_600_000;
