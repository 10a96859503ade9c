import { problem, type Problem } from "../../domain/problem.ts";
import { spell } from "../../domain/time.ts";
import { type Case, incidentOf, type Safeguard } from "./case.ts";

/** Acts that end the present process. */
const ENDS_A_PROCESS: readonly string[] = ["restart", "redeploy"];

/** A process that has only just started may still be on its way up: restarting it again makes it never arrive. */
export const age: Safeguard = {
  name: "age",
  momentary: true,
  covers: ({ attempt }) => ENDS_A_PROCESS.includes(attempt.action),
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
