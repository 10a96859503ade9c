import { problem, type Problem } from "../../domain/problem.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";

/** The operator said that nothing destructive is done to this target unless a person approves it. */
export const protectedTarget: Safeguard = {
  name: "protected",
  momentary: false,
  asks: true,
  covers: isDestructive,
  objection: ({ draft, attempt }: Case): Problem | null =>
    draft.rules.targets[attempt.target]?.protected === true ? problem("protected") : null,
};
