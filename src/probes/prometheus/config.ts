import { z } from "zod";

import { Duration } from "../../config/duration.ts";
import { Headers } from "../headers.ts";

const MetricName = z
  .string()
  .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, "expected the name of a metric, without labels");
const LabelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "expected the name of a label");

/** Names that are none of the usual ones. */
const Metrics = z.strictObject({
  /** `false`: the page counts no requests, and none are missed. */
  requests: z.union([MetricName, z.literal(false)]).optional(),
  status: LabelName.optional(),
  /** Values of the status that are failures; a dot or an x stands for any one character. */
  failed: z.array(z.string().min(1)).min(1).default(["5xx"]),
  latency: MetricName.optional(),
  inflight: MetricName.optional(),
  memory: MetricName.optional(),
  authFailures: MetricName.optional(),
});
export type Metrics = z.infer<typeof Metrics>;

/** What machines ask: it says nothing about the users, and there is a lot of it. */
const IGNORED = [
  "/metrics",
  "prometheus-django-metrics",
  "/health",
  "/health/*",
  "/healthz",
  "/ready",
  "/readyz",
  "/live",
  "/livez",
  "/_signalman/*",
];

export const Config = z
  .strictObject({
    kind: z.literal("prometheus"),
    url: z.url({ protocol: /^https?$/, error: "expected a http or https URL" }).optional(),
    path: z.string().startsWith("/", 'expected a path that begins with "/"').optional(),
    every: Duration.default(10_000),
    timeout: Duration.default(5_000),
    headers: Headers,
    /** Paths that do not count, where a label tells the path. A star at the end stands for any rest. */
    ignore: z.array(z.string().min(1)).default(IGNORED),
    metrics: Metrics.prefault({}),
  })
  .refine(
    (config) => (config.url === undefined) !== (config.path === undefined),
    "expected either url or path",
  );
export type Config = z.infer<typeof Config>;
