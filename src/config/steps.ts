import { z } from "zod";

const Nothing = z.strictObject({}).default({});

/** What stands in a slot: which action, with which parameters. The parameters are those the action understands. */
export const STEP = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("look"), with: Nothing }),
  z.strictObject({ action: z.literal("inspect"), with: Nothing }),
  z.strictObject({ action: z.literal("restart"), with: Nothing }),
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
