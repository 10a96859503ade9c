import { IN_FLIGHT } from "../../domain/attempt.ts";
import { problem, type Problem, type ProblemCode } from "../../domain/problem.ts";
import { type Case, changesPlatform, type Safeguard } from "./case.ts";

/**
 * What may run while something else is under way on a service. Nothing, but for these: a deployment on its way may be cancelled,
 * and the rollback of the very release that is being deployed may overtake it.
 */
const MAY_RUN_DURING: { readonly [code in ProblemCode]?: readonly string[] } = {
  "deployment-in-flight": ["cancel-deploy", "rollback"],
  "volume-busy": [],
};

/** The platform's own state forbids it: a deployment, a migration, a backup or a volume operation is under way. */
export const obstacle: Safeguard = {
  name: "obstacle",
  momentary: false,
  covers: changesPlatform,
  objection: ({ draft, attempt }) => {
    const found = draft.facts.platform?.obstacle ?? null;
    if (found === null) return null;
    const isExempt = MAY_RUN_DURING[found.code]?.includes(attempt.action) === true;
    return isExempt ? null : problem(found.code, found.detail);
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
