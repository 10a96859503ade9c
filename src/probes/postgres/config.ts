import { z } from "zod";

import { Duration } from "../../config/duration.ts";

export const Config = z.strictObject({
  kind: z.literal("postgres"),
  /** Holds a password: never shown, not even in an error. */
  url: z
    .string({ error: "expected a postgres:// URL" })
    .refine((url) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url), {
      error: "expected a postgres:// URL (value not shown: it may hold a password)",
    }),
  every: Duration.default(10_000),
  timeout: Duration.default(3_000),
  /** Look through one kept connection instead of a fresh one each time: a second, independent path. */
  pooled: z.boolean().default(false),
});
