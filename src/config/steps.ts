import { z } from "zod";

const Nothing = z.strictObject({}).default({});

/** What stands in a slot: which action, with which parameters. The parameters are those the action understands. */
export const STEP = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("look"), with: Nothing }),
  z.strictObject({ action: z.literal("inspect"), with: Nothing }),
  z.strictObject({ action: z.literal("restart"), with: Nothing }),
  z.strictObject({ action: z.literal("rollback"), with: Nothing }),
  z.strictObject({ action: z.literal("redeploy"), with: Nothing }),
  z.strictObject({ action: z.literal("cancel-deploy"), with: Nothing }),
  z.strictObject({ action: z.literal("collect-evidence"), with: Nothing }),
  z.strictObject({
    action: z.literal("freeze-autodeploy"),
    with: z.strictObject({ value: z.enum(["on", "off"]) }),
  }),
  z.strictObject({
    action: z.literal("scale"),
    with: z.strictObject({
      value: z.enum(["up", "down"]),
      /** How many replicas more. */
      by: z.int().min(1, "expected 1 or more").max(10, "expected 10 or less").default(1),
      /** How many in all at most; the plan may allow less. */
      max: z.int().min(2, "expected 2 or more").max(50, "expected 50 or less").default(4),
    }),
  }),
  z.strictObject({
    action: z.literal("switch"),
    with: z.discriminatedUnion("value", [
      z.strictObject({
        switch: z.string().min(1, "expected the name of a switch"),
        value: z.literal("on"),
        /** Shown by the app to its users. */
        message: z.string().min(1, "expected a text that is not empty").max(500),
      }),
      z.strictObject({
        switch: z.string().min(1, "expected the name of a switch"),
        value: z.literal("off"),
      }),
    ]),
  }),
]);
