import type { Attempt } from "../domain/attempt.ts";
import type { PlatformChange } from "../domain/facts.ts";
import type { AttemptId, IncidentId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import type { Instant } from "../domain/time.ts";

/** One act that mode shadow kept from being done, with everything the journal tells of what came of the incident without it. */
export interface Case {
  /** As it was written down: the plan, what would have held it back, and until when it would have been given time (`settlesAt`). */
  readonly attempt: Attempt;
  /** Kind, target and cause. */
  readonly incident: Incident;
  /** `null` while the incident is open. */
  readonly end: End | null;
  /** What was done to the service, oldest first; `null` while the platform was not read after the end. */
  readonly changes: readonly PlatformChange[] | null;
  /** What the platform showed when the act was prepared; `null` where the act does not read that. */
  readonly shownThen: readonly PlatformChange[] | null;
  /** Who took, acknowledged or ended the incident, as they were named. Text of strangers. */
  readonly people: readonly string[];
}

/** How the incident ended, the first time after the act was wanted. */
export interface End {
  readonly at: Instant;
  readonly ending: Incident["ending"];
  /** From when on its own signal was seen well until the end; `null` where it never was. */
  readonly wellAt: Instant | null;
  /** Nobody could say how it was from here until `wellAt`; `null` where it was looked at all the time. */
  readonly unseenFrom: Instant | null;
}

/**
 * What an act would have done. `helped` and `hurt` are only said of what was seen; whatever nobody saw, and whatever has more than
 * one explanation, is `unknown`: it can not be said.
 */
export type Verdict = "helped" | "no-difference" | "hurt" | "unknown";

/** The verdict with its rule (a stable code) and the numbers of this case, in one sentence. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly code: JudgementCode;
  readonly text: string;
}

export type JudgementCode =
  | "still-open"
  | "false-alarm"
  | "wrong-incident"
  | "invalid-target"
  | "would-have-collided"
  | "held-back"
  | "hold-would-have-ended"
  | "not-seen-well"
  | "not-looked"
  | "over-before-it"
  | "would-have-contained"
  | "platform-not-read"
  | "person-did-the-same"
  | "something-else-was-done"
  | "came-back-by-itself";

/** A case as it is told: where to look it up, and the judgement. */
export interface Judged extends Judgement {
  readonly attempt: AttemptId;
  readonly incident: IncidentId;
  readonly kind: string;
  readonly target: string;
  /** Of a switch: the switch. */
  readonly action: string;
  readonly wantedAt: Instant;
  readonly people: readonly string[];
}
