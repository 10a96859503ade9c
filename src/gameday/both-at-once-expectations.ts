import { ACT_SLOTS } from "../domain/runbook.ts";
import type { Observation } from "./both-at-once.ts";
import { expectation, stopped, type Expectation } from "./expectation.ts";
import { apiOf } from "./ground.ts";

/** What a game day with a dead database and a release in one moment must show. */
export function judge(seen: Observation): readonly Expectation[] {
  const isBad = seen.fault === "bad-release";
  const acts = seen.attempts
    .filter(({ slot, startedAt }) => ACT_SLOTS.includes(slot) && startedAt !== null)
    .toSorted((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
  const wanted = ["restart of postgres", ...(isBad ? ["rollback of api"] : [])];
  const done = acts.map(({ action, target }) => `${action} of ${target}`);
  const { restarts } = seen.state.counters;
  const { rollbacks, live } = apiOf(seen.state);
  const database = seen.incidents.find(({ kind }) => kind === "database-down");
  const release = seen.incidents.find(({ kind }) => kind === "rollout-regression");
  return [
    expectation(
      isBad ? "one restart, then one rollback, and nothing else" : "one restart, and nothing else",
      done.join() === wanted.join(),
      done.join(", then ") || "nothing",
    ),
    expectation(
      "the platform counts the same",
      restarts["Postgres"] === 1 && rollbacks.length === (isBad ? 1 : 0),
      `${restarts["Postgres"] ?? 0} restarts of PostgreSQL, ${rollbacks.length} rollbacks`,
    ),
    expectation(
      isBad ? "both are proven to have helped" : "it is proven to have helped",
      acts.every(({ state }) => state === "effective"),
      acts.map(({ state }) => state).join(", ") || "nothing was done",
    ),
    expectation(
      "the database's incident is resolved",
      database?.ending === "resolved",
      database?.ending ?? database?.state ?? "no incident",
    ),
    expectation(
      isBad ? "the release is taken back, and kept back" : "nobody blames the release",
      isBad
        ? release?.state === "keeping" && live?.commit === seen.good
        : release === undefined && live?.commit !== seen.good,
      release === undefined ? "no incident of a release" : `${release.cause}, ${release.state}`,
    ),
    others(seen),
    stopped(seen),
  ];
}

/** Everything else that was opened turned out to be a symptom. */
function others({ incidents }: Observation): Expectation {
  const rest = incidents.filter(
    ({ kind }) => kind !== "database-down" && kind !== "rollout-regression",
  );
  return expectation(
    "whatever else was opened belongs to them",
    rest.every(({ ending }) => ending === "attached"),
    rest.map(({ kind, ending, state }) => `${kind} ${ending ?? state}`).join(", ") || "nothing",
  );
}
