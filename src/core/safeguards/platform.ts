import { problem, type Problem } from "../../domain/problem.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";

/** P3: what Railway itself has trouble with is not repaired by an act of ours. */
export const platform: Safeguard = {
  name: "platform",
  momentary: false,
  covers: isDestructive,
  objection,
};

function objection({ draft }: Case): Problem | null {
  const fact = draft.facts.platform;
  return fact?.status === "trouble" ? problem("platform-incident", fact.statusDetail) : null;
}
