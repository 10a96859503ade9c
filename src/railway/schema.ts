import { z } from "zod";

import type { Instant } from "../domain/time.ts";

// Answers of strangers: only what is needed, unknown words of enums are data, more fields are welcome.

const Moment = z.string().transform((text, context): Instant => {
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at;
  context.addIssue({ code: "custom", message: "not a date" });
  return z.NEVER;
});

/** Absent is null. */
export function maybe<T>(shape: z.ZodType<T>) {
  return shape.nullish().transform((value): T | null => value ?? null);
}

/** The nodes of a page in Relay's shape. */
export function connection<Node>(node: z.ZodType<Node>) {
  const edge = z.object({ node }).transform((pair): Node => pair.node);
  return z.object({
    edges: z.array(edge),
    pageInfo: z
      .object({ hasNextPage: z.boolean().nullish(), endCursor: z.string().nullish() })
      .nullish(),
  });
}

/** One deployment. `status` and the instances' are Railway's words, also ones of tomorrow. */
export const Deployment = z
  .object({
    id: z.string(),
    status: z.string(),
    statusUpdatedAt: maybe(Moment),
    createdAt: Moment,
    deploymentStopped: z.boolean(),
    instances: z.array(z.object({ id: z.string(), status: z.string() })),
  })
  .readonly();
export type Deployment = z.infer<typeof Deployment>;

export const ServiceInstance = z
  .object({
    id: z.string(),
    serviceId: z.string(),
    serviceName: z.string(),
    latestDeployment: maybe(Deployment),
    activeDeployments: z.array(Deployment),
  })
  .readonly();
export type ServiceInstance = z.infer<typeof ServiceInstance>;

/** Sizes in megabytes as Railway counts them. `state` may be any word, or unknown. */
export const Volume = z
  .object({
    id: z.string(),
    serviceId: maybe(z.string()),
    mountPath: z.string(),
    currentSizeMB: z.number(),
    sizeMB: z.number(),
    state: maybe(z.string()),
  })
  .readonly();
export type Volume = z.infer<typeof Volume>;

export const Environment = z
  .object({
    id: z.string(),
    name: z.string(),
    serviceInstances: connection(ServiceInstance),
    volumeInstances: connection(Volume),
  })
  .transform((environment) => ({
    id: environment.id,
    name: environment.name,
    services: environment.serviceInstances.edges,
    /** Railway has more services than one page holds, so a name that is not among them may exist. */
    moreServices: environment.serviceInstances.pageInfo?.hasNextPage === true,
    volumes: environment.volumeInstances.edges,
  }))
  .readonly();
export type Environment = z.infer<typeof Environment>;

/** One run of one instance's process: a restart adds a row. */
export const Execution = z
  .object({
    id: z.string(),
    status: z.string(),
    createdAt: Moment,
    completedAt: maybe(Moment),
    deploymentId: z.string(),
  })
  .readonly();
export type Execution = z.infer<typeof Execution>;

/** One page, newest first. `next`: pages run from old to new and this is not the last, so newer rows follow. */
export const Executions = connection(Execution).transform(({ edges, pageInfo }) => {
  const isAscending = (edges.at(0)?.createdAt ?? 0) < (edges.at(-1)?.createdAt ?? 0);
  const next = pageInfo?.hasNextPage === true && isAscending ? pageInfo.endCursor : null;
  return { rows: edges.toSorted((a, b) => b.createdAt - a.createdAt), next: next ?? null };
});

/** Newest first; Railway promises no order. */
export const Deployments = connection(Deployment).transform(({ edges }) =>
  edges.toSorted((a, b) => b.createdAt - a.createdAt),
);

export const PlatformStatus = z.object({
  isStable: z.boolean(),
  incident: maybe(z.object({ message: z.string(), status: z.string() })),
  maintenance: maybe(z.object({ message: z.string(), status: z.string() })),
});
export type PlatformStatus = z.infer<typeof PlatformStatus>;

export const ProjectIdentity = z.object({
  projectToken: z.object({
    name: z.string(),
    projectId: z.string(),
    environmentId: z.string(),
    project: z.object({ name: z.string() }),
    environment: z.object({ name: z.string() }),
  }),
});

export const BearerIdentity = z.object({
  apiToken: z.object({ workspaces: z.array(z.object({ id: z.string(), name: z.string() })) }),
});

/** Only an account's token has a person behind it. */
export const AccountIdentity = z.object({ id: z.string() });

/** Any GraphQL answer. */
export const GraphqlAnswer = z
  .object({
    data: z.record(z.string(), z.unknown()).nullish(),
    errors: z
      .array(
        z.object({
          message: z.string().catch("(no message)"),
          path: z
            .array(z.union([z.string(), z.number()]))
            .nullish()
            .catch(null),
          traceId: z.string().nullish().catch(null),
          extensions: z
            .object({ traceId: z.string().nullish(), code: z.string().nullish() })
            .nullish()
            .catch(null),
        }),
      )
      .nullish(),
  })
  .refine(
    (answer) => answer.data !== undefined || Array.isArray(answer.errors),
    "no GraphQL answer",
  );
export type GraphqlAnswer = z.infer<typeof GraphqlAnswer>;
export type GraphqlError = NonNullable<GraphqlAnswer["errors"]>[number];
