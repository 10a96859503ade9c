import { IN_FLIGHT } from "../../domain/attempt.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { type Case, changesPlatform, type Safeguard } from "./case.ts";

/**
 * The platform's own state forbids it: a deployment, a migration, a backup or a volume operation is under way. Only an action that
 * says what it may overtake starts all the same.
 */
export const obstacle: Safeguard = {
  name: "obstacle",
  momentary: false,
  covers: changesPlatform,
  objection: ({ draft, traits }) => {
    const found = draft.facts.platform?.obstacle ?? null;
    if (found === null) return null;
    return traits.overtakes?.includes(found.code) === true
      ? null
      : problem(found.code, found.detail);
  },
};

/** Another act of ours on the same target is under way. */
export const conflict: Safeguard = {
  name: "conflict",
  momentary: true,
  covers: changesPlatform,
  objection: ({ draft, attempt }: Case): Problem | null => {
    const other = Object.values(draft.world().attempts).find(
      (candidate) =>
        candidate.id !== attempt.id &&
        candidate.target === attempt.target &&
        IN_FLIGHT.includes(candidate.state) &&
        draft.rules.actions[candidate.action]?.effect === "destructive",
    );
    return other === undefined
      ? null
      : problem("target-busy", `${other.action} (${other.id}) is in flight`);
  },
};
