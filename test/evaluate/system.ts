import type { Millis } from "../../src/domain/time.ts";

/** One system that is watched: how it behaves when all is well, and what it tells. Unlike ones, because a rule fitted to one shows. */
export interface System {
  readonly name: string;
  readonly everyMs: Millis;
  readonly traffic: Traffic;
  readonly errors: Errors;
  readonly latency: Latency;
  readonly tells: Tells;
}

export interface Traffic {
  /** Requests per second at night and in the afternoon; the same twice for no rhythm. */
  readonly low: number;
  readonly high: number;
  /** How far the rate wanders, as the deviation of its logarithm. */
  readonly wander: number;
  /** On weekends so many times the traffic. */
  readonly weekend?: number;
  /** Short crowds, so many a day, of up to so many times the traffic. */
  readonly crowds?: { readonly perDay: number; readonly factor: number };
  /** A load generator that waits for answers: so many callers that think so long. The rate then follows from the latency. */
  readonly loop?: { readonly callers: number; readonly thinkMs: Millis };
}

export interface Errors {
  /** Share that always fails. */
  readonly share: number;
  /** How far that share wanders, as the deviation of its logarithm: over-dispersed counts. */
  readonly wander: number;
  /** Clumps of failures of one caller that asks again, so many a day of so many failures. */
  readonly clumps?: { readonly perDay: number; readonly failures: number };
}

export interface Latency {
  /** Median of one request, and the deviation of its logarithm. */
  readonly medianMs: number;
  readonly spread: number;
  /** How far the median wanders within minutes. */
  readonly wander: number;
  /** Of the requests so many take so many times as long: a heavy tail. */
  readonly tail?: { readonly share: number; readonly factor: number };
  /** Single moments that take up to so many times as long: collections, neighbours, cold caches. */
  readonly spikes?: { readonly perDay: number; readonly factor: number };
  /** By how much it follows the rhythm of the traffic: 0 not at all, 0.5 with the root of it. */
  readonly load?: number;
}

export interface Tells {
  readonly errors: "counts" | "ratio with requests" | "ratio";
  readonly latency: "buckets" | "p95" | "p50, p90, p99" | "p99" | "mean" | "p50";
  readonly inflight?: boolean;
  readonly memory?: Memory;
  readonly connections?: { readonly usual: number; readonly limit: number };
  /** Share of looks that get nothing, and gaps a day of up to so many minutes. */
  readonly nulls?: number;
  readonly gaps?: { readonly perDay: number; readonly minutes: number };
}

export interface Memory {
  readonly limit: number;
  /** Shares of the limit: after a start, what collections leave and take, and what caches add in how many hours. */
  readonly base: number;
  readonly saw: number;
  readonly sawMs: Millis;
  readonly cache: number;
  readonly cacheHours: number;
  /** What the traffic of the day adds, as a share of the limit. */
  readonly daily: number;
}
