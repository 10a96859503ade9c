import { problem, type Problem } from "../../domain/problem.ts";
import { isWithin, spellWindow } from "../../domain/time.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";

/** Outside of the hours in which the operator lets it act by itself a person is asked first. */
export const hours: Safeguard = {
  name: "hours",
  momentary: false,
  asks: true,
  covers: isDestructive,
  objection: ({ draft, attempt }: Case): Problem | null => {
    const allowed = draft.rules.targets[attempt.target]?.hours;
    if (allowed === undefined || isWithin(allowed, draft.event.at)) return null;
    return problem("outside-hours", `I act by myself from ${spellWindow(allowed)} only`);
  },
};
