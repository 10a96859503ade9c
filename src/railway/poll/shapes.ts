import { z } from "zod";

import { SECOND_MS, type Instant } from "../../domain/time.ts";
import { connection, maybe, ServiceInstance } from "../schema.ts";

// Answers to the parts of a poll. Unknown words of enums are data, more fields are welcome.

const Seconds = z.number().transform((seconds): Instant => seconds * SECOND_MS);

export const Services = z
  .object({ serviceInstances: connection(ServiceInstance) })
  .transform(({ serviceInstances }) => ({
    services: serviceInstances.edges,
    more: serviceInstances.pageInfo?.hasNextPage === true,
  }));
export type Services = z.infer<typeof Services>;

const CommitOf = z
  .object({ commitHash: z.string().min(1) })
  .transform(({ commitHash }): string | null => commitHash)
  .catch(null);

/** What is set for a service, and the commit of each active deployment where it has one. */
export const Settings = z
  .object({
    serviceInstances: connection(
      z.object({
        serviceId: z.string(),
        numReplicas: maybe(z.number()),
        activeDeployments: z.array(z.object({ id: z.string(), meta: CommitOf })),
      }),
    ),
  })
  .transform(({ serviceInstances }) => serviceInstances.edges);
export type Settings = z.infer<typeof Settings>;

/** One measurement of one instance. `ts` in ms; memory in GB, CPU in vCPU. */
export const Series = z
  .object({
    measurement: z.string(),
    tags: z.object({
      serviceId: maybe(z.string()),
      deploymentId: maybe(z.string()),
      deploymentInstanceId: maybe(z.string()),
    }),
    values: z.array(z.object({ ts: Seconds, value: z.number() })),
  })
  .readonly();
export type Series = z.infer<typeof Series>;
export const Usage = z.array(Series);

/** Requests by the status that the edge gave, counted over one step from `ts` on. */
export const Statuses = z.array(
  z
    .object({
      statusCode: z.number(),
      samples: z.array(z.object({ ts: Seconds, value: z.number() })),
    })
    .readonly(),
);
export type Statuses = z.infer<typeof Statuses>;

/** Quantiles in ms of the requests of one step from `ts` on. */
export const Durations = z
  .object({
    samples: z.array(
      z.object({
        ts: Seconds,
        p50: z.number(),
        p90: z.number(),
        p95: z.number(),
        p99: z.number(),
      }),
    ),
  })
  .transform(({ samples }) => samples);
export type Durations = z.infer<typeof Durations>;

/** Longest text of one line that is looked at: strangers write it. */
const TEXT_MAX = 2_000;

/** One line of the log. `timestamp` has nanoseconds and tells lines apart; `at` is the same in ms. */
export const LogLine = z
  .object({
    timestamp: z.string(),
    message: z.string(),
    severity: maybe(z.string()),
    attributes: z.array(z.object({ key: z.string(), value: z.string() })).catch([]),
    tags: maybe(
      z.object({ serviceId: maybe(z.string()), deploymentInstanceId: maybe(z.string()) }),
    ),
  })
  .transform(({ timestamp, message, severity, attributes, tags }) => ({
    timestamp,
    at: Date.parse(timestamp),
    message: message.slice(0, TEXT_MAX),
    severity: severity ?? "",
    /** Values of structured attributes, whose texts arrive in quotes. */
    attributes: attributes
      .map(({ value }) => unquoted(value.slice(0, TEXT_MAX)))
      .join(" ")
      .slice(0, TEXT_MAX),
    serviceId: tags?.serviceId ?? null,
    instanceId: tags?.deploymentInstanceId ?? null,
  }))
  .readonly();
export type LogLine = z.infer<typeof LogLine>;
/** A line that cannot be read costs itself. */
export const Logs = z
  .array(LogLine.nullable().catch(null))
  .transform((lines) => lines.filter((line) => line !== null && Number.isFinite(line.at)))
  .transform((lines): readonly LogLine[] => lines.flatMap((line) => line ?? []));

function unquoted(text: string): string {
  return text.replace(/^"([^]*)"$/, "$1");
}
