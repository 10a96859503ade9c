import { problem, type Problem } from "../../domain/problem.ts";
import type { Instant } from "../../domain/time.ts";
import type { Metrics } from "./config.ts";
import { bucketsOf, latencyOf } from "./latency.ts";
import * as names from "./names.ts";
import { choose, type Metric } from "./names.ts";
import type { Page, Sample } from "./page.ts";
import { identityOf, startOf } from "./process.ts";

/** Counts since the process began. A count that the page cannot tell is left out. */
export interface Sums {
  readonly requests?: number;
  readonly failed?: number;
  readonly auth_failures?: number;
  /** Requests refused by a switch, counted among `requests` and `failed` as well. */
  readonly refused?: number;
  readonly cpuSeconds?: number;
}

/** What one page says of the process that wrote it. */
export interface Reading {
  /** Tells one process from another; `null` when nothing on the page does. */
  readonly identity: string | null;
  readonly startedAt: Instant | null;
  /** By series: counts of requests, which can only rise while the process lives. */
  readonly rising: ReadonlyMap<string, number>;
  readonly sums: Sums;
  /** Requests that took at most so many ms; empty before the first, `null` when the page has no histogram of latency. */
  readonly buckets: ReadonlyMap<number, number> | null;
  readonly gauges: { readonly inflight?: number; readonly memory_used?: number };
  /** What the page lacks, in words for the operator. */
  readonly lacks: Problem | null;
}

export interface ReadOptions {
  readonly metrics: Metrics;
  /** Paths that do not count. */
  readonly ignore: readonly string[];
}

/** Finds in a page what is judged. A problem when what it finds cannot be counts. */
export function readPage(page: Page, options: ReadOptions): Reading | Problem {
  const { metrics } = options;
  const counts = (sample: Sample): boolean =>
    !isIgnored(sample, options.ignore) && !isRefused(sample);
  const requests = requestsOf(page, metrics);
  const latency = latencyOf(page, metrics.latency);
  const rising = new Map<string, number>();
  for (const metric of [requests, latency]) {
    const fault = metric === null ? null : addRising(rising, metric);
    if (fault !== null) return fault;
  }
  const buckets = latency === null ? null : bucketsOf(latency, counts);
  const status = requests === null ? undefined : statusOf(requests, metrics);
  return {
    identity: identityOf(page, requests),
    startedAt: startOf(page),
    rising,
    sums: {
      ...(requests === null ? {} : requestSums(requests, counts, status, metrics)),
      ...named("auth_failures", choose(page, listed(metrics.authFailures, names.AUTH_FAILURES))),
      ...(requests === null || hasSwitchLabel(requests)
        ? {}
        : named("refused", choose(page, names.REFUSED))),
      ...named("cpuSeconds", choose(page, names.CPU)),
    },
    buckets,
    gauges: gaugesOf(page, options),
    lacks: lackOf(requests, status, metrics),
  };
}

function requestsOf(page: Page, { requests, status }: Metrics): Metric | null {
  if (requests === false) return null;
  if (requests !== undefined) {
    const written = [requests, `${requests}_total`, `${requests}_count`];
    return choose(page, written, "", ({ samples }) => samples.length > 0) ?? choose(page, written);
  }
  const tellsStatus = (metric: Metric) => statusLabelOf(metric, status) !== null;
  return choose(page, names.REQUESTS, "", tellsStatus) ?? choose(page, names.REQUESTS);
}

/** Nothing counted yet tells no label: then every status is still at zero. */
type Status = string | null | undefined;

function statusOf(metric: Metric, { status }: Metrics): Status {
  return metric.samples.length === 0 ? undefined : statusLabelOf(metric, status);
}

function statusLabelOf({ samples }: Metric, written: string | undefined): string | null {
  const labels = listed(written, names.STATUS_LABELS);
  if (samples.length === 0) return labels[0] ?? null;
  return labels.find((label) => samples.some((sample) => sample.labels.has(label))) ?? null;
}

