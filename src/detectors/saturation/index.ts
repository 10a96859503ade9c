import type { Instant } from "../../domain/time.ts";
import type { VerdictState } from "../../domain/verdict.ts";
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
  const name = USED[resource];
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
  let speaks: Resource | null = null;
  let onset: Instant | null = null;
  let failing = false;
  for (const name of RESOURCES) {
    const { state: said, breach, recent, overSince } = state.gauges[name];
    if (said === null) continue;
    const worst = speaks === null ? null : state.gauges[speaks].state;
    if (worst === null || WORST.indexOf(said) < WORST.indexOf(worst)) speaks = name;
    const isOver = breach === null && recent.at(-1) === true;
    const since = isOver ? overSince : (breach?.onset ?? null);
    if (since !== null) onset = Math.min(onset ?? since, since);
    failing ||= isOver;
  }
  const speaker = speaks === null ? null : state.gauges[speaks];
  return {
    state,
    judgement: {
      state: speaker?.state ?? "inconclusive",
      onset,
      failing,
      evidence: {
        ...evidenceOf(state.gauges),
        resource: speaks,
        openAfter: settings.openAfter,
        openOf: settings.openOf,
        everyMs: speaker === null ? null : speaker.pace.usual,
        onset: onset === null ? null : "first of the samples over, one of three in a row at least",
      },
    },
  };
}

function evidenceOf(gauges: SaturationState["gauges"]) {
  const numbers: Record<string, number | string | null> = {};
  for (const name of RESOURCES) {
    const gauge = gauges[name];
    if (gauge.state === null) continue;
    const names = NUMBERS[name];
    numbers[names.state] = gauge.state;
    if (gauge.seen === null) continue;
    numbers[name] = round(gauge.seen.level);
    numbers[names.threshold] = round(gauge.seen.threshold);
    numbers[names.over] = gauge.recent.filter(Boolean).length;
  }
  return numbers;
}

const USED = { connections: "connections_used", memory: "memory_used" } as const;
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
const WORST: readonly VerdictState[] = ["breached", "inconclusive", "missing", "healthy"];
const LIMIT_LASTS_MS = 3_600_000;
