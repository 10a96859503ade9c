import { problem } from "../../domain/problem.ts";
import { isDestructive, type Safeguard } from "./case.ts";

/** P3: where nobody says whether the platform itself is well, a person looks first. */
export const unseen: Safeguard = {
  name: "unseen",
  momentary: false,
  asks: true,
  covers: isDestructive,
  objection: ({ draft }) => {
    const fact = draft.facts.platform;
    return fact?.status === "unknown" ? problem("platform-unknown", fact.statusDetail) : null;
  },
};
