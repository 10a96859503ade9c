import { problem, type Problem } from "../../domain/problem.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";

/** Everything the target needs must have a fresh healthy verdict before something destructive is done to it. */
export const upstream: Safeguard = {
  name: "upstream",
  momentary: true,
  covers: isDestructive,
  objection,
};

function objection({ draft, attempt }: Case): Problem | null {
  for (const needed of draft.rules.targets[attempt.target]?.needs ?? []) {
    const freshMs = draft.rules.targets[needed]?.freshMs ?? 0;
    const signals = Object.values(draft.facts.signals).filter((signal) => signal.target === needed);
    const isWell =
      signals.length > 0 &&
      signals.every(
        (signal) =>
          signal.state === "healthy" && !signal.failing && draft.event.at - signal.at <= freshMs,
      );
    if (!isWell) return problem("upstream-in-doubt", `${needed} is not known to be well`);
  }
  return null;
}
