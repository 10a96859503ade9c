import { problem, type Problem } from "../../domain/problem.ts";
import { spell } from "../../domain/time.ts";
import { stormOf } from "../storm.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";

/** Storm brake: when much fails at once, the cause is something common, and acts on each of them cure nothing. */
export const storm: Safeguard = {
  name: "storm",
  momentary: false,
  covers: isDestructive,
  objection: ({ draft }: Case): Problem | null => {
    const now = stormOf(draft);
    if (now === null) return null;
    const names = now.incidents.map(({ target }) => target).join(", ");
    const within = spell(draft.rules.ceilings.storm.withinMs);
    return problem("storm", `within ${within} began to fail: ${names}`, now.until);
  },
};
