import type { Attempt } from "../../domain/attempt.ts";
import { textOf } from "../../domain/json.ts";
import { problem } from "../../domain/problem.ts";
import { MINUTE_MS, SECOND_MS, type Instant } from "../../domain/time.ts";
import type { Answer, Preparation, Sighting } from "../../ports/action.ts";
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

/**
 * Deploys the commit that serves once more: new processes beside the old ones, which go when the new ones are well. Railway
 * answers the deployment's id; when the answer is lost, a new deployment of this commit is looked for.
 */
export const definition: ActionDefinition = {
  traits: {
    kind: "redeploy",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    // It may be built again.
    settleMs: 10 * MINUTE_MS,
    endsProcess: true,
    releases: true,
    words: { done: "deployed {target} anew" },
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

async function perform({ railway, call }: Place, attempt: Attempt): Promise<Answer> {
  const { commit } = presentOf(attempt);
  const serviceId = planned(attempt, "serviceId");
  const answer = await railway.acts.deployCommit(serviceId, commit, call);
  return answerOf(answer, ({ deploymentId }) => ({ deploymentId }));
}

async function sight(
  { railway, serviceId, call }: Place,
  attempt: Attempt,
  now: Instant,
): Promise<Sighting> {
  const answered = textOf(attempt.evidence["deploymentId"]);
  const arrival = await lookForArrival(
    railway,
    {
      serviceId,
      before: beforeFrom(attempt.plan["before"]),
      isIt: ({ id, manifest }) =>
        answered === "" ? isSameRelease(manifest, presentOf(attempt)) === true : id === answered,
      isLast: now >= (attempt.settlesAt ?? 0),
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
