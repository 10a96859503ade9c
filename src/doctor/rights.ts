import type { Look } from "../railway/railway.ts";
import { liveDeployment } from "../railway/live.ts";
import { problem, type Problem } from "../domain/problem.ts";
import { success, type Result } from "../railway/result.ts";
import type { Asking } from "./finding.ts";

/** What an act needs to read first, beside the look at its service. A read is called for real; what it says is not kept. */
type Read = (asking: Asking, serviceId: string, look: Look) => Promise<Result<unknown>>;

interface Right {
  readonly read?: Read;
  /** Whether a project token may do it, from what others published; `null` where nobody wrote it down. Railway publishes no rights. */
  readonly reported: string | null;
}

const CLI = "Railway's own command line does it with a project token";

/** By action. What is not here needs the look only, and nobody said whether a token may. */
const RIGHTS: { readonly [action: string]: Right } = {
  restart: { reported: CLI },
  redeploy: { reported: CLI },
  rollback: {
    read: ({ railway, call }, serviceId) => railway.acts.releases(serviceId, call),
    reported: "others do it with a project token",
  },
  variable: {
    read: ({ railway, call }, serviceId) => railway.acts.variables(serviceId, call),
    reported: CLI,
  },
  scale: {
    read: ({ railway, call }, serviceId) => railway.acts.regions(serviceId, call),
    reported: null,
  },
  "freeze-autodeploy": {
    read: ({ railway, call }, serviceId) => railway.acts.autodeploy(serviceId, call),
    reported: null,
  },
  "cancel-deploy": { reported: null },
  inspect: { reported: "reading is all it does" },
  "collect-evidence": {
    read: async ({ railway, call }, _serviceId, look) => {
      const deployments = look.deployments.ok ? look.deployments.value : undefined;
      const live = look.service.ok ? liveDeployment(look.service.value, deployments) : null;
      if (live === null) return success([]);
      return railway.acts.logs(live.id, { filter: "", limit: 1 }, call);
    },
    reported: "reading is all it does",
  },
};

/** Why an action could not even be prepared, or null. */
export async function refusalOf(
  action: string,
  asking: Asking,
  serviceId: string,
  look: Look,
): Promise<Problem | null> {
  for (const part of [look.service, look.deployments, look.volumes])
    if (!part.ok) return part.problem;
  const read = RIGHTS[action]?.read;
  if (read === undefined) return null;
  await asking.rest();
  const came = await read(asking, serviceId, look);
  if (came.ok) return null;
  const { code, detail } = came.problem;
  return problem(code, `what it has to read first: ${detail}`);
}

/** What is known of an act with a token of this kind; `null` where nobody can say before the first time. */
export function reportOf(action: string, kind: "project" | "bearer"): string | null {
  if (kind === "bearer") return "the token may do what its owner may";
  return RIGHTS[action]?.reported ?? null;
}
