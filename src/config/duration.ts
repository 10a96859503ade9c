import { z } from "zod";

import { HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from "../domain/time.ts";

const UNITS: { readonly [unit: string]: Millis } = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
};

const EXPECTED = 'a length of time such as "250ms", "10s", "2m" or "1h"';

const durationOf = (isNeverAllowed: boolean) =>
  z.string({ error: `expected ${EXPECTED}` }).transform((text, context): Millis => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
    const length = Number(match?.[1]) * (UNITS[match?.[2] ?? ""] ?? Number.NaN);
    if (Number.isFinite(length) && length >= 1) return Math.round(length);
    if (length === 0 && isNeverAllowed) return 0;
    context.addIssue({ code: "custom", message: `expected ${EXPECTED}, found "${text}"` });
    return z.NEVER;
  });

/** A length of time as an operator writes it, read to milliseconds. Zero and negative lengths are refused. */
export const Duration = durationOf(false);

/** The same, with `0s` for "never". */
export const DurationOrNever = durationOf(true);
