import { ACT_SLOTS } from "../domain/runbook.ts";
import { spell } from "../domain/time.ts";
import { expectation, stopped, type Expectation } from "./expectation.ts";
import { apiOf } from "./ground.ts";
import type { Observation } from "./leak.ts";

/**
 * What a game day with a leak must show. That the new process leaks no more takes hours to be seen, so it ends with the act proven to
 * have happened and the memory really fallen; whether it helped is not known by then, and is not claimed.
 */
export function judge(seen: Observation): readonly Expectation[] {
  const incident = seen.incidents.find(({ kind }) => kind === "memory-leak");
  const acts = seen.attempts.filter(({ slot }) => ACT_SLOTS.includes(slot));
  const [act] = acts;
  const { deployments } = apiOf(seen.state);
  const numbers = incident === undefined ? undefined : openingOf(seen, incident.id);
  const hours = numbers?.["hoursToLimit"];
  return [
    expectation(
      "it is found, by a look of this daemon's own",
      incident !== undefined && incident.openedAt > seen.begunAt,
      incident === undefined
        ? "no incident"
        : `${incident.cause}, opened ${spell(incident.openedAt - seen.begunAt)} after the start, begun ${spell(incident.openedAt - incident.onset)} before`,
    ),
    expectation(
      "the time to the limit is told",
      typeof hours === "number" && hours > 0.5 && hours < 2,
      typeof hours === "number" ? `${hours} h` : "not told",
    ),
    expectation(
      "nothing else is opened",
      seen.incidents.length === 1,
      seen.incidents.map(({ kind }) => kind).join(", ") || "nothing",
    ),
    expectation(
      "exactly one redeploy of the same code, and no other act",
      acts.length === 1 &&
        act?.action === "redeploy" &&
        deployments.length === 2 &&
        deployments[0]?.commit === deployments[1]?.commit,
      `${acts.map(({ action }) => action).join(", ") || "none"}; ${deployments.length} deployments by the platform`,
    ),
    expectation(
      "that it happened is seen; whether it helped is not yet known",
      act?.state === "seen" && incident?.state === "verifying",
      `${act?.state ?? "none"}, the incident is ${incident?.state ?? "not there"}`,
    ),
    expectation(
      "the new process takes over before the old one goes",
      deployments.map(({ status }) => status).join() === "SUCCESS,REMOVED",
      deployments.map(({ status }) => status).join(", then "),
    ),
    expectation(
      "memory in use falls",
      seen.fellAt !== null,
      seen.fellAt === null
        ? "it does not"
        : `${spell(seen.fellAt - (act?.startedAt ?? 0))} after the act`,
    ),
    served(seen),
    stopped(seen),
  ];
}

/** Nobody notices: what is replaced goes on serving until the new one does. */
function served({ visits }: Observation): Expectation {
  const failed = visits.filter(({ status }) => status === 0 || status >= 500);
  return expectation(
    "users are served all the time",
    visits.length > 0 && failed.length === 0,
    `${failed.length} of ${visits.length} failed`,
  );
}

/** What the detector said when it opened. */
function openingOf({ entries }: Observation, id: string) {
  for (const { event, decision } of entries) {
    const opens = decision.changes.some(
      (change) => change.table === "incidents" && change.row.id === id,
    );
    if (opens && event.type === "verdict") return event.verdict.evidence.numbers;
  }
  return undefined;
}
