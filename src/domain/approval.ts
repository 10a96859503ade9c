import { IN_FLIGHT, type Attempt } from "./attempt.ts";
import type { OrderId } from "./order.ts";
import type { ProblemCode } from "./problem.ts";
import { MINUTE_MS, timeOfDay, type Instant, type Millis } from "./time.ts";

/** A person's yes to one attempt. It is short-lived: what they looked at does not stay true for long. */
export interface Approval {
  readonly order: OrderId;
  /** Who said so, and by which way: `ann (HTTP)`. Text of strangers. */
  readonly by: string;
  readonly at: Instant;
  /** An attempt that has not started by then is asked for anew. */
  readonly until: Instant;
  /** What was asked about. A graver reason that comes up later is asked about anew. */
  readonly of: ProblemCode;
}

/** How long a yes counts, from when it was given. */
export const APPROVAL_LIFE_MS: Millis = 5 * MINUTE_MS;

/** The yes that still counts, or null. */
export function standingApproval(attempt: Attempt, at: Instant): Approval | null {
  const { approval } = attempt;
  return approval !== undefined && approval !== null && at < approval.until ? approval : null;
}

/** Whether what was approved covers a reason for asking: the mode is the least of them. */
export function isCovered({ of }: Approval, code: ProblemCode): boolean {
  return code === of || code === "mode-suggest";
}

/** Why a yes or no to an attempt changes nothing. A code is a contract: HTTP answers and the journal show it. */
export const REFUSALS = [
  "already-approved",
  "already-started",
  "already-ended",
  "not-waiting",
  "paused",
  "too-late",
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

export interface Refusal {
  readonly code: RefusalCode;
  /** A sentence for the person who tried. */
  readonly text: string;
}

/** Why this attempt cannot be approved at this moment, as far as its row tells; null when it can. */
export function whyNotApprovable(attempt: Attempt, at: Instant): Refusal | null {
  const past = whyNotRejectable(attempt);
  if (past !== null) return past;
  const approval = standingApproval(attempt, at);
  if (approval !== null)
    return {
      code: "already-approved",
      text: `${attempt.id} is approved already, by ${approval.by}; that counts until ${timeOfDay(approval.until)}.`,
    };
  if (attempt.state === "awaiting-approval") return null;
  return {
    code: attempt.problem?.code === "paused" ? "paused" : "not-waiting",
    text:
      attempt.state === "held"
        ? `${attempt.id} does not wait for an approval, it is held back: ${attempt.problem?.detail ?? "a safeguard objects"}. If it needs one after that, I ask.`
        : `${attempt.id} does not wait for an approval: whether it needs one is just being found out.`,
  };
}

/** Why this attempt cannot be refused any more; null when it can. */
export function whyNotRejectable(attempt: Attempt): Refusal | null {
  const { id, state, startedAt, endedAt, problem } = attempt;
  const why = problem === null ? "" : ` (${problem.detail})`;
  if (IN_FLIGHT.includes(state) || (startedAt !== null && endedAt === null))
    return {
      code: "already-started",
      text: `${id} started at ${timeOfDay(startedAt ?? 0)} and is ${state} now.`,
    };
  if (endedAt !== null)
    return {
      code: "already-ended",
      text: `${id} ended at ${timeOfDay(endedAt)}: ${state}${why}.`,
    };
  return ["contain", "remedy", "fallback"].includes(attempt.slot)
    ? null
    : { code: "not-waiting", text: `${id} is no act that a person is asked about.` };
}
