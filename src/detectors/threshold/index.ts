import type { Instant, Millis } from "../../domain/time.ts";
import type { Batch, BatchDetector, Judgement } from "../batch.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import { count, cut, TALLY_START, type Tally } from "../tally.ts";

/** One bound on one signal. */
export interface Bound {
  /** A numeric signal of the NDJSON contract. */
  readonly signal: string;
  /** Bad above, or below, this; in the unit of the signal. Exactly one of the two. */
  readonly above?: number;
  readonly below?: number;
  /** Calm only on the other side of this; the bound itself where it is not given. */
  readonly closeAt?: number;
  /** Opens when the first number of the last samples, out of the second, are bad; closes after as many calm ones in a row. */
  readonly of: readonly [number, number];
  /** Bad, and calm, for at least so long. */
  readonly lastsMs: Millis;
}

export interface ThresholdSettings {
  readonly bounds: readonly Bound[];
}

export interface ThresholdState {
  readonly looked: Instant | null;
  /** One for each bound, in their order. */
  readonly gauges: readonly Gauge[];
}

interface Gauge {
  readonly pace: Pace;
  readonly tally: Tally;
  readonly state: Judgement["state"] | null;
  readonly value: number | null;
}

/** Says when a signal is over or under a bound that people set. Without one it hears nothing and says nothing. */
export const threshold: BatchDetector<ThresholdState, ThresholdSettings> = {
  name: "threshold",
  turn: 13,
  opens: "unclassified",
  reads: [],
  readsWith: ({ bounds }) => [...new Set(bounds.map(({ signal }) => signal))],
  start: { looked: null, gauges: [] },
  defaults: { bounds: [] },
  judge: (before, batch, { bounds }) => {
    if (before.looked !== null && batch.ts <= before.looked)
      return say(before, bounds, "older than the last batch");
    const gauges = bounds.map((bound, index) =>
      judgeBound(before.gauges[index] ?? GAUGE_START, batch, bound),
    );
    return say({ looked: batch.ts, gauges }, bounds, null);
  },
};

const GAUGE_START: Gauge = { pace: PACE_START, tally: TALLY_START, state: null, value: null };

function judgeBound(before: Gauge, { ts, values }: Batch, bound: Bound): Gauge {
  const value = values[bound.signal];
  const isLate = isOverdue(before.pace, ts);
  if (value === undefined)
    return isLate && before.state !== null ? { ...before, state: "missing" } : before;
  const isSaid = value !== null && Number.isFinite(value);
  const pace = look(before.pace, ts, isSaid);
  const tally = isLate ? cut(before.tally) : before.tally;
  if (!isSaid)
    return { pace, tally, value: null, state: isOverdue(pace, ts) ? "missing" : "inconclusive" };
  const [openAfter, openOf] = bound.of;
  const { lastsMs } = bound;
  const rule = { openAfter, openOf, lastsMs, closeAfter: openAfter, closeAfterMs: lastsMs };
  const counted = count(tally, ts, sideOf(value, bound), rule);
  return { pace, value, tally: counted.tally, state: counted.state };
}

function sideOf(value: number, { above, below, closeAt }: Bound) {
  if (above !== undefined) {
    const isBad = value > above;
    return { isBad, isCalm: !isBad && value <= (closeAt ?? above) };
  }
  const isBad = below !== undefined && value < below;
  return { isBad, isCalm: !isBad && value >= (closeAt ?? below ?? value) };
}

/** The worst bound speaks: a breach, then what is not known, then health. */
function say(state: ThresholdState, bounds: readonly Bound[], reason: string | null) {
  const worst = ["breached", "inconclusive", "missing", "healthy"] as const;
  const at = worst
    .map((one) => state.gauges.findIndex((gauge) => gauge.state === one))
    .find((index) => index >= 0);
  const gauge = at === undefined ? undefined : state.gauges[at];
  const bound = at === undefined ? undefined : bounds[at];
  const onsets = state.gauges.flatMap(({ tally }) => tally.breach?.onset ?? tally.since ?? []);
  const isOpen = state.gauges.some(({ tally }) => tally.breach !== null);
  const judgement: Judgement = {
    state: reason === null ? (gauge?.state ?? "inconclusive") : "inconclusive",
    onset: onsets.length === 0 ? null : Math.min(...onsets),
    failing: !isOpen && onsets.length > 0,
    evidence: {
      reason: reason ?? (bounds.length === 0 ? "no bound is set" : null),
      signal: bound?.signal ?? null,
      value: gauge?.value ?? null,
      threshold: bound?.above ?? bound?.below ?? null,
      side: bound === undefined ? null : bound.above === undefined ? "below" : "above",
      closeAt: bound?.closeAt ?? null,
      bad: gauge?.tally.recent.filter(Boolean).length ?? 0,
      openAfter: bound?.of[0] ?? null,
      openOf: bound?.of[1] ?? null,
      lastsMs: bound?.lastsMs ?? null,
      onset: onsets.length === 0 ? null : "first of the samples beyond the bound",
    },
  };
  return { state, judgement };
}
