import { ACT_SLOTS } from "../domain/runbook.ts";
import { spell } from "../domain/time.ts";
import type { Observation } from "./bad-release.ts";
import { apiOf } from "./ground.ts";
import { expectation, stopped, type Expectation } from "./expectation.ts";

/** What a game day with a bad release must show, whichever way it is bad. */
export function judge(seen: Observation): readonly Expectation[] {
  const incident = seen.incidents.find(({ kind }) => kind === "rollout-regression");
  const others = seen.incidents.filter((one) => one !== incident);
  const acts = seen.attempts.filter(({ slot }) => ACT_SLOTS.includes(slot));
  const [act] = acts;
  const { rollbacks, autodeploy } = apiOf(seen.state);
  const restarts = Object.values(seen.state.counters.restarts).reduce((sum, one) => sum + one, 0);
  const late = seen.incidents.filter(({ openedAt }) => openedAt > (act?.startedAt ?? Infinity));
  const kinds = seen.deliveries
    .filter(({ notice }) => notice.incident === incident?.id)
    .map(({ notice }) => notice.kind);
  return [
    expectation(
      "it is found to be the release",
      incident?.cause === "bad-release",
      incident === undefined
        ? "no incident of a release"
        : `${incident.cause}, opened ${spell(incident.openedAt - seen.pushedAt)} after the push`,
    ),
    expectation(
      "whatever else was opened belongs to it",
      others.every(({ ending }) => ending === "attached"),
      others.map(({ kind, ending, state }) => `${kind} ${ending ?? state}`).join(", ") || "nothing",
    ),
    expectation(
      "exactly one rollback, to the code before",
      rollbacks.length === 1 && rollbacks[0]?.commit === seen.good,
      rollbacks.map(({ commit }) => `to ${commit?.slice(0, 7)}`).join(", ") || "none",
    ),
    expectation(
      "and no other act",
      acts.length === 1 && act?.action === "rollback" && restarts === 0,
      `${acts.map(({ action }) => action).join(", ") || "none"}; ${restarts} restarts by the twin's count`,
    ),
    expectation("it is proven to have helped", act?.state === "effective", act?.state ?? "none"),
    expectation(
      "nothing is opened by what we did ourselves",
      late.length === 0,
      late.map(({ kind }) => kind).join(", ") || "nothing",
    ),
    expectation(
      "deployments stay frozen until a person releases them",
      seen.kept?.state === "keeping" && !seen.kept.autodeploy && seen.kept.deployed === null,
      `${seen.kept?.state}; the next push ${seen.kept?.deployed === null ? "deployed nothing" : "was deployed"}`,
    ),
    expectation(
      "then deploys on push are on again, and it is resolved",
      incident?.ending === "resolved" && autodeploy,
      `${incident?.ending ?? incident?.state ?? "no incident"}, deploys on push ${autodeploy ? "on" : "off"}`,
    ),
    expectation(
      "Slack was told",
      kinds.join(" ") === "opened acted kept resolved",
      `${kinds.join(", ")} (${seen.slack.length} messages arrived)`,
    ),
    served(seen, act?.endedAt ?? Infinity),
    stopped(seen),
  ];
}

/** Who came after it was called helpful, until the daemon was told to go. */
function served({ visits }: Observation, since: number): Expectation {
  const after = visits.filter(({ at }) => at > since);
  const failed = after.filter(({ status }) => status === 0 || status >= 500);
  return expectation(
    "then users are served again",
    after.length > 0 && failed.length === 0,
    `${failed.length} of ${after.length} failed`,
  );
}
