import type { Manifest, Release } from "../railway/acts/release.ts";

/** A deployment that served, was replaced, and could be gone back to. */
export function release(
  id: string,
  createdAt: number,
  more: Partial<Manifest> & { readonly status?: string; readonly canRollback?: boolean } = {},
): Release {
  const { status = "REMOVED", canRollback = true, ...manifest } = more;
  return {
    id,
    status,
    createdAt,
    statusUpdatedAt: createdAt,
    deploymentStopped: false,
    canRollback,
    instances: [],
    manifest: {
      commit: `commit of ${id}`,
      message: null,
      author: null,
      image: null,
      imageDigest: null,
      isKnown: true,
      startCommand: null,
      preDeployCommand: null,
      regions: {},
      ...manifest,
    },
  };
}
