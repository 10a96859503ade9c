import { ACT_SLOTS } from "../domain/runbook.ts";
import { spell } from "../domain/time.ts";
import { expectation, stopped, type Expectation } from "./expectation.ts";
import type { Fault, Observation } from "./service-down.ts";

const CAUSES: { readonly [fault in Fault]: string } = {
  pause: "not-answering",
  refuse: "refusing-connections",
};

/** What a game day with an API that does not answer must show. */
export function judge(seen: Observation): readonly Expectation[] {
  const incident = seen.incidents.find(({ kind }) => kind === "service-down");
  const confirms = seen.attempts.filter(({ slot }) => slot === "confirm");
  const acts = seen.attempts.filter(({ slot }) => ACT_SLOTS.includes(slot));
  const [act] = acts;
  const { restarts } = seen.state.counters;
  const kinds = seen.deliveries.map(({ notice }) => notice.kind);
  const after = seen.visits.filter(({ at }) => at > (incident?.closedAt ?? Infinity));
  const failed = after.filter(({ status }) => status === 0 || status >= 500);
  const hung = seen.visits.filter(({ at, status }) => at >= seen.injectedAt && status === 0);
  return [
    expectation(
      "users really get no answer",
      hung.length > 0,
      `${hung.length} visits without an answer`,
    ),
    expectation(
      "the cause is named",
      incident?.cause === CAUSES[seen.fault],
      incident === undefined
        ? "no incident"
        : `${incident.cause}, opened ${spell(incident.openedAt - seen.injectedAt)} after the fault`,
    ),
    expectation(
      "a second path agreed before anything was done",
      confirms.some(
        ({ state, endedAt }) => state === "seen" && (endedAt ?? Infinity) <= (act?.startedAt ?? 0),
      ),
      confirms.map(({ state }) => state).join(", ") || "nobody was asked",
    ),
    expectation(
      "exactly one restart of the API, and no other act",
      acts.length === 1 && act?.action === "restart" && act.target === "api",
      acts.map(({ action, target }) => `${action} of ${target}`).join(", ") || "nothing",
    ),
    expectation(
      "the platform counts the same",
      restarts["tradesense-backend"] === 1 && (restarts["Postgres"] ?? 0) === 0,
      JSON.stringify(restarts),
    ),
    expectation(
      "it is proven to have helped, and resolved",
      act?.state === "effective" && incident?.ending === "resolved",
      `${act?.state ?? "none"}, ${incident?.ending ?? incident?.state ?? "no incident"}`,
    ),
    expectation(
      "nothing is opened by what we did ourselves",
      seen.incidents.every((one) => one === incident || one.ending === "attached"),
      seen.incidents.map(({ kind, ending, state }) => `${kind} ${ending ?? state}`).join(", "),
    ),
    expectation(
      "Slack was told",
      kinds.join(" ") === "opened acted resolved",
      `${kinds.join(", ")} (${seen.slack.length} messages arrived)`,
    ),
    expectation(
      "then users are served again",
      after.length > 0 && failed.length === 0,
      `${failed.length} of ${after.length} failed`,
    ),
    stopped(seen),
  ];
}
