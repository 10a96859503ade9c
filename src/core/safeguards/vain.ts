import { problem, type Problem } from "../../domain/problem.ts";
import { timeOfDay } from "../../domain/time.ts";
import { vainBefore } from "../vain.ts";
import { type Case, incidentOf, isDestructive, type Safeguard } from "./case.ts";

/** P5: what did not help on the last incidents of this kind on this target is not tried on the next one without a person. */
export const vain: Safeguard = {
  name: "vain",
  momentary: false,
  asks: true,
  covers: isDestructive,
  objection: (of: Case): Problem | null => {
    const { draft, attempt } = of;
    const incident = incidentOf(of);
    if (incident === undefined) return null;
    const before = vainBefore(draft, incident, attempt);
    const last = before.at(-1);
    if (last === undefined || before.length < draft.rules.ceilings.vain.incidents) return null;
    const detail = `${attempt.action} did not help on the last ${before.length} incidents of this kind, lastly ${last.incident} at ${timeOfDay(last.at)}`;
    return problem("futile-before", detail);
  },
};
