import type { NoticeKind } from "../src/domain/notice.ts";
import type { Slot } from "../src/domain/runbook.ts";

/**
 * What a machine may hear.
 *
 * `signal.*` is the judgement of the incident's own signal after one more sample. `<slot>.*` is what became
 * of the attempt that filled a slot: `started` the call has begun; `seen` evidence shows that it happened;
 * `failed` it certainly did not; `unknown` nobody can say; `withheld` a safeguard keeps it for now; `dropped`
 * it will not be tried (shadow, expired, nothing configured).
 */
export type MachineEvent =
  | { readonly type: "signal.healthy" }
  | { readonly type: "signal.breached" }
  | { readonly type: "signal.inconclusive" }
  | { readonly type: "signal.missing" }
  | { readonly type: "upstream.opened" }
  /** From outside, of something no look of our own can check: one more alert, one known already, the last one over. */
  | { readonly type: "hint.firing" | "hint.again" | "hint.resolved" }
  | { readonly type: "confirm.seen"; readonly answer: ConfirmAnswer }
  | { readonly type: "inspect.seen"; readonly advice: InspectAdvice; readonly cause: string }
  | { readonly type: "contain.seen" | "remedy.seen" | "undo.seen" | "renew.seen" }
  | { readonly type: `${Slot}.started` }
  | { readonly type: `${Slot}.failed`; readonly code: string }
  | { readonly type: `${Slot}.unknown`; readonly code: string }
  | { readonly type: `${Slot}.withheld`; readonly code: string }
  | { readonly type: `${Slot}.dropped`; readonly code: string };

/** What independent paths say. `disagree`: some see it up, some down. `unknown`: none could look. */
export type ConfirmAnswer = "down" | "up" | "disagree" | "unknown";

/** `leave`: nothing Signalman could do would help, or it would harm: a person is needed. */
export type InspectAdvice = "restart" | "wait" | "leave";

/** `unknown`: too few fresh samples to say whether it helped. */
export type Judgement = "effective" | "ineffective" | "unknown";

/** What a machine may ask for. An effect is written down and carried out elsewhere, never in place. */
export type Effect =
  | { readonly type: "ask"; readonly params: { readonly slot: Slot } }
  | { readonly type: "tell"; readonly params: { readonly notice: NoticeKind } }
  | {
      readonly type: "judge";
      readonly params: { readonly slot: Slot; readonly as: Judgement };
    };

/** Implementations for `setup`: whoever runs a machine in place learns of it at the first effect. */
export const effects = {
  ask: (_: unknown, params: { readonly slot: Slot }): void => refuse(`ask ${params.slot}`),
  tell: (_: unknown, params: { readonly notice: NoticeKind }): void =>
    refuse(`tell ${params.notice}`),
  judge: (_: unknown, params: { readonly slot: Slot; readonly as: Judgement }): void =>
    refuse(`judge ${params.slot} ${params.as}`),
};

function refuse(effect: string): never {
  throw new Error(`effects are never carried out in place: ${effect}`);
}
