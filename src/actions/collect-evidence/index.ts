import type { ActionTraits, Attempt } from "../../domain/attempt.ts";
import type { Json, JsonObject } from "../../domain/json.ts";
import type { Sample } from "../../domain/sample.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import type { Action } from "../../ports/action.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LogLine } from "../../railway/acts/logs.ts";
import type { Release } from "../../railway/acts/release.ts";
import type { Call } from "../../railway/graphql.ts";
import type { Railway } from "../../railway/railway.ts";
import type { Result } from "../../railway/result.ts";
import { nameOf } from "../arrival.ts";
import { noPreparation } from "../preparation.ts";
import type { ServiceFinder } from "../service-finder.ts";
import { redact } from "./redact.ts";

export interface CollectParts {
  readonly traits: ActionTraits;
  readonly finder: ServiceFinder;
  readonly clock: Clock;
  readonly samples: (from: number, to: number, signal: AbortSignal) => Promise<readonly Sample[]>;
  /** What the database of the target is doing, as JSON; null where none is known. */
  readonly activity: (target: string, signal: AbortSignal) => Promise<string | null>;
}

const DEPLOYMENTS = 10;
const LINES = 60;
const SAMPLES_MS = 10 * MINUTE_MS;
const SAMPLES_EACH = 12;
const SIGNALS = 40;
const SESSIONS = 30;

/**
 * Keeps what fades: deployments, log lines, what the database is doing, the last samples. Railway forgets logs within days, and
 * a restart ends what was running. Bounded, and without what looks like a secret. Whatever cannot be had is named.
 */
export function createCollect(parts: CollectParts): Action {
  return {
    traits: parts.traits,
    prepare: noPreparation,
    perform: async (attempt, signal) => ({
      kind: "done",
      evidence: await collect(parts, attempt, signal),
    }),
    // It is its own evidence; one that was cut off is made again.
    sight: () => Promise.resolve({ kind: "nothing", evidence: {} }),
  };
}

async function collect(
  parts: CollectParts,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<JsonObject> {
  const missing: string[] = [];
  /** A part that fails costs only itself. */
  const part = async <T>(name: string, read: () => Promise<T>, none: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      missing.push(
        `${name}: ${redact(error instanceof Error ? error.message : String(error), 120)}`,
      );
      return none;
    }
  };
  const now = parts.clock.now();
  const [platform, samples, activity] = await Promise.all([
    part("platform", () => platformOf(parts, attempt, { signal, purpose: "act" }, part), {}),
    part("samples", () => parts.samples(now - SAMPLES_MS, now, signal), []),
    part("activity", () => parts.activity(attempt.target, signal), null),
  ]);
  return {
    collectedAt: now,
    ...platform,
    samples: latest(samples.filter(({ target }) => target === attempt.target)),
    ...(activity === null ? {} : { activity: sessions(activity) }),
    missing,
  };
}

type Part = <T>(name: string, read: () => Promise<T>, none: T) => Promise<T>;

async function platformOf(
  parts: CollectParts,
  attempt: Attempt,
  call: Call,
  part: Part,
): Promise<JsonObject> {
  const { railway, serviceId } = valueOf(await parts.finder(attempt.target, call));
  const releases = valueOf(await railway.acts.releases(serviceId, call));
  const [newest] = releases;
  const live = releases.find(({ status }) => ["SUCCESS", "CRASHED", "SLEEPING"].includes(status));
  const [errors, last, build] = await Promise.all([
    part("error lines", () => linesOf(railway, live, "@level:error", call), []),
    part("log lines", () => linesOf(railway, live, "", call), []),
    part("build log", () => buildOf(railway, newest, call), []),
  ]);
  return {
    deployments: releases.slice(0, DEPLOYMENTS).map(deploymentWords),
    errors: errors.map(lineWords),
    logs: last.map(lineWords),
    ...(build.length === 0 ? {} : { build: build.map(lineWords) }),
  };
}

async function linesOf(
  railway: Railway,
  release: Release | undefined,
  filter: string,
  call: Call,
): Promise<readonly LogLine[]> {
  if (release === undefined) return [];
  return valueOf(await railway.acts.logs(release.id, { filter, limit: LINES }, call));
}

/** Why a deployment did not come up stands in its build log. */
async function buildOf(
  railway: Railway,
  newest: Release | undefined,
  call: Call,
): Promise<readonly LogLine[]> {
  if (newest?.status !== "FAILED") return [];
  return valueOf(await railway.acts.buildLogs(newest.id, LINES, call));
}

function deploymentWords({ id, status, createdAt, manifest }: Release): JsonObject {
  return { id, status, createdAt, release: redact(nameOf(manifest), 120) };
}

function lineWords({ timestamp, severity, message }: LogLine): JsonObject {
  return { at: timestamp, severity: severity ?? "", text: redact(message) };
}

/** The last values of each signal, oldest first. */
function latest(samples: readonly Sample[]): JsonObject {
  const groups = Map.groupBy(
    samples.filter(({ name }) => name !== "latency_bucket"),
    ({ probe, name }) => `${probe} ${name}`,
  );
  const kept = [...groups].slice(0, SIGNALS).map(([signal, group]) => {
    const points: Json[] = group.slice(-SAMPLES_EACH).map(({ ts, value }) => [ts, value]);
    return [signal, points] as const;
  });
  return Object.fromEntries(kept);
}

function sessions(activity: string): readonly Json[] {
  const rows: unknown = JSON.parse(activity);
  if (!Array.isArray(rows)) return [];
  return rows.slice(0, SESSIONS).map((row) => redact(JSON.stringify(row), 240));
}

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.problem.code}: ${result.problem.detail}`);
}
