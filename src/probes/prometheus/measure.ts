import type { NumericSignal, Values } from "../../domain/observation.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import type { Instant } from "../../domain/time.ts";
import type { Measured } from "../measuring.ts";
import type { Heard } from "./place.ts";
import type { Reading } from "./reading.ts";
import type { Total } from "./total.ts";
import type { Delta } from "./track.ts";

export interface Answers {
  readonly heard: readonly Heard[];
  /** Why the other addresses did not answer. */
  readonly silent: readonly Problem[];
}

/** What all processes that were heard tell together. Anything but a difference between two readings of one is `null`. */
export function measure(
  { heard, silent }: Answers,
  total: Total,
  countsRequests: boolean,
): Measured {
  const readings = heard.flatMap((one) => [...one.readings.values()]);
  const isMixed = heard.some((one) => one.isMixed);
  const deltas = isMixed ? [] : heard.flatMap((one) => one.deltas.map(({ delta }) => delta));
  const lacks = readings.find((reading) => reading.lacks !== null)?.lacks ?? null;
  if (!isMixed) addTo(total, deltas, readings);
  const buckets = isMixed ? null : total.buckets();
  const anew = deltas.length === 0 && countsRequests ? ANEW : null;
  const why = (isMixed ? MIXED : null) ?? lacks ?? anew ?? partly(heard, silent);
  const start = startOf(readings);
  return {
    values: {
      ...(countsRequests ? { requests: null, failed: null } : {}),
      ...countsOf(deltas),
      ...cpuOf(heard, isMixed),
      ...gaugesOf(readings),
    },
    ...(buckets === null ? {} : { buckets }),
    ...(why === null ? {} : { problem: why }),
    ...(start === null ? {} : { processStart: start }),
  };
}

const MIXED = problem(
  "counters-mixed",
  "several processes answer at one address and cannot be told apart: let each show process_start_time_seconds with a label pid, or let one page count for all",
);
const ANEW = problem(
  "counters-anew",
  "first readings of this process, or the first after a gap: nothing to compare with yet",
);

function addTo(total: Total, deltas: readonly Delta[], readings: readonly Reading[]): void {
  if (deltas.length === 0) total.begin();
  const told = readings.find(({ buckets }) => buckets !== null && buckets.size > 0);
  total.add(deltas, [...(told?.buckets?.keys() ?? [])]);
}

/** Refusals by a switch are neither requests nor failures. */
function countsOf(deltas: readonly Delta[]): Values {
  const sum = (name: "requests" | "failed" | "auth_failures"): number | null => {
    const told = deltas.flatMap(({ sums }) => sums[name] ?? []);
    return told.length === 0 ? null : told.reduce((one, other) => one + other, 0);
  };
  const refused = deltas.reduce(
    (all, { sums }) => all + Math.min(sums.refused ?? 0, sums.failed ?? 0),
    0,
  );
  const [requests, failed, auth] = [sum("requests"), sum("failed"), sum("auth_failures")];
  return {
    ...(requests === null ? {} : { requests: Math.max(0, requests - refused) }),
    ...(failed === null ? {} : { failed: failed - refused }),
    ...(auth === null ? {} : { auth_failures: auth }),
  };
}

/** Processor seconds per second: 1 is one core. */
function cpuOf(heard: readonly Heard[], isMixed: boolean): Values {
  if (isMixed) return {};
  const cores = heard.flatMap(({ deltas }) =>
    [...Map.groupBy(deltas, ({ key }) => key).values()].flatMap((own) => {
      const ms = own.reduce((sum, { delta }) => sum + delta.ms, 0);
      const seconds = own.flatMap(({ delta }) => delta.sums.cpuSeconds ?? []);
      const used = seconds.reduce((sum, one) => sum + one, 0);
      return seconds.length === 0 || ms <= 0 ? [] : [(1_000 * used) / ms];
    }),
  );
  return cores.length === 0 ? {} : { cpu_used: cores.reduce((sum, one) => sum + one, 0) };
}

/** Requests in flight add up. One process that runs out of memory is one too many: of theirs the highest. */
function gaugesOf(readings: readonly Reading[]): Values {
  const waiting = readings.flatMap(({ gauges }) => gauges.inflight ?? []);
  const held = readings.flatMap(({ gauges }) => gauges.memory_used ?? []);
  return {
    ...(waiting.length === 0 ? {} : { inflight: waiting.reduce((sum, one) => sum + one, 0) }),
    ...(held.length === 0 ? {} : { memory_used: Math.max(...held) }),
  };
}

/** The oldest: only when all are new was the app restarted. */
function startOf(readings: readonly Reading[]): Instant | null {
  const starts = readings.flatMap(({ startedAt }) => startedAt ?? []);
  return starts.length === 0 || starts.length < readings.length ? null : Math.min(...starts);
}

function partly(heard: readonly Heard[], silent: readonly Problem[]): Problem | null {
  const [first] = silent;
  if (first === undefined) return null;
  const all = heard.length + silent.length;
  return problem(first.code, `${heard.length} of ${all} addresses answer: ${first.detail}`);
}

/** The same with `null` for what was told before and is told no more. */
export function withGaps(measured: Measured, known: Set<NumericSignal>): Measured {
  for (const name of Object.keys(measured.values)) known.add(name as NumericSignal);
  const gaps = Object.fromEntries(Array.from(known, (name) => [name, null]));
  return { ...measured, values: { ...gaps, ...measured.values } };
}
