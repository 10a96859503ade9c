import type { Notice } from "../domain/notice.ts";
import type { Problem } from "../domain/problem.ts";

export type Sending =
  | { readonly kind: "delivered" }
  /** Worth another try, not before `problem.retryAt` where it is given. */
  | {
      readonly kind: "retry";
      readonly problem: Problem;
      /** It surely did not arrive (an answer said so), so the next try is no repeat. */
      readonly certain: boolean;
    }
  /** Will never arrive in this form. */
  | { readonly kind: "refused"; readonly problem: Problem };

export interface SendOptions {
  /** An earlier try may have arrived: the text must say so. */
  readonly repeat: boolean;
  /** How many older notices of the same incident were left out in favour of this one. */
  readonly skipped: number;
  readonly signal: AbortSignal;
}

/** Tells people. Trouble is a value. */
export interface Notifier {
  readonly kind: string;
  send(notice: Notice, options: SendOptions): Promise<Sending>;
}
