import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/domain/time.ts";
import type { Memory, System } from "./system.ts";

const GIB = 1024 ** 3;
const MEMORY: Memory = {
  limit: GIB,
  base: 0.3,
  saw: 0.1,
  sawMs: 7 * MINUTE_MS,
  cache: 0.1,
  cacheHours: 1,
  daily: 0.05,
};

const steady: System = {
  name: "steady, buckets, 10 s",
  everyMs: 10 * SECOND_MS,
  traffic: { low: 40, high: 60, wander: 0.05 },
  errors: { share: 0.0005, wander: 0.2 },
  latency: { medianMs: 40, spread: 0.5, wander: 0.03 },
  tells: {
    errors: "counts",
    latency: "buckets",
    inflight: true,
    memory: { ...MEMORY, saw: 0.02, cache: 0 },
    connections: { usual: 0.3, limit: 100 },
  },
};

const daily: System = {
  name: "daily rhythm, p95, 10 s",
  everyMs: 10 * SECOND_MS,
  traffic: { low: 5, high: 20, wander: 0.15, weekend: 0.6, crowds: { perDay: 3, factor: 2.5 } },
  errors: { share: 0.002, wander: 0.4, clumps: { perDay: 4, failures: 8 } },
  latency: {
    medianMs: 90,
    spread: 0.6,
    wander: 0.1,
    load: 0.15,
    spikes: { perDay: 6, factor: 6 },
  },
  tells: { errors: "counts", latency: "p95", inflight: true, memory: MEMORY, nulls: 0.002 },
};

const bursty: System = {
  name: "bursty, 0.7 % base errors, p95, 10 s",
  everyMs: 10 * SECOND_MS,
  traffic: { low: 6, high: 12, wander: 0.25, crowds: { perDay: 8, factor: 2.5 } },
  errors: { share: 0.007, wander: 0.5, clumps: { perDay: 6, failures: 10 } },
  latency: {
    medianMs: 120,
    spread: 0.9,
    wander: 0.2,
    tail: { share: 0.02, factor: 8 },
    spikes: { perDay: 20, factor: 8 },
    load: 0.2,
  },
  tells: {
    errors: "ratio with requests",
    latency: "p95",
    inflight: true,
    memory: { ...MEMORY, base: 0.2, saw: 0.3, sawMs: 25 * MINUTE_MS, daily: 0.05 },
    connections: { usual: 0.5, limit: 60 },
    gaps: { perDay: 1, minutes: 8 },
  },
};

const quantiles: System = {
  name: "quantiles without p95, 10 s",
  everyMs: 10 * SECOND_MS,
  traffic: { low: 8, high: 8, wander: 0.1 },
  errors: { share: 0, wander: 0 },
  latency: {
    medianMs: 15,
    spread: 0.7,
    wander: 0.08,
    tail: { share: 0.005, factor: 20 },
    spikes: { perDay: 10, factor: 5 },
  },
  tells: {
    errors: "ratio",
    latency: "p50, p90, p99",
    memory: { ...MEMORY, base: 0.55, cache: 0.43, cacheHours: 2, saw: 0.01, daily: 0 },
  },
};

const loop: System = {
  name: "closed loop, mean, 10 s",
  everyMs: 10 * SECOND_MS,
  traffic: { low: 10, high: 10, wander: 0.05, loop: { callers: 20, thinkMs: 1_500 } },
  errors: { share: 0.001, wander: 0.3 },
  latency: { medianMs: 200, spread: 0.6, wander: 0.08, spikes: { perDay: 5, factor: 4 } },
  tells: { errors: "ratio with requests", latency: "mean", inflight: true },
};

const shop: System = {
  name: "closed loop, no base errors, ratio, p50, 1 min",
  everyMs: MINUTE_MS,
  traffic: { low: 5, high: 5, wander: 0.05, loop: { callers: 10, thinkMs: 1_000 } },
  errors: { share: 0, wander: 0 },
  latency: { medianMs: 60, spread: 0.7, wander: 0.05, spikes: { perDay: 4, factor: 4 } },
  tells: { errors: "ratio", latency: "p50", inflight: true },
};

