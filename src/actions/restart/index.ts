import type { Attempt } from "../../domain/attempt.ts";
import type { PlatformFact } from "../../domain/facts.ts";
import { textOf, type Json, type JsonObject } from "../../domain/json.ts";
import { problem } from "../../domain/problem.ts";
import { SECOND_MS, spell, timeOfDay, type Instant } from "../../domain/time.ts";
import type { Answer, Preparation, Sighting } from "../../ports/action.ts";
import { isInFlight, liveDeployment } from "../../railway/live.ts";
import type { Look } from "../../railway/railway.ts";
import { answerOf, blocked, onService, planned, type Place } from "../acting.ts";
import { changesIn } from "../changes.ts";
import type { ActionDefinition, ActionParts } from "../definition.ts";
import { inspectionFrom } from "../inspect/index.ts";
import { Nothing } from "../preparation.ts";

/**
 * Restarts the live deployment of the target's service, once. Railway takes no idempotency key, so whether it
 * happened is read from what a restart leaves behind, strongest first: the process's own start time, a new
 * execution, new instance ids, a moved status time.
 */
export const definition: ActionDefinition = {
  traits: {
    kind: "restart",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 15 * SECOND_MS,
    settleMs: 60 * SECOND_MS,
    endsProcess: true,
    words: { done: "restarted {target}" },
  },
  with: Nothing,
  budget: { perIncident: 1, perHour: 3 },
  create({ finder, processStart }) {
    const conduct = onService(finder, {
      prepare: (place, attempt) => prepare(place, processStart(attempt.target)),
      perform,
      sight,
    });
    return {
      ...conduct,
      // The process's own word counts as well where the platform says nothing.
      sight: async (attempt, signal) => {
        const own = ownWord(attempt, processStart(attempt.target));
        const platform = await conduct.sight(attempt, signal);
        if (own.length === 0) return platform;
        const shown = platform.kind === "seen" ? platform.evidence["shown"] : [];
        return seen([...own, ...(Array.isArray(shown) ? shown.map((line) => textOf(line)) : [])]);
      },
    };
  },
};

type Process = ReturnType<ActionParts["processStart"]>;

async function prepare(
  { railway, serviceId, call }: Place,
  process: Process,
): Promise<Preparation> {
  const look = await railway.look(serviceId, call);
  if (!look.ok) return blocked(look.problem);
  if (!look.value.service.ok) return blocked(look.value.service.problem);
  const deployments = look.value.deployments.ok ? look.value.deployments.value : undefined;
  const live = liveDeployment(look.value.service.value, deployments);
  const { platform } = look.value;
  return {
    plan: {
      serviceId,
      deploymentId: live?.id ?? null,
      before: traces(look.value, live?.id ?? null, process?.startedAt ?? null),
    },
    platform: {
      status: platform.state,
      statusDetail: platform.detail,
      obstacle: obstacleIn(look.value, live?.id ?? null),
      seen: {},
      changes: changesIn(look.value),
      ...(process === null ? {} : { processStart: process.startedAt }),
    },
  };
}

/** Why the platform's own state forbids a restart now, or null. */
function obstacleIn(look: Look, live: string | null): PlatformFact["obstacle"] {
  if (live === null) return problem("nothing-deployed");
  const seen = inspectionFrom(look);
  if (seen.inFlight !== null)
    return problem("deployment-in-flight", `a deployment is ${seen.inFlight}`);
  if (!look.volumes.ok) return look.volumes.problem;
  const state = seen.volume?.state ?? "READY";
  if (state !== "READY") return problem("volume-busy", `the volume is ${state}`);
  const newest = look.deployments.ok ? look.deployments.value[0] : undefined;
  if (newest !== undefined && newest.id !== live && isInFlight(newest)) {
    return problem("deployment-in-flight", `deployment ${newest.id} is ${newest.status}`);
  }
  return null;
}

async function perform({ railway, call }: Place, attempt: Attempt): Promise<Answer> {
  const answer = await railway.restart(planned(attempt, "deploymentId"), call);
  return answerOf(answer, () => ({ answer: "deploymentRestart answered true" }));
}

/** What a restart changes, as it stands now. `null`: the source does not speak. */
interface Traces {
  readonly processStart: Instant | null;
  readonly executions: readonly string[] | null;
  readonly instances: readonly string[] | null;
  readonly statusUpdatedAt: Instant | null;
  readonly status: string | null;
}

