import { z } from "zod";

import type { Attempt } from "../../domain/attempt.ts";
import { textOf, type JsonObject } from "../../domain/json.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { MINUTE_MS, SECOND_MS, type Instant } from "../../domain/time.ts";
import type { Answer, Preparation, Sighting } from "../../ports/action.ts";
import type { Release } from "../../railway/acts/release.ts";
import type { VariableState } from "../../railway/acts/variables.ts";
import type { Look } from "../../railway/railway.ts";
import {
  answerOf,
  blocked,
  inFlightBeside,
  liveIn,
  onService,
  planned,
  platformFact,
  type Place,
} from "../acting.ts";
import { beforeFrom, beforeOf, lookForArrival, told } from "../arrival.ts";
import { changesIn } from "../changes.ts";
import type { ActionDefinition } from "../definition.ts";
import { Flag } from "./flag.ts";
import { stepBack } from "./step-back.ts";

/**
 * Turns a switch of the app on by a variable at Railway, which deploys the service anew: the last resort, for apps that cannot be
 * told otherwise. It has no end of its own, so `value: off` takes it back, with the parameters that the plan of the first
 * keeps under `undo`. Only what the configuration names as on or off is ever written over.
 */
export const definition: ActionDefinition = {
  traits: {
    kind: "variable",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    // It may be built again.
    settleMs: 10 * MINUTE_MS,
    endsProcess: true,
    releases: true,
    words: {
      done: "set the variable of {target}",
      held: "Variable at Railway: set, or being set. It does not end by itself; I take it back with the incident, by another deployment.",
      released: "Variable at Railway: as before.",
    },
  },
  with: z.strictObject({
    switch: z.string().min(1, "expected the name of a switch"),
    value: z.literal("on"),
    ...Flag.shape,
  }),
  budget: { perIncident: 1, perHour: 2 },
  create: ({ finder, clock }) =>
    onService(finder, {
      prepare,
      perform,
      sight: (place, attempt) => sight(place, attempt, clock.now()),
    }),
};

async function prepare(
  { railway, serviceId, call }: Place,
  attempt: Attempt,
): Promise<Preparation> {
  const { name, on, off } = Flag.parse(attempt.params);
  const look = await railway.look(serviceId, call);
  if (!look.ok) return blocked(look.problem);
  if (!look.value.service.ok) return blocked(look.value.service.problem);
  const releases = await railway.acts.releases(serviceId, call);
  if (!releases.ok) return blocked(releases.problem);
  const live = liveIn(look.value);
  const present = releases.value.find(({ id }) => id === live?.id);
  if (present === undefined) return blocked(problem("nothing-deployed"));
  const state = await railway.acts.variable(serviceId, name, [on, off], call);
  if (!state.ok) return blocked(state.problem);
  const found = { look: look.value, releases: releases.value, present, state: state.value };
  const plan = { serviceId, before: beforeOf(releases.value) };
  return attempt.params["value"] === "off"
    ? prepareOff(attempt, found, plan)
    : prepareOn(attempt, found, plan);
}

/** What was found just before the start. */
interface Found {
  readonly look: Look;
  readonly releases: readonly Release[];
  /** The one that serves. */
  readonly present: Release;
  readonly state: VariableState;
}

function prepareOn(attempt: Attempt, found: Found, plan: JsonObject): Preparation {
  const { name, on, off } = Flag.parse(attempt.params);
  const { look, releases, state } = found;
  const changes = changesIn(look, releases);
  const why = unfit(state, { name, on });
  if (why !== null) {
    const refusal = { code: why.code, detail: why.detail };
    return {
      plan: { ...plan, refusal, undo: null },
      platform: platformFact(look, why, { changes }),
    };
  }
  const restore = state.kind === "absent" ? null : off;
  const undo = { value: "off", name, on, off, restore, since: releases[0]?.createdAt ?? 0 };
  const detail = `${name} of ${attempt.target} would be set to "${on}" at Railway and ${attempt.target} deployed anew; it does not end by itself`;
  return {
    plan: { ...plan, step: "write", set: on, undo },
    platform: platformFact(look, inTheWay(look), {
      changes,
      cap: { mode: "suggest", code: "switch-needs-approval", detail },
    }),
  };
}

