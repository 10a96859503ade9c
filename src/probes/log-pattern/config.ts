import { z } from "zod";

import { Duration } from "../../config/duration.ts";

const ClassName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, "expected small letters, digits and hyphens");

const Pattern = z
  .string()
  .min(1)
  .max(500)
  .refine(isExpression, "expected a regular expression")
  .refine((text) => !isExpression(text) || !new RegExp(text).test(""), "it would fit every line");

export const Config = z.strictObject({
  kind: z.literal("log-pattern"),
  every: Duration.default(60_000),
  timeout: Duration.default(15_000),
  /** By class, beside the shipped ones and before them. */
  patterns: z.record(ClassName, z.array(Pattern).min(1)).default({}),
});

function isExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
