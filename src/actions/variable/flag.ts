import { z } from "zod";

/** A value that is compared and written, and stands in the journal: no secret, and no reference to another variable. */
const Value = z
  .string()
  .min(1, "expected a text that is not empty")
  .max(100, "expected at most 100 characters")
  .refine((text) => !text.includes("${{"), "expected a plain value, not a reference");

/** A variable that turns something of the app on and off. */
export const Flag = z.object({
  /** Its name at Railway. */
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "expected the name of a variable")
    .refine(
      (name) => !name.startsWith("RAILWAY_"),
      "expected a variable that is not Railway's own",
    ),
  on: Value.default("1"),
  off: Value.default("0"),
});
export type Flag = z.infer<typeof Flag>;
