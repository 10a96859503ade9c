import type { ActionTraits, Attempt } from "../../domain/attempt.ts";
import { problem } from "../../domain/problem.ts";
import type { Action, Answer, Preparation, Sighting } from "../../ports/action.ts";
import { isInFlight } from "../../railway/live.ts";
import type { Call } from "../../railway/graphql.ts";
import { answerOf, blocked, liveIn, planned, platformFact } from "../acting.ts";
import { nameOf, told } from "../arrival.ts";
import { changesIn } from "../changes.ts";
import type { ServiceFinder } from "../service-finder.ts";

export interface CancelParts {
  readonly traits: ActionTraits;
  readonly finder: ServiceFinder;
}

/** Gives up the newest deployment under way, before it serves. Read back from its own status. */
export function createCancel(parts: CancelParts): Action {
  return {
    traits: parts.traits,
    prepare: async (attempt, signal) => prepare(parts, attempt, { signal, purpose: "act" }),
    perform: async (attempt, signal) => perform(parts, attempt, { signal, purpose: "act" }),
    sight: async (attempt, signal) => sight(parts, attempt, { signal, purpose: "act" }),
  };
}

async function prepare(parts: CancelParts, attempt: Attempt, call: Call): Promise<Preparation> {
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return blocked(found.problem);
  const { railway, serviceId } = found.value;
  const look = await railway.look(serviceId, call);
  if (!look.ok) return blocked(look.problem);
  const releases = await railway.acts.releases(serviceId, call);
  if (!releases.ok) return blocked(releases.problem);
  const live = liveIn(look.value);
  // A restart of what serves is shown as a deployment on its way, too.
  const coming = releases.value.find((one) => one.id !== live?.id && isInFlight(one));
  if (coming === undefined) {
    return { plan: {}, platform: platformFact(look.value, problem("nothing-in-flight")) };
  }
  return {
    plan: { serviceId, deploymentId: coming.id, words: nameOf(coming.manifest) },
    platform: platformFact(look.value, null, { changes: changesIn(look.value, releases.value) }),
  };
}

async function perform(parts: CancelParts, attempt: Attempt, call: Call): Promise<Answer> {
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return { kind: "rejected", problem: found.problem };
  const answer = await found.value.railway.acts.cancel(planned(attempt, "deploymentId"), call);
  return answerOf(answer, () => ({ answer: "deploymentCancel answered true" }));
}

/** Words for "it will not serve", whoever brought it about. */
const OVER = ["REMOVED", "REMOVING", "FAILED", "SKIPPED"];

async function sight(parts: CancelParts, attempt: Attempt, call: Call): Promise<Sighting> {
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return { kind: "withheld", problem: found.problem };
  const releases = await found.value.railway.acts.releases(planned(attempt, "serviceId"), call);
  if (!releases.ok) return { kind: "withheld", problem: releases.problem };
  const id = planned(attempt, "deploymentId");
  const release = releases.value.find((one) => one.id === id);
  if (release === undefined) {
    const why = problem("evidence-withheld", `deployment ${id} is not listed`);
    return { kind: "withheld", problem: why };
  }
  if (OVER.includes(release.status)) {
    return { kind: "seen", evidence: { shown: [told(release)], status: release.status } };
  }
  if (release.status === "SUCCESS") {
    return { kind: "failed", problem: problem("platform-failed", `too late: ${told(release)}`) };
  }
  // Without the time of its status Railway shows an old one as if it were of now.
  return release.statusUpdatedAt === null
    ? { kind: "withheld", problem: problem("evidence-withheld", "not shown: statusUpdatedAt") }
    : { kind: "nothing", evidence: { looked: told(release) } };
}
