import { type Attempt, isRecheck } from "../../domain/attempt.ts";
import type { PlatformChange } from "../../domain/facts.ts";
import { type Incident, presentOnset } from "../../domain/incident.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { MINUTE_MS, SECOND_MS, timeOfDay, type Millis } from "../../domain/time.ts";
import type { Draft } from "../draft.ts";
import { type Case, incidentOf, isDestructive, type Safeguard } from "./case.ts";

/**
 * Somebody else has restarted, redeployed, rolled back or released the service since it began to fail: two at one service make it
 * worse. `retryAt` is when a person gets it, if it still fails.
 */
export const standBack: Safeguard = {
  name: "stand-back",
  momentary: false,
  covers: isDestructive,
  objection: (of: Case): Problem | null => {
    const { draft, attempt } = of;
    const { standBackMs } = draft.rules.ceilings;
    const incident = incidentOf(of);
    if (incident === undefined || standBackMs === 0) return null;
    // Who did something long before this was wanted is at it no more; but what they released since must not be rolled back.
    const since = attempt.action === "rollback" ? 0 : attempt.plannedAt - standBackMs;
    const change = (draft.facts.platform?.changes ?? []).find(
      (one) =>
        one.at > Math.max(since, beginOf(draft, incident, attempt, one)) &&
        !isOurs(draft, attempt.target, one),
    );
    // What was seen once has been done, also while the platform does not show it.
    if (change === undefined)
      return attempt.problem?.code === "somebody-acting" ? attempt.problem : null;
    const until = Math.max(change.at, attempt.plannedAt) + standBackMs;
    return problem("somebody-acting", `${timeOfDay(change.at)}: ${change.words}`, until);
  },
};

/** A rollout takes its time: what began to fail within this time before a release may be the release's doing. */
const ROLLOUT_MS: Millis = MINUTE_MS;

/** From when on a change of this kind is an answer to the failure. */
function beginOf(
  draft: Draft,
  incident: Incident,
  attempt: Attempt,
  change: PlatformChange,
): number {
  const onset = presentOnset(incident);
  if (change.what === "deployment")
    return attempt.action === "rollback" ? onset + ROLLOUT_MS : onset;
  if (change.afterCrash !== true) return onset;
  // The platform starts what crashes anew by itself, until it gives up; what starts after that was started by somebody.
  const inspected = Object.values(draft.world().attempts).findLast(
    (one) => one.incident === incident.id && one.slot === "inspect" && one.state === "seen",
  );
  return incident.cause === "crashed" ? (inspected?.endedAt ?? Infinity) : Infinity;
}

/** How far the platform's clock may be behind ours. */
const SKEW_MS: Millis = 2 * SECOND_MS;

/** Whether an act of ours did it: by the deployment that it made where that is known, else by the time in which it settles. */
function isOurs(draft: Draft, target: string, change: PlatformChange): boolean {
  return Object.values(draft.world().attempts).some((attempt) => {
    if (attempt.target !== target || attempt.startedAt === null) return false;
    if (attempt.state === "rejected" || isRecheck(attempt)) return false;
    const traits = draft.rules.actions[attempt.action];
    if (traits?.effect !== "destructive") return false;
    const made = attempt.evidence["deploymentId"];
    if (change.what === "deployment" && made !== undefined) return made === change.deployment;
    // A restart makes no deployment: one that comes while it settles is somebody's answer.
    const isRestart = traits.endsProcess === true && traits.releases !== true;
    if (change.what === "deployment" && isRestart) return false;
    const settlesAt = attempt.settlesAt ?? attempt.startedAt;
    return change.at >= attempt.startedAt - SKEW_MS && change.at <= settlesAt;
  });
}
