import { HOUR_MS, type Millis } from "../../domain/time.ts";
import type { BudgetState } from "../budget.ts";

/** How far apart two polls are at least, and why that is more than what was asked for; null when it is not. */
export interface Pace {
  readonly gapMs: Millis;
  readonly why: string | null;
}

/** Polls may use half of the hour's requests by themselves; the rest is for acts, people and other programs. */
const POLL_SHARE = 0.5;

/**
 * Looks slow down before they die: when little is left above the reserve for acts, polls move apart, and further apart when
 * next to nothing is left.
 */
export function paceOf(everyMs: Millis, requests: number, budget: BudgetState): Pace {
  const { limit, remaining, reserve } = budget;
  const shareMs = Math.ceil((Math.max(1, requests) * HOUR_MS) / (limit * POLL_SHARE));
  const spare = remaining - reserve;
  const factor = spare >= limit / 10 ? 1 : spare >= limit / 20 ? 2 : 4;
  const gapMs = Math.max(everyMs, shareMs) * factor;
  if (gapMs <= everyMs) return { gapMs, why: null };
  const cause =
    factor > 1
      ? `${remaining} of ${limit} requests are left this hour, ${reserve} of them kept for acts`
      : `a poll takes ${requests} of ${limit} requests an hour`;
  return { gapMs, why: `looks at Railway are ${Math.round(gapMs / 1_000)} s apart: ${cause}` };
}
