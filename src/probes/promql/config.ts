import { z } from "zod";

import { Duration } from "../../config/duration.ts";
import { SIGNALS } from "../../domain/sample.ts";
import { Headers } from "../headers.ts";

/** Whether something answers is not asked by query, a deployment is no number, and buckets are many. */
const QUERYABLE = SIGNALS.filter(
  (name) => name !== "up" && name !== "latency_bucket" && name !== "deployment",
);

const Query = z.string().trim().min(1, "expected a query").max(4_000, "expected a shorter query");

export const Config = z.strictObject({
  kind: z.literal("promql"),
  url: z.url({ protocol: /^https?$/, error: "expected a http or https URL" }),
  every: Duration.default(30_000),
  timeout: Duration.default(5_000),
  headers: Headers,
  /** One query for each signal. `$every` in it stands for the interval. */
  signals: z
    .partialRecord(z.enum(QUERYABLE), Query)
    .refine((signals) => Object.keys(signals).length > 0, "expected at least one signal"),
});
export type Config = z.infer<typeof Config>;
