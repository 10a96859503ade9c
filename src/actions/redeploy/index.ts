import type { ActionTraits, Attempt } from "../../domain/attempt.ts";
import { textOf } from "../../domain/json.ts";
import { problem } from "../../domain/problem.ts";
import type { Action, Answer, Preparation, Sighting } from "../../ports/action.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Call } from "../../railway/graphql.ts";
import { answerOf, blocked, inFlightBeside, liveIn, planned, platformFact } from "../acting.ts";
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
import type { ServiceFinder } from "../service-finder.ts";

export interface RedeployParts {
  readonly traits: ActionTraits;
  readonly finder: ServiceFinder;
  readonly clock: Clock;
}

/**
 * Deploys the commit that serves once more: new processes beside the old ones, which go when the new ones are well. Railway
 * answers the deployment's id; when the answer is lost, a new deployment of this commit is looked for.
 */
export function createRedeploy(parts: RedeployParts): Action {
  return {
    traits: parts.traits,
    prepare: async (attempt, signal) => prepare(parts, attempt, { signal, purpose: "act" }),
    perform: async (attempt, signal) => perform(parts, attempt, { signal, purpose: "act" }),
    sight: async (attempt, signal) => sight(parts, attempt, { signal, purpose: "act" }),
  };
}

async function prepare(parts: RedeployParts, attempt: Attempt, call: Call): Promise<Preparation> {
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return blocked(found.problem);
  const { railway, serviceId } = found.value;
  const look = await railway.look(serviceId, call);
  if (!look.ok) return blocked(look.problem);
  if (!look.value.service.ok) return blocked(look.value.service.problem);
  const releases = await railway.acts.releases(serviceId, call);
  if (!releases.ok) return blocked(releases.problem);
  const live = liveIn(look.value);
  const present = releases.value.find(({ id }) => id === live?.id);
  if (present === undefined) return blocked(problem("nothing-deployed"));
  const other = inFlightBeside(look.value, live);
  const why =
    other === null
      ? null
      : problem("deployment-in-flight", `deployment ${other.id} is ${other.status}`);
  return {
    plan: {
      serviceId,
      present: identityOf(present.manifest),
      words: `${nameOf(present.manifest)} once more`,
      before: beforeOf(releases.value),
    },
    platform: platformFact(look.value, why, { changes: changesIn(look.value, releases.value) }),
  };
}

async function perform(parts: RedeployParts, attempt: Attempt, call: Call): Promise<Answer> {
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return { kind: "rejected", problem: found.problem };
  const { commit } = presentOf(attempt);
  const serviceId = planned(attempt, "serviceId");
  const answer = await found.value.railway.acts.deployCommit(serviceId, commit, call);
  return answerOf(answer, ({ deploymentId }) => ({ deploymentId }));
}

async function sight(parts: RedeployParts, attempt: Attempt, call: Call): Promise<Sighting> {
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return { kind: "withheld", problem: found.problem };
  const answered = textOf(attempt.evidence["deploymentId"]);
  const arrival = await lookForArrival(
    found.value.railway,
    {
      serviceId: found.value.serviceId,
      before: beforeFrom(attempt.plan["before"]),
      isIt: ({ id, manifest }) =>
        answered === "" ? isSameRelease(manifest, presentOf(attempt)) === true : id === answered,
      isLast: parts.clock.now() >= (attempt.settlesAt ?? 0),
    },
    call,
  );
  if (arrival.kind !== "arrived") return arrival;
  const { release } = arrival;
  return {
    kind: "seen",
    evidence: {
      shown: [`Railway lists a new ${told(release)}`],
      deploymentId: release.id,
      status: release.status,
    },
  };
}

function presentOf(attempt: Attempt): Identity {
  return attempt.plan["present"] as unknown as Identity;
}