async function sight({ railway, serviceId, call }: Place, attempt: Attempt): Promise<Sighting> {
  const before = tracesFrom(attempt.plan["before"]);
  const look = await railway.look(serviceId, call);
  if (!look.ok) return { kind: "withheld", problem: look.problem };
  const now = traces(look.value, textOf(attempt.plan["deploymentId"] ?? null), null);
  const shown = differences(before, now);
  if (shown.length > 0) return seen(shown);
  const silent = silentSources(before, now);
  return silent.length > 0
    ? { kind: "withheld", problem: problem("evidence-withheld", `not shown: ${silent.join(", ")}`) }
    : { kind: "nothing", evidence: { looked: "executions, instances and status are as before" } };
}

function seen(shown: readonly string[]): Sighting {
  return { kind: "seen", evidence: { shown: [...shown] } };
}

/** How far the clock of the target's process may be behind ours. */
const SKEW_MS = 2_000;

/** The process says it began after our call. One that began before it (by the platform or a person) proves nothing. */
function ownWord(attempt: Attempt, process: Process): readonly string[] {
  const before = tracesFrom(attempt.plan["before"]);
  const startedAt = attempt.startedAt ?? 0;
  if (process === null || process.saidAt < startedAt) return [];
  const isNew =
    before.processStart === null
      ? process.startedAt > startedAt
      : process.startedAt > before.processStart && process.startedAt > startedAt - SKEW_MS;
  if (!isNew) return [];
  return [
    `the process says it started at ${timeOfDay(process.startedAt)}, ${spell(Math.max(0, process.startedAt - startedAt))} after the call`,
  ];
}

function differences(before: Traces, now: Traces): readonly string[] {
  const shown: string[] = [];
  const added = now.executions?.filter((id) => !(before.executions ?? []).includes(id)) ?? [];
  if (before.executions !== null && added.length > 0)
    shown.push(`Railway lists a new execution ${added.join(", ")}`);
  const fresh = now.instances?.filter((id) => !(before.instances ?? []).includes(id)) ?? [];
  if (before.instances !== null && fresh.length > 0)
    shown.push(`Railway shows a new instance ${fresh.join(", ")}`);
  // A status that moved to CRASHED tells of the failure, not of our restart.
  if (
    before.statusUpdatedAt !== null &&
    now.statusUpdatedAt !== null &&
    now.statusUpdatedAt > before.statusUpdatedAt &&
    now.status !== "CRASHED"
  ) {
    shown.push(`the deployment's status changed at ${timeOfDay(now.statusUpdatedAt)}`);
  }
  return shown;
}

/** Sources that must speak before "it did not happen" may be said. */
function silentSources(before: Traces, now: Traces): readonly string[] {
  return (["executions", "instances", "statusUpdatedAt"] as const).filter(
    (source) => before[source] === null || now[source] === null,
  );
}

function traces(
  look: Look,
  deploymentId: string | null,
  processStart: Instant | null,
): JsonObject & Traces {
  const service = look.service.ok ? look.service.value : null;
  const deployments = [
    ...(look.deployments.ok ? look.deployments.value : []),
    ...(service?.activeDeployments ?? []),
    ...(service?.latestDeployment === null || service === null ? [] : [service.latestDeployment]),
  ];
  const deployment = deployments.find((candidate) => candidate.id === deploymentId);
  const executions = look.executions.ok
    ? look.executions.value.filter((row) => row.deploymentId === deploymentId).map((row) => row.id)
    : null;
  return {
    processStart,
    // A service that runs or ran has at least one execution: an empty list is a source that does not speak.
    executions: executions === null || executions.length === 0 ? null : executions,
    instances:
      deployment === undefined || deployment.instances.length === 0
        ? null
        : deployment.instances.map(({ id }) => id),
    statusUpdatedAt: deployment?.statusUpdatedAt ?? null,
    status: deployment?.status ?? null,
  };
}

function tracesFrom(value: Json | undefined): Traces {
  const empty: Traces = {
    processStart: null,
    executions: null,
    instances: null,
    statusUpdatedAt: null,
    status: null,
  };
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...empty, ...(value as object) }
    : empty;
}
