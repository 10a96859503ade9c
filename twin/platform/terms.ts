import { z } from "zod";

const ms = z.number().int().nonnegative().max(3_600_000_000);

/** What differs between plans and days: how long the platform takes, how long it keeps things, how much it allows. */
export const termsSchema = z.strictObject({
  /** From an accepted mutation to the deployment it makes. */
  acceptMs: ms,
  buildMs: ms,
  /** How long a replaced deployment goes on running. */
  overlapMs: ms,
  /** From an accepted patch to its effect. */
  applyMs: ms,
  /** Before a crashed process is started again, where the restart policy says so. */
  backoffMs: ms,
  /** How much later than everything else `latestDeployment` is. */
  latestLagMs: ms,
  /** How long the image of a removed deployment is kept. */
  imageRetentionMs: ms,
  plan: z.enum(["trial", "free", "hobby", "pro", "enterprise"]),
  /** Which query knows the id a patch answers with: nobody wrote it down. */
  patchIdIs: z.enum(["patch", "workflow"]),
});

export type Terms = z.infer<typeof termsSchema>;

/** The terms a twin starts with: the Hobby plan, on a machine that is quick. */
export function defaultTerms(): Terms {
  return {
    acceptMs: 150,
    buildMs: 300,
    overlapMs: 200,
    applyMs: 200,
    backoffMs: 150,
    latestLagMs: 1_200,
    imageRetentionMs: 72 * 3_600_000,
    plan: "hobby",
    patchIdIs: "patch",
  };
}

/** How many replicas a service may have. */
export const REPLICAS_MAX: Record<Terms["plan"], number> = {
  trial: 2,
  free: 1,
  hobby: 6,
  pro: 42,
  enterprise: 50,
};
