import { z } from "zod";

import { ACTIONS } from "../actions/index.ts";
import type { JsonObject } from "../domain/json.ts";

type StepSchema = z.ZodObject<{ action: z.ZodLiteral<string>; with: z.ZodType<JsonObject> }>;

/** What stands in a slot: which action, with which parameters. The parameters are those the action understands. */
export const STEP = z.discriminatedUnion(
  "action",
  ACTIONS.map(({ traits, with: parameters }) =>
    z.strictObject({ action: z.literal(traits.kind), with: parameters }),
  ) as unknown as [StepSchema, ...StepSchema[]],
);
