import type { Attempt } from "../../domain/attempt.ts";
import type { Json, JsonObject } from "../../domain/json.ts";
import { problem } from "../../domain/problem.ts";
import { MINUTE_MS, SECOND_MS, type Instant } from "../../domain/time.ts";
import type { Answer, Preparation, Sighting } from "../../ports/action.ts";
import type { Release } from "../../railway/acts/release.ts";
import type { VariableNames } from "../../railway/acts/variables.ts";
import type { Call } from "../../railway/graphql.ts";
import type { Look, Railway } from "../../railway/railway.ts";
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
import {
  beforeFrom,
  beforeOf,
  identityOf,
  isSameRelease,
  lookForArrival,
  nameOf,
  told,
  type Identity,
} from "../arrival.ts";
import { changesIn } from "../changes.ts";
import type { ActionDefinition } from "../definition.ts";
import { Nothing } from "../preparation.ts";
import { migrationDoubt } from "./migrations.ts";
import { chooseTarget, whyNoTarget } from "./target.ts";

/**
 * Goes back to the last release with other code, once. Railway answers no id, so what it made is found by reading: the
 * newest deployment since the call that runs the target's code. A push at the same moment runs other code.
 */
export const definition: ActionDefinition = {
  traits: {
    kind: "rollback",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 3 * MINUTE_MS,
    // The very release that is being deployed may be the one to take back.
    overtakes: ["deployment-in-flight"],
    releases: true,
    words: { done: "rolled {target} back" },
  },
  with: Nothing,
  budget: { perIncident: 1, perHour: 3 },
  create: ({ finder, clock }) =>
    onService(finder, {
      prepare,
      perform,
      sight: (place, attempt) => sight(place, attempt, clock.now()),
    }),
};

async function prepare({ railway, serviceId, call }: Place): Promise<Preparation> {
  const [look, releases, variables] = await Promise.all([
    railway.look(serviceId, call),
    railway.acts.releases(serviceId, call),
    railway.acts.variables(serviceId, call),
  ]);
  if (!look.ok) return blocked(look.problem);
  if (!look.value.service.ok) return blocked(look.value.service.problem);
  if (!releases.ok) return blocked(releases.problem);
  const live = liveIn(look.value);
  const bad = releases.value.find(({ id }) => id === live?.id);
  if (bad === undefined) return blocked(problem("nothing-deployed"));
  const target = chooseTarget(releases.value, bad);
  if (target === null) {
    const why = problem("no-rollback-target", whyNoTarget(releases.value, bad));
    return { plan: { serviceId, badId: bad.id }, platform: platformFact(look.value, why) };
  }
  const doubt = migrationDoubt(releases.value, target);
  return {
    plan: {
      serviceId,
      badId: bad.id,
      bad: identityOf(bad.manifest),
      targetId: target.id,
      target: identityOf(target.manifest),
      words: `back from ${nameOf(bad.manifest)} to ${nameOf(target.manifest)}`,
      before: beforeOf(releases.value),
      variables: variables.ok ? { ...variables.value } : null,
    },
    platform: platformFact(look.value, otherInFlight(look.value, releases.value, bad), {
      seen: { live: brief(bad), target: brief(target) },
      changes: changesIn(look.value, releases.value),
      ...(doubt === null ? {} : { cap: { mode: "suggest", ...doubt } }),
    }),
  };
}

/** A deployment under way is left to end, unless it is the very release that has to go. */
function otherInFlight(look: Look, releases: readonly Release[], bad: Release) {
  const other = inFlightBeside(look, liveIn(look));
  if (other === null) return null;
  const release = releases.find(({ id }) => id === other.id);
  if (release !== undefined && isSameRelease(release.manifest, bad.manifest) === true) return null;
  return problem("deployment-in-flight", `deployment ${other.id} is ${other.status}`);
}

function brief({ id, createdAt, manifest }: Release): JsonObject {
  return { id, createdAt, ...identityOf(manifest) };
}

async function perform({ railway, call }: Place, attempt: Attempt): Promise<Answer> {
  const answer = await railway.acts.rollback(planned(attempt, "targetId"), call);
  return answerOf(answer, () => ({ answer: "deploymentRollback answered true" }));
}

async function sight(
  { railway, serviceId, call }: Place,
  attempt: Attempt,
  now: Instant,
): Promise<Sighting> {
  const target = attempt.plan["target"] as unknown as Identity;
  const arrival = await lookForArrival(
    railway,
    {
      serviceId,
      before: beforeFrom(attempt.plan["before"]),
      isIt: (release) => isSameRelease(release.manifest, target) === true,
      isLast: now >= (attempt.settlesAt ?? 0),
    },
    call,
  );
  if (arrival.kind !== "arrived") return arrival;
  const { release, others } = arrival;
  const overtaking = others.filter((other) => other.createdAt > release.createdAt);
  return {
    kind: "seen",
    evidence: {
      shown: [
        `Railway lists a new ${told(release)}`,
        ...others.map((other) => `beside it ${told(other)}`),
        ...(await variableWords(railway, attempt, call)),
      ],
      deploymentId: release.id,
      ...identityOf(release.manifest),
      status: release.status,
      ...(overtaking.length === 0 ? {} : { overtakenBy: overtaking.map(({ id }) => id) }),
    },
  };
}

/** A rollback brings old variables back as well: which, by name. */
async function variableWords(
  railway: Railway,
  attempt: Attempt,
  call: Call,
): Promise<readonly string[]> {
  const before = variablesFrom(attempt.plan["variables"]);
  if (before === null) return ["the variables could not be read before, so they are not compared"];
  const changes = await railway.acts.variableChanges(planned(attempt, "serviceId"), before, call);
  if (!changes.ok) return ["the variables could not be read again"];
  const { added, removed, values } = changes.value;
  const words = [
    ...(added.length === 0 ? [] : [`variables that came back: ${added.join(", ")}`]),
    ...(removed.length === 0 ? [] : [`variables that are gone: ${removed.join(", ")}`]),
    ...(values === null || values.length === 0
      ? []
      : [`variables with another value: ${values.join(", ")}`]),
  ];
  if (values === null) return [...words, "values of variables could not be compared"];
  return words.length === 0 ? ["no variable changed"] : words;
}

function variablesFrom(value: Json | undefined): VariableNames | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as unknown as VariableNames)
    : null;
}
