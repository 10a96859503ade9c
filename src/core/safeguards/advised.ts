import { problem } from "../../domain/problem.ts";
import { isDestructive, type Safeguard } from "./case.ts";

/** The action itself found a reason why a person should look first, such as a migration that a rollback would go across. */
export const advised: Safeguard = {
  name: "advised",
  momentary: false,
  asks: true,
  covers: isDestructive,
  objection: ({ draft }) => {
    const cap = draft.facts.platform?.cap;
    return cap === undefined ? null : problem(cap.code, cap.detail);
  },
};
