import type { Notice } from "../domain/notice.ts";
import type { Problem } from "../domain/problem.ts";

export type Sending =
  | { readonly kind: "delivered" }
  /** Worth another try, not before `problem.retryAt` where it is given. */
  | { readonly kind: "retry"; readonly problem: Problem }
  /** Will never arrive in this form. */
  | { readonly kind: "refused"; readonly problem: Problem };

/** Tells people. `repeat` is true when an earlier try may have arrived: the text must say so. */
export interface Notifier {
  readonly kind: string;
  send(
    notice: Notice,
    options: { readonly repeat: boolean; readonly signal: AbortSignal },
  ): Promise<Sending>;
}
