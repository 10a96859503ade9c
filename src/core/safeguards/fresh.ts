import { problem, type Problem } from "../../domain/problem.ts";
import { spell } from "../../domain/time.ts";
import { type Case, freshMsOf, incidentOf, isNewAct, type Safeguard } from "./case.ts";

/** P3: the symptom must be there by a look of our own that is young and was made since this start. */
export const fresh: Safeguard = {
  name: "fresh",
  momentary: true,
  covers: isNewAct,
  objection,
};

function objection(of: Case): Problem | null {
  const { draft } = of;
  const incident = incidentOf(of);
  if (incident === undefined) return null;
  const signal = draft.facts.signals[incident.signal];
  const freshMs = freshMsOf(draft, incident.signal);
  if (signal === undefined || signal.at < draft.facts.watchingSince) {
    return problem("stale-input", "no verdict of its own since the start");
  }
  const age = draft.event.at - signal.at;
  if (age > freshMs) return problem("stale-input", `the last look is ${spell(age)} old`);
  if (signal.state === "healthy") return problem("signal-recovered");
  if (signal.state !== "breached")
    return problem("stale-input", `the last verdict is ${signal.state}`);
  return null;
}
