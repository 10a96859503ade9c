import type { Attempt } from "../../domain/attempt.ts";
import { problem } from "../../domain/problem.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Answer, Preparation, Sighting } from "../../ports/action.ts";
import { isInFlight } from "../../railway/live.ts";
import {
  answerOf,
  blocked,
  liveIn,
  onService,
  planned,
  platformFact,
  type Place,
} from "../acting.ts";
import { nameOf, told } from "../arrival.ts";
import { changesIn } from "../changes.ts";
import type { ActionDefinition } from "../definition.ts";
import { Nothing } from "../preparation.ts";

/** Gives up the newest deployment under way, before it serves. Read back from its own status. */
export const definition: ActionDefinition = {
  traits: {
    kind: "cancel-deploy",
    effect: "destructive",
    repeat: "check-first",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 60 * SECOND_MS,
    overtakes: ["deployment-in-flight"],
  },
  with: Nothing,
  create: ({ finder }) => onService(finder, { prepare, perform, sight }),
};

async function prepare({ railway, serviceId, call }: Place): Promise<Preparation> {
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

async function perform({ railway, call }: Place, attempt: Attempt): Promise<Answer> {
  const answer = await railway.acts.cancel(planned(attempt, "deploymentId"), call);
  return answerOf(answer, () => ({ answer: "deploymentCancel answered true" }));
}

/** Words for "it will not serve", whoever brought it about. */
const OVER = ["REMOVED", "REMOVING", "FAILED", "SKIPPED"];

async function sight({ railway, call }: Place, attempt: Attempt): Promise<Sighting> {
  const releases = await railway.acts.releases(planned(attempt, "serviceId"), call);
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