function requestSums(
  metric: Metric,
  counts: (sample: Sample) => boolean,
  status: Status,
  { failed }: Metrics,
): Sums {
  const samples = metric.samples.filter(counts);
  const requests = sumOf(samples);
  if (status === null) return { requests };
  if (status === undefined) return { requests, failed: 0 };
  const patterns = failed.map(patternOf);
  const valueOf = ({ labels }: Sample) => labels.get(status) ?? "";
  const bad = samples.filter((one) => patterns.some((pattern) => pattern.test(valueOf(one))));
  const isGrouped = metric.samples.some((one) => /^\dxx$/i.test(valueOf(one)));
  const refused = samples.filter((one) => /^40[13]$/.test(valueOf(one)));
  return {
    requests,
    failed: sumOf(bad),
    ...(isGrouped ? {} : { auth_failures: sumOf(refused) }),
  };
}

/** `5xx` and `5..` match the status itself and its group. */
function patternOf(written: string): RegExp {
  const letters = Array.from(written, (letter) =>
    /[.x]/i.test(letter) ? "." : letter.replace(/[^\w\s]/, String.raw`\$&`),
  );
  return new RegExp(`^${letters.join("")}$`, "i");
}

function isIgnored({ labels }: Sample, ignore: readonly string[]): boolean {
  const label = names.PATH_LABELS.find((name) => labels.has(name));
  if (label === undefined) return false;
  const path = labels.get(label) ?? "";
  const bare = path.length > 1 ? path.replace(/\/$/, "") : path;
  return ignore.some((one) =>
    one.endsWith("*") ? path.startsWith(one.slice(0, -1)) : one === bare,
  );
}

function isRefused({ labels }: Sample): boolean {
  return (labels.get(names.SWITCH_LABEL) ?? "") !== "";
}

function hasSwitchLabel({ samples }: Metric): boolean {
  return samples.some(({ labels }) => labels.has(names.SWITCH_LABEL));
}

/** All series, also those that do not count: they tell processes apart just as well. */
function addRising(rising: Map<string, number>, { name, samples }: Metric): Problem | null {
  for (const { labels, value } of samples) {
    const bound = labels.get("le");
    if (bound !== undefined && !/^\+?inf$/i.test(bound)) continue;
    const key = `${name} ${JSON.stringify([...labels])}`;
    if (rising.has(key)) {
      const detail = `${name} has the same series twice: several registries on one page`;
      return problem("metrics-malformed", detail);
    }
    if (!Number.isFinite(value) || value < 0)
      return problem("metrics-malformed", `${name} is ${value}, which is no count`);
    rising.set(key, value);
  }
  return null;
}

function gaugesOf(page: Page, { metrics, ignore }: ReadOptions): Reading["gauges"] {
  const inflight = choose(page, listed(metrics.inflight, names.INFLIGHT), "", isNotEmpty);
  const memory = choose(page, listed(metrics.memory, names.MEMORY), "", isNotEmpty);
  const waiting = sumOf(inflight?.samples.filter((sample) => !isIgnored(sample, ignore)) ?? []);
  const held = Math.max(...(memory?.samples.map(({ value }) => value) ?? []));
  return {
    ...(inflight === null || !Number.isFinite(waiting) ? {} : { inflight: Math.max(0, waiting) }),
    ...(Number.isFinite(held) && held >= 0 ? { memory_used: held } : {}),
  };
}

function lackOf(requests: Metric | null, status: Status, metrics: Metrics): Problem | null {
  if (metrics.requests === false) return null;
  if (requests === null) {
    const detail =
      metrics.requests === undefined
        ? "the page has no known counter of requests: name it in metrics.requests"
        : `the page has no ${metrics.requests}`;
    return problem("metrics-absent", detail);
  }
  if (status !== null) return null;
  const detail = `${requests.name} has no known label of the status: name it in metrics.status`;
  return problem("metrics-absent", detail);
}

function named(name: keyof Sums, metric: Metric | null): Sums {
  const sum = sumOf(metric?.samples ?? []);
  return metric === null || !Number.isFinite(sum) || sum < 0 ? {} : { [name]: sum };
}

function isNotEmpty({ samples }: Metric): boolean {
  return samples.length > 0;
}

function listed(written: string | undefined, usual: readonly string[]): readonly string[] {
  return written === undefined ? usual : [written];
}

function sumOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0);
}
