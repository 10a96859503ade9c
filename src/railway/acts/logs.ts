import { z } from "zod";

import { maybe } from "../schema.ts";

/** One line of a log: text of strangers. `timestamp` has nanoseconds, and is kept as it came. */
export const LogLine = z
  .object({ timestamp: z.string(), message: z.string(), severity: maybe(z.string()) })
  .readonly();
export type LogLine = z.infer<typeof LogLine>;

/** The last `limit` lines: Railway sends one more than it is asked for. */
export function logLines(limit: number) {
  return z.array(LogLine).transform((lines): readonly LogLine[] => lines.slice(-limit));
}
