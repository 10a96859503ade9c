import { type Attempt, IN_FLIGHT } from "../../domain/attempt.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { type Instant, MINUTE_MS, type Millis } from "../../domain/time.ts";
import type { Draft } from "../draft.ts";
import { limitsFor } from "../limits.ts";
import { type Case, isDestructive, type Safeguard } from "./case.ts";

/**
 * Blast radius: while an act on one target is in flight, or nobody knows yet whether it helped, nothing is done to the others of its
 * tier. What takes all databases down at once is worse than any of their failures.
 */
export const tier: Safeguard = {
  name: "tier",
  momentary: true,
  covers: isDestructive,
  objection: ({ draft, attempt }: Case): Problem | null => {
    const tierOf = (target: string): string | undefined => draft.rules.targets[target]?.tier;
    const own = tierOf(attempt.target);
    if (own === undefined) return null;
    for (const other of Object.values(draft.world().attempts)) {
      if (other.target === attempt.target || tierOf(other.target) !== own) continue;
      const until = openUntil(draft, other);
      if (until === null || draft.event.at >= until) continue;
      const detail = `${other.action} of ${other.target} (${other.id}), which is of the tier "${own}" too, is not judged yet`;
      return problem("tier-busy", detail, Number.isFinite(until) ? until : undefined);
    }
    return null;
  },
};

/** Until when the effect of an act is open at the longest; null where it is none that counts, or is known. */
function openUntil(
  draft: Draft,
  { action, state, startedAt, endedAt, incident }: Attempt,
): Instant | null {
  if (draft.rules.actions[action]?.effect !== "destructive") return null;
  if (IN_FLIGHT.includes(state)) return Infinity;
  if (state !== "seen" || endedAt !== null || startedAt === null) return null;
  return startedAt + settledWithin(draft, action, incident);
}

/** Whoever took the incident over may never have it judged, so that it must not hold the others for good. */
function settledWithin(draft: Draft, action: string, id: Attempt["incident"]): Millis {
  const { snapshot, target = "" } = draft.world().incidents[id ?? ""] ?? {};
  const { verifyMs = VERIFY_MS } = limitsFor(draft.rules, snapshot?.machine ?? "", target);
  return (draft.rules.actions[action]?.settleMs ?? 0) + verifyMs;
}

const VERIFY_MS: Millis = 10 * MINUTE_MS;
