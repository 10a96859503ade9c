import type { Attempt } from "../../domain/attempt.ts";
import type { Json, JsonObject } from "../../domain/json.ts";
import type { Sample } from "../../domain/sample.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { LogLine } from "../../railway/acts/logs.ts";
import type { Release } from "../../railway/acts/release.ts";
import type { Call } from "../../railway/graphql.ts";
import type { Railway } from "../../railway/railway.ts";
import type { Result } from "../../railway/result.ts";
import { nameOf } from "../arrival.ts";
import type { ActionDefinition, ActionParts } from "../definition.ts";
import { noPreparation, Nothing, noTrace } from "../preparation.ts";
import { redact } from "./redact.ts";

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
export const definition: ActionDefinition = {
  traits: {
    kind: "collect-evidence",
    effect: "look",
    repeat: "idempotent",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 20 * SECOND_MS,
  },
  with: Nothing,
  create: (parts) => ({
    prepare: noPreparation,
    perform: async (attempt, signal) => ({
      kind: "done",
      evidence: await collect(parts, attempt, signal),
    }),
    sight: noTrace,
  }),
};

async function collect(
  parts: ActionParts,
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
  parts: ActionParts,
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
