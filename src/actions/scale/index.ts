import { z } from "zod";

import { type Attempt, isRecheck } from "../../domain/attempt.ts";
import { textOf, type Json, type JsonObject } from "../../domain/json.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { SECOND_MS, type Instant } from "../../domain/time.ts";
import type { Answer, Preparation, Sighting } from "../../ports/action.ts";
import type { Regions, Release } from "../../railway/acts/release.ts";
import type { Call } from "../../railway/graphql.ts";
import type { Look, Railway } from "../../railway/railway.ts";
import { failure, success, type Result } from "../../railway/result.ts";
import {
  answerOf,
  blocked,
  inFlightBeside,
  liveIn,
  onService,
  planned,
  platformFact,
  recheckAnswer,
  type Place,
} from "../acting.ts";
import { changesIn } from "../changes.ts";
import type { ActionDefinition } from "../definition.ts";
import { grow, isSameMap, patchTo, spellRegions, totalOf } from "./regions.ts";

/** More than this is a decision about money and connections, which is a person's. */
const MAX = 4;

/**
 * Adds replicas (`value: up`) by a patch of the whole map of regions, or takes them away again (`value: down`, with `restore`
 * and `set` as the plan of the first keeps them under `undo`). Down leaves alone what somebody else has changed since. `recheck`
 * only asks whether what was set still is.
 */
export const definition: ActionDefinition = {
  traits: {
    kind: "scale",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 60 * SECOND_MS,
    words: {
      done: "gave {target} more replicas",
      held: "Replicas: more than before; taken back later.",
      released: "Replicas: as before.",
    },
  },
  with: z.strictObject({
    value: z.enum(["up", "down"]),
    /** How many replicas more. */
    by: z.int().min(1, "expected 1 or more").max(10, "expected 10 or less").default(1),
    /** How many in all at most; the plan may allow less. */
    max: z.int().min(2, "expected 2 or more").max(50, "expected 50 or less").default(MAX),
  }),
  budget: { perIncident: 2, perHour: 3 },
  create: ({ finder, clock, replicasMax }) =>
    onService(finder, {
      prepare: (place, attempt) => prepare(place, attempt, replicasMax),
      perform,
      sight: (place, attempt) => sight(place, attempt, clock.now()),
    }),
};

async function prepare(
  { railway, serviceId, call }: Place,
  attempt: Attempt,
  replicasMax: number,
): Promise<Preparation> {
  const look = await railway.look(serviceId, call);
  if (!look.ok) return blocked(look.problem);
  const releases = await railway.acts.releases(serviceId, call);
  const live = releases.ok
    ? releases.value.find(({ id }) => id === liveIn(look.value)?.id)
    : undefined;
  const isDown = attempt.params["value"] === "down";
  const present = await presentRegions(railway, serviceId, isDown ? undefined : live, call);
  if (!present.ok) return blocked(present.problem);
  const instances = live?.instances.map(({ id }) => id) ?? null;
  const plan = { serviceId, present: present.value, instances };
  if (isRecheck(attempt)) return { plan: { ...plan, undo: null } };
  if (isDown) {
    return { plan: { ...plan, ...restored(attempt, present.value), undo: null } };
  }
  const refusal = refusalIn(look.value);
  if (refusal !== null) return refused(look.value, plan, refusal);
  const max = Math.min(numberOf(attempt.params["max"], MAX), replicasMax);
  const grown = grow(present.value, { by: numberOf(attempt.params["by"], 1), max });
  if (!grown.ok) return refused(look.value, plan, grown.problem);
  const undo = { value: "down", restore: present.value, set: grown.regions };
  return {
    plan: { ...plan, set: grown.regions, undo },
    platform: platformFact(look.value, inTheWay(look.value), {
      changes: changesIn(look.value, releases.ok ? releases.value : []),
    }),
  };
}

/** Back to what was there before, unless it is not what we left any more. */
function restored(attempt: Attempt, present: Regions): JsonObject {
  const restore = regionsFrom(attempt.params["restore"]);
  const set = regionsFrom(attempt.params["set"]);
  if (totalOf(restore) === 0) {
    const { code, detail } = problem("replicas-unknown", "the number to go back to is not known");
    return { refusal: { code, detail } };
  }
  const isOurs = isSameMap(present, set);
  const isBack = isSameMap(present, restore);
  if (isOurs || isBack) return { set: restore };
  return { set: present, left: `somebody set ${spellRegions(present)} since` };
}

function refusalIn(look: Look): Problem | null {
  if (!look.volumes.ok) return look.volumes.problem;
  return look.volumes.value.length > 0 ? problem("volume-forbids-replicas") : null;
}

