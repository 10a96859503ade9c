import { presentOpening } from "../../domain/incident.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { timeOfDay } from "../../domain/time.ts";
import { type Case, incidentOf, isNewAct, type Safeguard } from "./case.ts";

/**
 * A person took the incident over and was told that nothing more is done for it. When it was well in between and fails again, they may
 * still be at it: nothing is begun beside them unasked. What comes back after its end is an incident that nobody has taken yet.
 */
export const taken: Safeguard = {
  name: "taken",
  momentary: false,
  asks: true,
  covers: isNewAct,
  objection,
};

function objection(of: Case): Problem | null {
  const incident = incidentOf(of);
  if (incident?.taken === undefined) return null;
  const { by, at } = incident.taken;
  return at < presentOpening(incident)
    ? null
    : problem("taken-over", `${by} took it over at ${timeOfDay(at)}`);
}
