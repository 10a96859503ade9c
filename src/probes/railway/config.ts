import { z } from "zod";

import { Duration } from "../../config/duration.ts";

export const Config = z.strictObject({
  kind: z.literal("railway"),
  every: Duration.default(60_000),
  timeout: Duration.default(15_000),
  /** Whether requests come in over Railway's edge; when left out, where the target has a url. */
  edge: z.boolean().optional(),
});
