import { problem, type Problem } from "../../domain/problem.ts";
import { spell } from "../../domain/time.ts";
import { type Case, incidentOf, type Safeguard } from "./case.ts";

/** A process that has only just started may still be on its way up: restarting it again makes it never arrive. */
export const age: Safeguard = {
  name: "age",
  momentary: true,
  covers: ({ traits }) => traits.endsProcess === true,
  objection: (of: Case): Problem | null => {
    const { draft } = of;
    // What has crashed is not on its way up.
    if (incidentOf(of)?.cause === "crashed") return null;
    const startedAt = draft.facts.platform?.processStart ?? null;
    if (startedAt === null) return null;
    const ageMs = draft.event.at - startedAt;
    const leastMs = draft.rules.ceilings.processAgeMs;
    if (ageMs < 0 || ageMs >= leastMs) return null;
    const detail = `its process is ${spell(ageMs)} old; ${spell(leastMs)} are the least`;
    return problem("process-too-young", detail, startedAt + leastMs);
  },
};