function inTheWay(look: Look): Problem | null {
  const other = inFlightBeside(look, liveIn(look));
  return other === null
    ? null
    : problem("deployment-in-flight", `deployment ${other.id} is ${other.status}`);
}

function refused(look: Look, plan: JsonObject, { code, detail }: Problem): Preparation {
  const refusal = { code, detail };
  return {
    plan: { ...plan, refusal, undo: null },
    platform: platformFact(look, problem(code, detail)),
  };
}

/**
 * The configuration says it; where it does not, the live deployment's own manifest, which tells of the day it was made. That is no
 * word on what we have set since: to take it back the configuration must have been read.
 */
async function presentRegions(
  railway: Railway,
  serviceId: string,
  live: Release | undefined,
  call: Call,
): Promise<Result<Regions>> {
  const configured = await railway.acts.regions(serviceId, call);
  if (configured.ok && totalOf(configured.value) > 0) return configured;
  if (live !== undefined && totalOf(live.manifest.regions) > 0) {
    return success(live.manifest.regions);
  }
  return configured.ok ? failure(problem("replicas-unknown")) : configured;
}

async function perform({ railway, call }: Place, attempt: Attempt): Promise<Answer> {
  if (isRecheck(attempt)) return recheckAnswer(changedSince(attempt));
  const left = textOf(attempt.plan["left"]);
  if (left !== "") return { kind: "done", evidence: { shown: [`left as it is: ${left}`] } };
  const present = regionsFrom(attempt.plan["present"]);
  const set = regionsFrom(attempt.plan["set"]);
  if (isSameMap(present, set)) {
    return { kind: "done", evidence: { shown: [`there are ${spellRegions(set)} already`] } };
  }
  const serviceId = planned(attempt, "serviceId");
  const patch = patchTo(set, present);
  return answerOf(await railway.acts.scale(serviceId, patch, call), (answer) => ({
    ...answer,
  }));
}

/**
 * The configuration tells what is wanted, the instances what runs: it has happened when both agree. When its time is over the
 * configuration alone decides: a replica that is slow to come, or not shown, is no doubt about what was done.
 */
async function sight(
  { railway, serviceId, call }: Place,
  attempt: Attempt,
  now: Instant,
): Promise<Sighting> {
  const set = regionsFrom(attempt.plan["set"]);
  const configured = await railway.acts.regions(serviceId, call);
  if (!configured.ok) return { kind: "withheld", problem: configured.problem };
  const look = await railway.look(serviceId, call);
  const running = look.ok ? (liveIn(look.value)?.instances ?? null) : null;
  const up = running?.filter(({ status }) => status === "RUNNING").length ?? null;
  const words = [
    `the configuration says ${spellRegions(configured.value)}`,
    up === null ? "instances are not shown" : `${up} instances run`,
  ];
  if (isSameMap(configured.value, set)) {
    const isLast = now >= (attempt.settlesAt ?? 0);
    return up === null || up === totalOf(set) || isLast
      ? { kind: "seen", evidence: { shown: words } }
      : { kind: "withheld", problem: problem("evidence-withheld", words.join("; ")) };
  }
  const failed = await failureOf(railway, textOf(attempt.evidence["patchId"]), call);
  if (failed !== null) return { kind: "failed", problem: problem("platform-failed", failed) };
  // More instances than before, of a configuration that is as it was: it does not tell everything.
  const before = Array.isArray(attempt.plan["instances"]) ? attempt.plan["instances"].length : null;
  const isChanged = running !== null && before !== null && running.length !== before;
  return isChanged
    ? { kind: "withheld", problem: problem("evidence-withheld", words.join("; ")) }
    : { kind: "nothing", evidence: { looked: words } };
}

/** That it is not as it was left any more, in words; null while it is. */
function changedSince({ params, plan }: Attempt): string | null {
  const present = regionsFrom(plan["present"]);
  return isSameMap(present, regionsFrom(params["set"]))
    ? null
    : `there are ${spellRegions(present)} now, and not by me`;
}

async function failureOf(railway: Railway, patchId: string, call: Call): Promise<string | null> {
  if (patchId === "") return null;
  const state = await railway.acts.patchState(patchId, call);
  return state.ok && state.value.state === "failed" ? state.value.error : null;
}

function regionsFrom(value: Json | undefined): Regions {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const counts = Object.entries(value).flatMap(([region, count]) =>
    typeof count === "number" ? [[region, count] as const] : [],
  );
  return Object.fromEntries(counts);
}

function numberOf(value: Json | undefined, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}
