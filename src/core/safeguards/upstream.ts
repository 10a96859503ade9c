import { problem, type Problem } from "../../domain/problem.ts";
import { type Case, isDestructive, ownLooks, type Safeguard } from "./case.ts";

/**
 * Everything the target needs must freshly answer before something destructive is done to it, and nothing of it may be breached.
 * Rates and trends need a past before they can say "healthy"; that they cannot say yet is no doubt.
 */
export const upstream: Safeguard = {
  name: "upstream",
  momentary: true,
  covers: isDestructive,
  objection,
};

function objection({ draft, attempt }: Case): Problem | null {
  for (const needed of draft.rules.targets[attempt.target]?.needs ?? []) {
    const freshMs = draft.rules.targets[needed]?.freshMs ?? 0;
    const signals = ownLooks(draft).filter(([, { target }]) => target === needed);
    const looks = signals.filter(([key]) => key.endsWith("|up"));
    const isWell =
      looks.length > 0 &&
      looks.every(
        ([, signal]) =>
          signal.state === "healthy" && !signal.failing && draft.event.at - signal.at <= freshMs,
      ) &&
      signals.every(([, { state }]) => state !== "breached");
    if (!isWell) return problem("upstream-in-doubt", `${needed} is not known to be well`);
  }
  return null;
}
