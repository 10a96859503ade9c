import { problem, type Problem } from "../../domain/problem.ts";
import { HOUR_MS } from "../../domain/time.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";
import { firstEnd, since, spent } from "./spent.ts";

/** P6: how often this action on this incident and in an hour, how often anything on this service, and how often anything at all. */
export const budget: Safeguard = {
  name: "budget",
  momentary: false,
  covers: isDestructive,
  objection: ({ draft, attempt }: Case): Problem | null => {
    const all = spent(draft, attempt);
    const same = all.filter(({ action }) => action === attempt.action);
    const own = draft.rules.budgets[attempt.action];
    if (own !== undefined) {
      const here = same.filter(({ incident }) => incident === attempt.incident).length;
      if (here >= own.perIncident)
        return problem("budget-incident", `${here} of ${own.perIncident} for this incident`);
      const hour = since(draft, same, HOUR_MS);
      if (hour.length >= own.perHour) {
        const detail = `${hour.length} of ${own.perHour} within the hour`;
        return problem("budget-hour", detail, firstEnd(hour, HOUR_MS));
      }
    }
    const { perService, overall } = draft.rules.ceilings;
    const hour = since(draft, all, HOUR_MS);
    const onTarget = hour.filter(({ target }) => target === attempt.target);
    if (onTarget.length >= perService) {
      const detail = `${onTarget.length} of ${perService} acts on ${attempt.target} within the hour`;
      return problem("budget-service", detail, firstEnd(onTarget, HOUR_MS));
    }
    if (hour.length >= overall) {
      const detail = `${hour.length} of ${overall} acts within the hour`;
      return problem("budget-overall", detail, firstEnd(hour, HOUR_MS));
    }
    return null;
  },
};
