import { isHearsay } from "../../domain/hint.ts";
import { problem } from "../../domain/problem.ts";
import { incidentOf, isDestructive, type Safeguard } from "./case.ts";

/** A word from outside is a reason to look; what is destroyed on it was destroyed on hearsay. */
export const hearsay: Safeguard = {
  name: "hearsay",
  momentary: false,
  covers: isDestructive,
  objection: (of) => {
    const incident = incidentOf(of);
    return incident !== undefined && isHearsay(incident.signal) ? problem("hearsay-only") : null;
  },
};