const tickets: System = {
  name: "2 % bursty base errors, ratio with requests, p95, 1 min",
  everyMs: MINUTE_MS,
  traffic: { low: 3, high: 12, wander: 0.3, crowds: { perDay: 4, factor: 2.5 } },
  errors: { share: 0.02, wander: 0.4, clumps: { perDay: 8, failures: 15 } },
  latency: {
    medianMs: 250,
    spread: 0.8,
    wander: 0.15,
    tail: { share: 0.03, factor: 5 },
    spikes: { perDay: 8, factor: 5 },
    load: 0.2,
  },
  tells: { errors: "ratio with requests", latency: "p95", nulls: 0.01 },
};

const gateway: System = {
  name: "busy, 0.3 % base errors, ratio, p99, 1 min",
  everyMs: MINUTE_MS,
  traffic: { low: 100, high: 400, wander: 0.1, weekend: 0.5 },
  errors: { share: 0.003, wander: 0.35 },
  latency: {
    medianMs: 30,
    spread: 0.5,
    wander: 0.06,
    tail: { share: 0.03, factor: 6 },
    load: 0.2,
    spikes: { perDay: 3, factor: 4 },
  },
  tells: { errors: "ratio", latency: "p99", gaps: { perDay: 1, minutes: 12 } },
};

const slowLooks: System = {
  name: "no base errors, ratio, p95, 5 min",
  everyMs: 5 * MINUTE_MS,
  traffic: { low: 2, high: 8, wander: 0.1 },
  errors: { share: 0.00002, wander: 0 },
  latency: { medianMs: 80, spread: 0.6, wander: 0.06, spikes: { perDay: 1, factor: 3 }, load: 0.1 },
  tells: { errors: "ratio", latency: "p95", memory: { ...MEMORY, sawMs: HOUR_MS } },
};

const slowNoisy: System = {
  name: "1 % bursty base errors, counts, mean, 5 min",
  everyMs: 5 * MINUTE_MS,
  traffic: { low: 1, high: 4, wander: 0.3 },
  errors: { share: 0.01, wander: 0.5, clumps: { perDay: 2, failures: 8 } },
  latency: {
    medianMs: 150,
    spread: 0.8,
    wander: 0.12,
    tail: { share: 0.02, factor: 6 },
    spikes: { perDay: 2, factor: 3 },
  },
  tells: {
    errors: "counts",
    latency: "mean",
    memory: { ...MEMORY, saw: 0.25, sawMs: 3 * HOUR_MS },
  },
};

export const BUSY: readonly System[] = [steady, daily, bursty, quantiles, loop];
export const RECORDED: readonly System[] = [shop, tickets, gateway];
export const SLOW: readonly System[] = [slowLooks, slowNoisy];

/** One request in ten seconds. */
export const TRICKLE: readonly System[] = [
  {
    name: "0.1 request/s, counts, p95, 10 s",
    everyMs: 10 * SECOND_MS,
    traffic: { low: 0.05, high: 0.2, wander: 0.3 },
    errors: { share: 0.01, wander: 0.3, clumps: { perDay: 1, failures: 5 } },
    latency: { medianMs: 100, spread: 0.8, wander: 0.1, spikes: { perDay: 10, factor: 8 } },
    tells: { errors: "counts", latency: "p95", inflight: true, memory: MEMORY },
  },
  {
    name: "0.1 request/s, ratio, mean, 1 min",
    everyMs: MINUTE_MS,
    traffic: { low: 0.1, high: 0.1, wander: 0.2 },
    errors: { share: 0.005, wander: 0 },
    latency: { medianMs: 100, spread: 0.8, wander: 0.1 },
    tells: { errors: "ratio", latency: "mean" },
  },
];
