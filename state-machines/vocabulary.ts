import type { AnyStateMachine } from "xstate";

import type { Inspection } from "../src/domain/evidence.ts";
import type { SignalFact } from "../src/domain/facts.ts";
import type { NoticeKind } from "../src/domain/notice.ts";
import type { ProblemCode } from "../src/domain/problem.ts";
import type { Slot } from "../src/domain/runbook.ts";
import type { Instant } from "../src/domain/time.ts";

/** A machine as the core uses it. Its name is the folder's, and the `id` inside. */
export interface MachineDefinition {
  readonly machine: AnyStateMachine;
  /** Raised when states or timers change their meaning, so that a stored incident can tell. */
  readonly version: number;
  /** Names of the bounds it needs from the runbook. */
  readonly bounds: readonly string[];
  /** What an inspection means, first match first. */
  readonly rules: readonly Rule[];
  /** What people read instead of its name: `Database down`. */
  readonly title?: string;
  /** What is going to be done, told with the opening. */
  readonly next?: string;
  readonly severity?: Severity;
  readonly explains?: Relations;
  /** The same from the other side, so that a kind need not be named by those that explain it. */
  readonly explainedBy?: Relations;
}

/** Nobody rates an incident at night: users are cut off, users suffer, users may not notice. `medium` where nothing is said. */
export type Severity = "critical" | "high" | "medium";

/** Kinds that are one failure with this one: one is an incident, the other its symptom. */
export interface Relations {
  /** On the same target. */
  readonly here?: readonly string[];
  /** Between a target and what needs it: the cause is on the one that is needed. */
  readonly acrossNeeds?: readonly string[];
}

/** What a machine may hear without further words. */
export const PLAIN_EVENTS = [
  "signal.healthy",
  "signal.breached",
  "signal.inconclusive",
  "signal.missing",
  "upstream.opened",
  "person.took",
  "person.resolved",
  // From outside, of something no look of our own can check: one more alert, one known already, the last one over.
  "hint.firing",
  "hint.again",
  "hint.resolved",
] as const;

/** What independent paths say. `disagree`: some see it up, some down. `unknown`: none could look. */
export const CONFIRM_ANSWERS = ["down", "up", "disagree", "unknown"] as const;
export type ConfirmAnswer = (typeof CONFIRM_ANSWERS)[number];

/** What may become of an attempt instead of being seen, always with a code. */
export const TROUBLES = ["failed", "unknown", "withheld", "dropped"] as const;

/**
 * What a machine may hear.
 *
 * `signal.*` is the judgement of the incident's own signal after one more sample. `<slot>.*` is what became
 * of the attempt that filled a slot: `started` the call has begun; `seen` evidence shows that it happened;
 * `failed` it certainly did not; `unknown` nobody can say; `withheld` a safeguard keeps it for now; `dropped`
 * it will not be tried (shadow, expired, nothing configured). `person.*` is the word of a person.
 */
export type MachineEvent =
  | { readonly type: (typeof PLAIN_EVENTS)[number] }
  | { readonly type: "confirm.seen"; readonly answer: ConfirmAnswer }
  | { readonly type: "inspect.seen"; readonly advice: Advice; readonly cause: string }
  | { readonly type: `${Exclude<Slot, "confirm" | "inspect">}.seen` }
  | { readonly type: `${Slot}.started` }
  | { readonly type: `${Slot}.${(typeof TROUBLES)[number]}`; readonly code: string };

/** What an incident that was over and came back begins with. */
export interface Before {
  readonly asks: number;
  readonly acts: number;
  /** People were told of it before. */
  readonly returned: boolean;
  /** Something of it is still on, up or frozen. */
  readonly contained: boolean;
}

/**
 * What a diagnosis advises. `remedy` and `fallback` are the slots to ask for; `leave`: nothing Signalman could do would help, or it
 * would harm, so a person is needed; `hand-over`: another kind of incident is what this really is.
 */
export const ADVICE = ["remedy", "fallback", "wait", "leave", "hand-over"] as const;
export type Advice = (typeof ADVICE)[number];

/** Everything a diagnosis may read. */
export interface Findings {
  readonly now: Instant;
  readonly onset: Instant;
  readonly seen: Inspection;
  /** What the incident's own signal last failed with. */
  readonly problem: ProblemCode | null;
  /** All signals of the target. */
  readonly signals: readonly SignalFact[];
  /** Now is a time in which the operator allows what disturbs users. */
  readonly isQuiet: boolean;
  /** Acts of this kind of incident on this target in the last day that were seen to happen, newest first. */
  readonly acts: readonly PastAct[];
}

export interface PastAct {
  readonly action: string;
  readonly at: Instant;
  /** On this very incident. */
  readonly here: boolean;
  readonly helped: boolean | null;
}

export interface Diagnosis {
  readonly cause: string;
  readonly advice: Advice;
  /** With `hand-over`: the kind that takes it over. */
  readonly to?: string;
}

/** One line of a table of diagnoses: the first that fits counts. */
export interface Rule extends Diagnosis {
  /** What people read instead of the cause's code. */
  readonly words?: string;
  readonly when: (findings: Findings) => boolean;
}

/** `unknown`: too few fresh samples to say whether it helped. */
export type Judgement = "effective" | "ineffective" | "unknown";

/** What a machine may ask for. An effect is written down and carried out elsewhere, never in place. */
export type Effect =
  | { readonly type: "ask"; readonly params: { readonly slot: Slot } }
  /** Ends the switches that are on, which limit users; nothing waits for it. What was added stays. */
  | { readonly type: "ease" }
  | { readonly type: "tell"; readonly params: { readonly notice: NoticeKind } }
  | {
      readonly type: "judge";
      readonly params: { readonly slot: Slot; readonly as: Judgement };
    };

/** Implementations for `setup`: whoever runs a machine in place learns of it at the first effect. */
export const effects = {
  ask: (_: unknown, params: { readonly slot: Slot }): void => refuse(`ask ${params.slot}`),
  ease: (): void => refuse("ease"),
  tell: (_: unknown, params: { readonly notice: NoticeKind }): void =>
    refuse(`tell ${params.notice}`),
  judge: (_: unknown, params: { readonly slot: Slot; readonly as: Judgement }): void =>
    refuse(`judge ${params.slot} ${params.as}`),
};

function refuse(effect: string): never {
  throw new Error(`effects are never carried out in place: ${effect}`);
}
