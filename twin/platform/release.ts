import { createHash } from "node:crypto";
import { z } from "zod";
import { BEHAVIOURS } from "../guarded-api/settings.ts";

/** What was pushed or pulled: the thing a deployment runs. An image service has no commit. */
export type Release = {
  repo: string | null;
  commit: string | null;
  message: string | null;
  image: string | null;
  digest: string;
  /** How the process behaves, as variables only it sees. */
  behaviour: Record<string, string>;
};

/** A service's settings, of which each deployment keeps a copy. */
export type Settings = {
  startCommand: string | null;
  preDeployCommand: string[] | null;
  healthcheckPath: string | null;
  restartPolicyType: "ALWAYS" | "NEVER" | "ON_FAILURE";
  restartPolicyMaxRetries: number;
  multiRegionConfig: Record<string, { numReplicas: number }>;
};

export type Variables = Record<string, string>;

/** Everything a deployment is made of. */
export type Recipe = {
  release: Release;
  settings: Settings;
  variables: Variables;
  reason: string;
  /** Whether an image must be built first. */
  build: boolean;
};

export const REGION = "europe-west4-drams3a";

/** One replica in one region, never restarted by the platform itself: every restart was asked for. */
export const PLAIN_SETTINGS: Settings = {
  startCommand: null,
  preDeployCommand: null,
  healthcheckPath: null,
  restartPolicyType: "NEVER",
  restartPolicyMaxRetries: 0,
  multiRegionConfig: { [REGION]: { numReplicas: 1 } },
};

/** What may be pushed. The settings stand in the repository, as configuration as code. */
export const pushSchema = z.strictObject({
  service: z.string().min(1).default("tradesense-backend"),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}$/, "40 hex digits")
    .optional(),
  message: z.string().min(1).max(200).default("Show the journal by week"),
  behaviour: z.enum(BEHAVIOURS).default("good"),
  /** Bytes per second, factor, share or requests per second: what it means depends on the behaviour. */
  rate: z.number().positive().optional(),
  /** The changed files match no watch pattern: the deployment is SKIPPED. */
  skipped: z.boolean().default(false),
  settings: z
    .strictObject({
      startCommand: z.string().nullable(),
      preDeployCommand: z.array(z.string()).nullable(),
      healthcheckPath: z.string().nullable(),
      restartPolicyType: z.enum(["ALWAYS", "NEVER", "ON_FAILURE"]),
      restartPolicyMaxRetries: z.number().int().nonnegative(),
    })
    .partial()
    .default({}),
});

export type Push = z.infer<typeof pushSchema>;

/** The release a push makes. A commit that is not named is made up from the number of pushes before it. */
export function releaseOf(push: Push, repo: string, number: number): Release {
  const commit = push.commit ?? hex(`commit ${number}`).slice(0, 40);
  return {
    repo,
    commit,
    message: push.message,
    image: null,
    digest: `sha256:${hex(commit)}`,
    behaviour: behaviourOf(push),
  };
}

function behaviourOf({ behaviour, rate }: First): Record<string, string> {
  return {
    RELEASE_BEHAVIOUR: behaviour,
    ...(rate === undefined ? {} : { RELEASE_RATE: String(rate) }),
  };
}

/** How the first commit of the guarded API behaves. */
export type First = Pick<Push, "behaviour" | "rate">;

/** The first commit of a service that runs code, or the image of one that does not. */
export function firstRelease(name: string, image: string | null, first?: First): Release {
  if (image !== null) {
    const digest = `sha256:${hex(image)}`;
    return { repo: null, commit: null, message: null, image, digest, behaviour: {} };
  }
  const commit = "4be0b7c1d0a5f3c2e1907d6b8a4f5e3c2d1b0a99";
  return {
    repo: `tradesense/${name}`,
    commit,
    message: "Show the journal by month",
    image: null,
    digest: `sha256:${hex(commit)}`,
    behaviour: first === undefined ? {} : behaviourOf(first),
  };
}

function hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
