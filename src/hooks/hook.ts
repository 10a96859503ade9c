import type { IncomingHttpHeaders } from "node:http";

import type { Hint } from "../domain/hint.ts";

/** What came of reading one delivery. `refused` says in one sentence what was expected. */
export type Reading =
  | { readonly kind: "hints"; readonly hints: readonly Hint[] }
  | { readonly kind: "refused"; readonly why: string };

/** One kind of sender, as its folder exports it. */
export interface Hook<Source extends string = string> {
  readonly source: Source;
  /**
   * For senders that sign: whether the signature fits the bytes. The others have their secret in the path.
   */
  readonly isSigned?: (secret: string, bytes: Uint8Array, headers: IncomingHttpHeaders) => boolean;
  /** Pure. Takes any JSON value; what it does not know is data, not a fault. */
  read(body: unknown, headers: IncomingHttpHeaders): Reading;
}

/** More in one delivery than this are left out: each of them is only a reason to look. */
export const HINTS_MAX = 50;

export const ABOUT_MAX = 80;
export const WORDS_MAX = 240;
