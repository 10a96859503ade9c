import type { Sample, SignalName } from "../domain/sample.ts";
import type { Instant, Millis } from "../domain/time.ts";

/**
 * How many samples of one series become one. Nothing that was not known is ever made known: what is `null` throughout stays
 * `null`, and otherwise what was known decides.
 *
 * `sum` events are counted, so none may be lost · `last` totals that only grow, limits, bare values · `lowest` memory, whose
 * leak shows in its floor · `highest` what may run out · `worst` down if it was ever down · `middle` what has no sum: the
 * median · `share` weighed by the requests of the same look, so that the failed ones it stands for stay as many ·
 * `changes` ids, of which each change stays where it was
 */
type Rule = "sum" | "last" | "lowest" | "highest" | "worst" | "middle" | "share" | "changes";

export const THINNING: { readonly [name in SignalName]: Rule } = {
  up: "worst",
  error_ratio: "share",
  failed: "sum",
  requests: "sum",
  latency_p50_ms: "middle",
  latency_p90_ms: "middle",
  latency_p95_ms: "middle",
  latency_p99_ms: "middle",
  latency_mean_ms: "middle",
  latency_bucket: "last",
  inflight: "middle",
  memory_used: "lowest",
  memory_limit: "last",
  cpu_used: "middle",
  connections_used: "highest",
  connections_limit: "last",
  restarts: "last",
  auth_failures: "sum",
  complaints: "sum",
  deployment: "changes",
  value: "last",
};

/** Of each series of deployments the id it had last: what a change is told by. Goes with one run through time. */
export type Deployments = Map<string, Sample["value"]>;

/**
 * One sample for each series and `widthMs` of time, at the moment of the probe's last look within it, so that what was judged
 * together stays together. `samples` are whole stretches in time order, thinned before or not; thinning twice in steps keeps
 * the same sums as thinning once.
 */
export function thin(
  samples: readonly Sample[],
  widthMs: Millis,
  deployments: Deployments,
): readonly Sample[] {
  const stretches = Map.groupBy(
    samples,
    ({ target, probe, ts }) => `${Math.floor(ts / widthMs)}|${target}|${probe}`,
  );
  const thinned = [...stretches.values()].flatMap((looks) => thinStretch(looks, deployments));
  return thinned.sort((a, b) => a.ts - b.ts);
}

/** Everything one probe said of one target within one stretch. */
function thinStretch(looks: readonly Sample[], deployments: Deployments): readonly Sample[] {
  const at = looks.at(-1)?.ts ?? 0;
  const series = Map.groupBy(looks, ({ name, le }) => `${name}|${le ?? ""}`);
  return [...series.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    if (THINNING[first.name] === "changes") return changesOf(rows, at, deployments);
    return [thinSeries(first, rows, looks, at)];
  });
}

function thinSeries(
  first: Sample,
  rows: readonly Sample[],
  looks: readonly Sample[],
  at: Instant,
): Sample {
  const { target, probe, name, le } = first;
  const rule = THINNING[name];
  const known = rows.filter(isKnown);
  const value = known.length === 0 ? null : valueBy(rule, known, looks);
  const lows = known.map((row) => row.low ?? row.value);
  const highs = known.map((row) => row.high ?? row.value);
  const [low, high] = [least(lows), greatest(highs)];
  return {
    target,
    probe,
    name,
    ts: at,
    value,
    ...(le === undefined ? {} : { le }),
    // Of sums and totals the extremes would be those of single looks, which nobody can compare with a sum.
    ...(RANGED.has(rule) && known.length > 0 && low !== high ? { low, high } : {}),
    ...reasonOf(rows, value),
  };
}

const RANGED: ReadonlySet<Rule> = new Set(["lowest", "highest", "worst", "middle", "share"]);

type Known = Sample & { readonly value: number };

function isKnown(sample: Sample): sample is Known {
  return typeof sample.value === "number";
}

/** `known` holds at least one. */
function valueBy(rule: Rule, known: readonly Known[], looks: readonly Sample[]): number {
  const values = known.map(({ value }) => value);
  switch (rule) {
    case "sum":
      return values.reduce((sum, value) => sum + value, 0);
    case "lowest":
    case "worst":
      return least(values);
    case "highest":
      return greatest(values);
    case "middle":
      return middle(values);
    case "share":
      return shareOf(known, looks);
    case "last":
    case "changes":
      return values.at(-1) ?? 0;
  }
}

/** Without requests beside it a ratio has no weight, and the plain mean is all there is. */
function shareOf(ratios: readonly Known[], looks: readonly Sample[]): number {
  const requests = new Map<Instant, number>();
  for (const look of looks)
    if (look.name === "requests" && isKnown(look)) requests.set(look.ts, look.value);
  const all = [...requests.values()].reduce((sum, count) => sum + count, 0);
  if (all === 0) return ratios.reduce((sum, { value }) => sum + value, 0) / ratios.length;
  const failed = ratios.reduce(
    (sum, { ts, value }) => sum + Math.round(value * (requests.get(ts) ?? 0)),
    0,
  );
  return failed / all;
}

function changesOf(
  rows: readonly Sample[],
  at: Instant,
  deployments: Deployments,
): readonly Sample[] {
  const kept: Sample[] = [];
  for (const row of rows) {
    if (row.value === null) continue;
    const key = `${row.target}|${row.probe}`;
    if (deployments.get(key) !== row.value) kept.push(row);
    deployments.set(key, row.value);
  }
  const last = rows.findLast(({ value }) => value !== null) ?? rows.at(-1);
  // The id that is live goes with the stretch's other values too; a change at that very moment is there already.
  if (last !== undefined && kept.at(-1)?.ts !== at) kept.push({ ...last, ts: at });
  return kept;
}

/** Why it is what it is: the problem of the row that decided, and the latest word on when the process started. */
function reasonOf(
  rows: readonly Sample[],
  value: number | null,
): Pick<Sample, "problem" | "processStart"> {
  const problem = rows.findLast((row) => row.value === value && row.problem !== undefined)?.problem;
  const start = rows.findLast((row) => row.processStart !== undefined)?.processStart;
  return {
    ...(problem === undefined ? {} : { problem }),
    ...(start === undefined ? {} : { processStart: start }),
  };
}

function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

function greatest(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), -Infinity);
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}
