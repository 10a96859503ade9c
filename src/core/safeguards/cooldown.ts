import { problem, type Problem } from "../../domain/problem.ts";
import { HOUR_MS, spell, type Millis } from "../../domain/time.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";
import { since, spent } from "./spent.ts";

/** However often it was, a day is never lost to waiting. */
const COOLDOWN_MS_MAX: Millis = 2 * HOUR_MS;
const LOOK_BACK_MS: Millis = 24 * HOUR_MS;

/**
 * P6: after an act on a target the next one waits, each time twice as long: what needs a third restart in a day needs a person. The
 * other half of a pair that one incident asks for (a fallback after a remedy) does not wait for it.
 */
export const cooldown: Safeguard = {
  name: "cooldown",
  momentary: false,
  covers: isDestructive,
  objection: ({ draft, attempt }: Case): Problem | null => {
    const before = since(draft, spent(draft, attempt), LOOK_BACK_MS).filter(
      ({ target, incident }) => target === attempt.target && incident !== attempt.incident,
    );
    if (before.length === 0) return null;
    const waitMs = Math.min(
      COOLDOWN_MS_MAX,
      draft.rules.ceilings.cooldownMs * 2 ** (before.length - 1),
    );
    const last = Math.max(...before.map(({ startedAt }) => startedAt ?? 0));
    const over = last + waitMs;
    if (draft.event.at >= over) return null;
    const detail = `${before.length} acts on ${attempt.target} in a day: the next one waits ${spell(waitMs)} after the last`;
    return problem("cooling-down", detail, over);
  },
};
