import { z } from "zod";

import { connection, Deployment, maybe } from "../schema.ts";

/** What a deployment was made of, out of its unversioned `meta`; null is what Railway does not say. */
export interface Manifest {
  readonly commit: string | null;
  readonly message: string | null;
  /** Who wrote the commit. */
  readonly author: string | null;
  readonly image: string | null;
  readonly imageDigest: string | null;
  /** False: nothing is known of the commands, which is not the same as there being none. */
  readonly isKnown: boolean;
  readonly startCommand: string | null;
  readonly preDeployCommand: string | null;
  /** Replicas by region. */
  readonly regions: Regions;
}

/** How many replicas run where. */
export type Regions = { readonly [region: string]: number };

const Text = z.string().nullish().catch(null);

const Deploy = z.object({
  startCommand: Text,
  preDeployCommand: z
    .union([z.string(), z.array(z.string()).transform((lines) => lines.join(" && "))])
    .nullish()
    .catch(null),
  numReplicas: z.number().int().nullish().catch(null),
  region: Text,
  multiRegionConfig: z
    .record(z.string(), z.object({ numReplicas: z.number().int().nullish() }).nullable())
    .nullish()
    .catch(null),
});

const Meta = z.object({
  commitHash: Text,
  commitMessage: Text,
  commitAuthor: Text,
  image: Text,
  imageDigest: Text,
  serviceManifest: z.object({ deploy: Deploy }).nullish().catch(null),
});

/** One deployment with what it was made of. */
export const Release = Deployment.unwrap()
  .extend({ canRollback: z.boolean(), meta: maybe(z.unknown()) })
  .transform(({ meta, ...deployment }) => ({ ...deployment, manifest: manifestOf(meta) }))
  .readonly();
export type Release = z.infer<typeof Release>;

/** Newest first; Railway promises no order. */
export const Releases = connection(Release).transform(({ edges }) =>
  edges.toSorted((a, b) => b.createdAt - a.createdAt),
);

function manifestOf(meta: unknown): Manifest {
  const read = Meta.safeParse(meta);
  const { commitHash, commitMessage, commitAuthor, image, imageDigest, serviceManifest } =
    read.success ? read.data : {};
  const deploy = serviceManifest?.deploy;
  return {
    commit: commitHash ?? null,
    message: commitMessage ?? null,
    author: commitAuthor ?? null,
    image: image ?? null,
    imageDigest: imageDigest ?? null,
    isKnown: deploy !== undefined,
    startCommand: deploy?.startCommand ?? null,
    preDeployCommand: deploy?.preDeployCommand ?? null,
    regions: deploy === undefined ? {} : regionsOf(deploy),
  };
}

/** The regions of a `deploy` section: the map, or the one region with its number. Empty: it says nothing. */
export function regionsOf(deploy: z.infer<typeof Deploy>): Regions {
  const map = Object.entries(deploy.multiRegionConfig ?? {}).flatMap(([region, at]) =>
    at === null ? [] : [[region, at.numReplicas ?? 1] as const],
  );
  if (map.length > 0) return Object.fromEntries(map);
  const region = deploy.region ?? null;
  return region === null ? {} : { [region]: deploy.numReplicas ?? 1 };
}

/** The part of an environment's configuration that this client reads. */
export const Configuration = z.object({
  config: z.object({
    services: z.record(
      z.string(),
      z
        .object({
          deploy: Deploy.nullish().catch(null),
          /** Names only. */
          variables: z
            .record(z.string(), z.unknown())
            .transform((shown) => Object.keys(shown))
            .nullish()
            .catch(null),
        })
        .nullish()
        .catch(null),
    ),
  }),
});
