import { ACT_SLOTS } from "../domain/runbook.ts";
import { spell } from "../domain/time.ts";
import type { Observation } from "./crowd.ts";
import { expectation, stopped, type Expectation } from "./expectation.ts";
import { apiOf } from "./ground.ts";

/** What a game day with more users than one process can serve must show. */
export function judge(seen: Observation): readonly Expectation[] {
  const incident = seen.incidents.find(({ kind }) => kind === "high-error-rate");
  const others = seen.incidents.filter((one) => one !== incident);
  const acts = seen.attempts.filter(({ slot }) => ACT_SLOTS.includes(slot));
  const undos = seen.attempts.filter(({ slot }) => slot === "undo");
  const [act] = acts;
  const patches = seen.state.counters.mutations.filter(
    ({ operation }) => operation === "environmentPatchCommit",
  );
  const restarts = Object.values(seen.state.counters.restarts).reduce((sum, one) => sum + one, 0);
  const { replicas } = apiOf(seen.state);
  const kinds = seen.deliveries
    .filter(({ notice }) => notice.incident === incident?.id)
    .map(({ notice }) => notice.kind);
  return [
    crowded(seen, act?.startedAt ?? Infinity),
    expectation(
      "the cause is named",
      incident?.cause === "timeouts",
      incident === undefined
        ? "no incident"
        : `${incident.cause}, opened ${spell(incident.openedAt - seen.crowdedAt)} after they came`,
    ),
    expectation(
      "exactly one act: one process more",
      acts.length === 1 && act?.action === "scale" && restarts === 0,
      `${acts.map(({ action }) => action).join(", ") || "none"}; ${restarts} restarts`,
    ),
    expectation(
      "there really are two",
      seen.relief?.replicas === 2,
      seen.relief === null
        ? "nobody was served better"
        : `${seen.relief.replicas}, and everybody is served ${spell(seen.relief.at - (act?.startedAt ?? 0))} after it began`,
    ),
    expectation("it is proven to have helped", act?.state === "effective", act?.state ?? "none"),
    stayed(seen),
    expectation(
      "it is taken back once, and read back",
      undos.length === 1 && undos[0]?.state === "seen" && replicas.length === 1,
      `${undos.map(({ action, state }) => `${action} ${state}`).join(", ") || "never"}; ${replicas.length} left`,
    ),
    expectation(
      "the platform counts the same",
      patches.length === 2,
      `${patches.length} changes of its configuration`,
    ),
    expectation(
      "it is resolved",
      incident?.ending === "resolved",
      incident?.ending ?? incident?.state ?? "no incident",
    ),
    expectation(
      "whatever else was opened belongs to it",
      others.every(({ ending }) => ending === "attached"),
      others.map(({ kind, ending, state }) => `${kind} ${ending ?? state}`).join(", ") || "nothing",
    ),
    expectation(
      "Slack was told",
      kinds.join(" ") === "opened acted sustained resolved",
      `${kinds.join(", ")} (${seen.slack.length} messages arrived)`,
    ),
    stopped(seen),
  ];
}

/** What was added is not taken away from a crowd that is still there. */
function stayed({ visits, stay }: Observation): Expectation {
  const during = visits.filter(({ at }) => stay !== null && at >= stay.from && at < stay.to);
  const failed = during.filter(({ status }) => status === 0 || status >= 500);
  return expectation(
    "it stays while the crowd does, and everybody is served",
    stay?.replicas === 2 && during.length > 0 && failed.length === 0,
    stay === null
      ? "it did not help"
      : `${stay.replicas} processes, ${failed.length} of ${during.length} failed`,
  );
}

/** Before the act many fail, and by the limit of the process and nothing else. */
function crowded({ visits, crowdedAt }: Observation, until: number): Expectation {
  const before = visits.filter(({ at }) => at >= crowdedAt && at < until);
  const failed = before.filter(({ status }) => status === 504);
  return expectation(
    "users really run into time-outs",
    failed.length > before.length / 20,
    `${failed.length} of ${before.length}`,
  );
}
