import { z } from "zod";

import { Duration } from "../../config/duration.ts";

/** Holds a password: never shown, not even in an error. */
export const RedisUrl = z
  .string({ error: "expected a redis:// or rediss:// URL" })
  .refine((url) => /^rediss?:\/\/./.test(url) && URL.canParse(url), {
    error: "expected a redis:// or rediss:// URL (value not shown: it may hold a password)",
  });

export const Config = z.strictObject({
  kind: z.literal("redis"),
  url: RedisUrl,
  every: Duration.default(10_000),
  timeout: Duration.default(3_000),
});
