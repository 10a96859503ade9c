import { presentOpening } from "../../domain/incident.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import {
  type Case,
  freshMsOf,
  incidentOf,
  isDestructive,
  ownLooks,
  type Safeguard,
} from "./case.ts";

/**
 * Everything the target needs must freshly answer before something destructive is done to it, and nothing of it may be breached.
 * Rates and trends need a past before they can say "healthy"; that they cannot say yet is no doubt.
 */
export const upstream: Safeguard = {
  name: "upstream",
  momentary: true,
  // What contains is for the very time in which something needed is down.
  covers: (of) => isDestructive(of) && of.attempt.slot !== "contain",
  objection,
};

function objection(of: Case): Problem | null {
  const { draft, attempt } = of;
  // What was seen well before the failure was known says nothing of it: a look since then is waited for.
  const incident = incidentOf(of);
  const since = incident === undefined ? 0 : presentOpening(incident);
  for (const needed of draft.rules.targets[attempt.target]?.needs ?? []) {
    const signals = ownLooks(draft).filter(([, { target }]) => target === needed);
    const ups = signals.filter(([key]) => key.endsWith("|up"));
    const isUp =
      ups.length > 0 &&
      ups.every(
        ([key, { state, at }]) =>
          state === "healthy" && at >= since && draft.event.at - at <= freshMsOf(draft, key),
      );
    const isFailing = signals.some(([, { state, failing }]) => failing || state === "breached");
    if (!isUp || isFailing)
      return problem("upstream-in-doubt", `${needed} is not known to be well`);
  }
  return null;
}
