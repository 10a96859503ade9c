import { binomial, dailyRhythm, mulberry32, poisson } from "../../src/detectors/testing.ts";
import type { Observation, Values } from "../../src/domain/observation.ts";
import { problem, type ProblemCode } from "../../src/domain/problem.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from "../../src/domain/time.ts";
import type { Service } from "./platform.ts";

// A week of generated traffic, from Monday, 2026-03-02 00:00 UTC, with five real failures and three false ones.

export const MONDAY: Instant = Date.UTC(2026, 2, 2);
export const WEEK_END: Instant = MONDAY + 7 * 24 * HOUR_MS;

/** `at(2, "03:10")` is Wednesday, 03:10 UTC. */
export function at(day: number, time: string): Instant {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
  return MONDAY + ((day * 24 + hours) * 60 + minutes) * MINUTE_MS + seconds * SECOND_MS;
}

/** How it really is, and how it looks from where Signalman stands. */
export interface Truth {
  database: "answers" | "dead";
  api: "answers" | "hangs";
  /** Share of the API's requests that fail, and what its log says of them. */
  failing: number;
  logs: { readonly [name: string]: number };
  /** What our own looks run into although nothing is wrong there. */
  sight: "clear" | "health-blocked" | "all-blocked";
}

interface Turn {
  readonly at: Instant;
  readonly does: (truth: Truth, services: { readonly [name: string]: Service }) => void;
}

/** What happens in the week, in order. Whatever is done at the platform is done by people. */
export const TURNS: readonly Turn[] = [
  // False 1, Monday 12:00: our connection to the health page is blocked for 2 minutes; the second path says that the API answers.
  { at: at(0, "12:00"), does: (truth) => void (truth.sight = "health-blocked") },
  { at: at(0, "12:02"), does: (truth) => void (truth.sight = "clear") },
  // False 2, Monday 20:00: a planned deployment that Railway shows 5 minutes late; the API is silent for 3 minutes while it starts.
  {
    at: at(0, "20:00"),
    does: (truth, { api }) => {
      truth.api = "hangs";
      api?.deploy("api-2", "c2", at(0, "20:00"), at(0, "20:05"));
    },
  },
  { at: at(0, "20:03"), does: (truth) => void (truth.api = "answers") },
  // Real 1, Tuesday 03:10: the database is killed; somebody restarts it at 03:30.
  {
    at: at(1, "03:10"),
    does: (truth, { postgres }) => {
      truth.database = "dead";
      postgres?.crash(at(1, "03:10"));
    },
  },
  {
    at: at(1, "03:30"),
    does: (truth, { postgres }) => {
      truth.database = "answers";
      postgres?.restart(at(1, "03:30"));
    },
  },
  // Real 2, Wednesday 10:00: the API hangs; somebody restarts it at 10:12.
  { at: at(2, "10:00"), does: (truth) => void (truth.api = "hangs") },
  {
    at: at(2, "10:12"),
    does: (truth, { api }) => {
      truth.api = "answers";
      api?.restart(at(2, "10:12"));
    },
  },
  // Real 3, Thursday 14:00: a third of the requests run into time-outs, and that stays; at 15:00 somebody deploys a fix.
  {
    at: at(3, "14:00"),
    does: (truth) => {
      truth.failing = 0.3;
      truth.logs = { timeout: 40 };
    },
  },
  {
    at: at(3, "15:00"),
    does: (truth, { api }) => {
      truth.failing = 0;
      truth.logs = {};
      api?.deploy("api-3", "c3", at(3, "15:00"));
    },
  },
  // Real 4, Friday 16:00: a bad release; at 16:25 somebody rolls it back by hand.
  {
    at: at(4, "16:00"),
    does: (truth, { api }) => {
      truth.failing = 0.2;
      api?.deploy("api-4", "c4", at(4, "16:00"));
    },
  },
  {
    at: at(4, "16:25"),
    does: (truth, { api }) => {
      truth.failing = 0;
      api?.deploy("api-5", "c3", at(4, "16:25"));
    },
  },
  // Real 5, Saturday 05:00: the API hangs for 2 minutes and recovers by itself.
  { at: at(5, "05:00"), does: (truth) => void (truth.api = "hangs") },
  { at: at(5, "05:02"), does: (truth) => void (truth.api = "answers") },
  // False 3, Sunday 09:00: our own network swallows everything for 10 minutes; database and API are well.
  { at: at(6, "09:00"), does: (truth) => void (truth.sight = "all-blocked") },
  { at: at(6, "09:10"), does: (truth) => void (truth.sight = "clear") },
];

/** What looks see, from a seed. */
export interface Eyes {
  postgres(truth: Truth, now: Instant): Observation;
  health(truth: Truth, now: Instant): Observation;
  /** The API's own counts since the last look. */
  rates(truth: Truth, now: Instant, sinceMs: number): Observation;
  /** Once a minute: which deployment serves, and the lines of its log. */
  platform(truth: Truth, now: Instant, deployment: string): Observation;
}

export function openEyes(seed: number): Eyes {
  const random = mulberry32(seed);
  return {
    postgres: ({ database, sight }, now) =>
      up("postgres", "postgres", now, sight === "all-blocked" ? "timeout" : whyDead(database)),
    health: ({ api, database, sight }, now) =>
      up(
        "api",
        "http /health",
        now,
        sight !== "clear" || api === "hangs"
          ? "timeout"
          : database === "dead"
            ? "unexpected-body"
            : null,
      ),
    rates: ({ api, database, failing, sight }, now, sinceMs) => {
      const mean = (sinceMs / SECOND_MS) * dailyRhythm(now, 2, 10);
      const isSilent = api === "hangs" || sight === "all-blocked";
      const requests = poisson(random, mean);
      const failed = binomial(random, requests, database === "dead" ? 0.5 : 0.002 + failing);
      const latency_p95_ms = 120 * (0.9 + random() * 0.2);
      const values: Values = isSilent
        ? { requests: null, failed: null, latency_p95_ms: null }
        : { requests, failed, latency_p95_ms };
      const why = isSilent ? { problem: problem("timeout") } : {};
      return { target: "api", probe: "prometheus /metrics", ts: now, tookMs: 5, values, ...why };
    },
    platform: ({ logs }, now, deployment) => ({
      target: "api",
      probe: "railway",
      ts: now,
      tookMs: 5,
      values: {},
      deployment,
      errors: { counts: logs, isCut: false, examples: [] },
    }),
  };
}

function whyDead(database: Truth["database"]): ProblemCode | null {
  return database === "dead" ? "connection-refused" : null;
}

function up(target: string, probe: string, ts: Instant, why: ProblemCode | null): Observation {
  return {
    target,
    probe,
    ts,
    tookMs: 5,
    values: { up: why === null ? 1 : 0 },
    ...(why === null ? {} : { problem: problem(why) }),
  };
}