/** Somebody else's value is left alone: it may mean anything, and might not come back as it was. */
function unfit(state: VariableState, { name, on }: { name: string; on: string }): Problem | null {
  if (state.kind === "other")
    return problem("variable-unexpected", `${name} holds something that is neither on nor off`);
  return state.kind === "value" && state.value === on
    ? problem("variable-unexpected", `${name} is "${on}" already, and not by this act`)
    : null;
}

/** Taking it back needs nobody's approval; a deployment on its way is waited for. */
function prepareOff(attempt: Attempt, found: Found, plan: JsonObject): Preparation {
  const { look, releases, present, state } = found;
  const { step, words, set } = stepBack(attempt.params, { releases, present, state });
  return {
    plan: { ...plan, step, set, words, undo: null },
    platform: platformFact(look, step === "leave" ? null : inTheWay(look)),
  };
}

function inTheWay(look: Look): Problem | null {
  const other = inFlightBeside(look, liveIn(look));
  return other === null
    ? null
    : problem("deployment-in-flight", `deployment ${other.id} is ${other.status}`);
}

/** One call, which Railway answers without the id of the deployment that it makes. */
async function perform({ railway, call }: Place, attempt: Attempt): Promise<Answer> {
  const serviceId = planned(attempt, "serviceId");
  const words = textOf(attempt.plan["words"]);
  switch (planned(attempt, "step")) {
    case "leave":
      return { kind: "done", evidence: { shown: [`left as it is: ${words}`] } };
    case "keep":
      return { kind: "rejected", problem: problem("still-stands", words) };
    case "deploy":
      return answerOf(await railway.acts.redeployService(serviceId, call), () => ({ words }));
    default: {
      const { name } = Flag.parse(attempt.params);
      const answer = await railway.acts.setVariable(serviceId, name, setBy(attempt), call);
      return answerOf(answer, () => ({ answer: "Railway says that it is written" }));
    }
  }
}

/**
 * It has happened when the variable reads as it was written and a deployment made since then serves. The variable alone tells
 * whether it was written: once it was, "it did not happen" is never said, because the next deployment will have it.
 */
async function sight(
  { railway, serviceId, call }: Place,
  attempt: Attempt,
  now: Instant,
): Promise<Sighting> {
  const { name, on, off } = Flag.parse(attempt.params);
  const state = await railway.acts.variable(serviceId, name, [on, off], call);
  if (!state.ok) return { kind: "withheld", problem: state.problem };
  const words = `Railway says that ${name} is ${spell(state.value)}`;
  if (!isSet(state.value, setBy(attempt))) return { kind: "nothing", evidence: { looked: words } };
  const arrival = await lookForArrival(
    railway,
    {
      serviceId,
      before: beforeFrom(attempt.plan["before"]),
      isIt: isUp,
      isLast: now >= (attempt.settlesAt ?? 0),
    },
    call,
  );
  if (arrival.kind === "withheld") return arrival;
  if (arrival.kind === "nothing") {
    const detail = `${words}, and no deployment that was made since serves`;
    return { kind: "withheld", problem: problem("evidence-withheld", detail) };
  }
  const { release } = arrival;
  return {
    kind: "seen",
    evidence: { shown: [words, `it lists a new ${told(release)}`], deploymentId: release.id },
  };
}

/** It has come up and serves, or would if somebody asked. */
function isUp({ status, deploymentStopped }: Release): boolean {
  return (status === "SUCCESS" || status === "SLEEPING") && !deploymentStopped;
}

/** What the attempt leaves the variable at; null: deleted. */
function setBy({ plan }: Attempt): string | null {
  return typeof plan["set"] === "string" ? plan["set"] : null;
}

function isSet(state: VariableState, value: string | null): boolean {
  return state.kind === "value" ? state.value === value : state.kind === "absent" && value === null;
}

function spell(state: VariableState): string {
  if (state.kind === "value") return `"${state.value}"`;
  return state.kind === "absent" ? "not there" : "something else";
}
