import { isRecheck } from "../../domain/attempt.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";

/** P5: an action that did not help, or of which nobody can say whether it happened, is not repeated on the same incident. */
export const futility: Safeguard = {
  name: "futility",
  momentary: false,
  covers: isDestructive,
  objection: ({ draft, attempt }: Case): Problem | null => {
    const vain = Object.values(draft.world().attempts).find(
      (one) =>
        one.id !== attempt.id &&
        one.incident === attempt.incident &&
        one.action === attempt.action &&
        one.target === attempt.target &&
        (one.state === "ineffective" || one.state === "unknown") &&
        !isRecheck(one),
    );
    return vain === undefined
      ? null
      : problem("futile", `${vain.action} (${vain.id}) was ${vain.state} on this incident`);
  },
};
