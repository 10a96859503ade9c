import type { Approval } from "../domain/approval.ts";
import { ACT_SLOTS } from "../domain/runbook.ts";
import { UNSTARTED, type Attempt, type AttemptState } from "../domain/attempt.ts";
import type { Problem } from "../domain/problem.ts";
import type { Slot } from "../domain/runbook.ts";
import type { Instant } from "../domain/time.ts";
import { evidenceTexts } from "./act-lines.ts";
import { cite, ownVerdicts, type Cited } from "./source.ts";
import type { Beat, Story } from "./story.ts";
import { problemText, verdictText, wish } from "./words.ts";

/** Whether an act helped, and by which samples that was judged. */
export interface Effect {
  readonly verdict: "effective" | "ineffective" | "unknown";
  readonly text: string;
  /** The last samples of the judgement, at most ten. */
  readonly samples: readonly Cited[];
}

/** One row of the ledger as people read it. */
export interface ActionRow {
  readonly attempt: string;
  readonly slot: Slot;
  readonly what: string;
  readonly target: string;
  readonly state: AttemptState;
  readonly plannedAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly tries: number;
  readonly problem: Problem | null;
  /** Of one that waits for a person: until when, and how it is answered. */
  readonly asks: {
    readonly until: Instant;
    readonly approve: string;
    readonly reject: string;
  } | null;
  /** Who said yes to it. */
  readonly approval: Pick<Approval, "by" | "at" | "until"> | null;
  readonly evidence: readonly string[];
  /** `null` for what is not meant to cure, and for what did not happen. */
  readonly helped: Effect | null;
  /** Journal entries that moved it. */
  readonly entries: readonly number[];
}

/** A moment at which an act was withheld, and why. */
export interface Withheld extends Cited {
  readonly attempt: string;
  readonly what: string;
  readonly state: AttemptState;
  readonly code: string | null;
}

const SAMPLES_MAX = 10;

/** Everything that was tried or wished for, in order. */
export function actionsOf(story: Story): readonly ActionRow[] {
  return story.attempts.map((attempt) => ({
    attempt: attempt.id,
    slot: attempt.slot,
    what: wish(attempt),
    target: attempt.target,
    state: attempt.state,
    plannedAt: attempt.plannedAt,
    startedAt: attempt.startedAt,
    endedAt: attempt.endedAt,
    tries: attempt.tries,
    problem: attempt.problem,
    asks: asksOf(attempt),
    approval: approvalOf(attempt),
    evidence: evidenceTexts(attempt.evidence),
    helped: ACT_SLOTS.includes(attempt.slot) ? effectOf(story, attempt) : null,
    entries: movesOf(story, attempt).map(({ entry }) => entry.seq),
  }));
}

function asksOf({ id, state, approval, expiresAt }: Attempt): ActionRow["asks"] {
  return state !== "awaiting-approval" || (approval ?? null) !== null
    ? null
    : {
        until: expiresAt,
        approve: `signalman approve ${id}`,
        reject: `signalman reject ${id}`,
      };
}

function approvalOf({ approval }: Attempt): ActionRow["approval"] {
  if (approval === undefined || approval === null) return null;
  const { by, at, until } = approval;
  return { by, at, until };
}

/** Every hold, shadow, withdrawal, expiry, refusal and wait for approval. */
export function withheldOf(story: Story): readonly Withheld[] {
  return story.beats.flatMap((beat) =>
    beat.attempts
      .filter(({ row }) => WITHHELD.includes(row.state))
      .map(({ row }) => ({
        ...cite(beat, row.problem === null ? row.state : problemText(row.problem)),
        attempt: row.id,
        what: wish(row),
        state: row.state,
        code: row.problem?.code ?? null,
      })),
  );
}

const WITHHELD: readonly AttemptState[] = [
  "held",
  "awaiting-approval",
  "shadowed",
  "withdrawn",
  "expired",
  "rejected",
];

/** What certainly did not happen can neither help nor fail to. */
const NEVER_HAPPENED: readonly AttemptState[] = [
  ...UNSTARTED,
  "rejected",
  "not-seen",
  "shadowed",
  "withdrawn",
  "expired",
];

function effectOf(story: Story, attempt: Attempt): Effect | null {
  if (NEVER_HAPPENED.includes(attempt.state)) return null;
  const samples = judgingSamples(story, attempt);
  switch (attempt.state) {
    case "effective":
      return {
        verdict: "effective",
        text: "It happened, and enough fresh healthy samples followed.",
        samples,
      };
    case "ineffective":
      return {
        verdict: "ineffective",
        text:
          samples.length === 0
            ? "It happened, and no healthy sample came in the time given."
            : "It happened, and the symptom stayed.",
        samples,
      };
    case "unknown":
      return {
        verdict: "unknown",
        text: "Nobody can say whether it happened, so nobody can say whether it helped.",
        samples,
      };
    default:
      return {
        verdict: "unknown",
        text:
          story.incident.closedAt === null
            ? "Not judged yet."
            : "It was not judged before the incident ended.",
        samples,
      };
  }
}

/** Samples of the incident's own signal between the evidence that it happened and the judgement. */
function judgingSamples(story: Story, attempt: Attempt): readonly Cited[] {
  const moves = movesOf(story, attempt);
  const stateIn = (beat: Beat): AttemptState | undefined =>
    beat.attempts.find(({ row }) => row.id === attempt.id)?.row.state;
  const seen = moves.find((beat) => stateIn(beat) === "seen");
  if (seen === undefined) return [];
  const judged = moves.find((beat) => ["effective", "ineffective"].includes(stateIn(beat) ?? ""));
  return ownVerdicts(story)
    .filter(
      ({ beat }) =>
        beat.entry.seq > seen.entry.seq &&
        (judged === undefined || beat.entry.seq <= judged.entry.seq),
    )
    .slice(-SAMPLES_MAX)
    .map(({ beat, verdict }) => cite(beat, verdictText(verdict)));
}

function movesOf(story: Story, attempt: Attempt): readonly Beat[] {
  return story.beats.filter(({ attempts }) => attempts.some(({ row }) => row.id === attempt.id));
}
