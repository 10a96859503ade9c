import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { GraphQLError } from "graphql";
import { z } from "zod";
import { asConfigured } from "./acts.ts";
import type { Asker } from "./asker.ts";
import type { Platform } from "./platform.ts";
import type { RailwayService } from "./railway-service.ts";
import type { Settings } from "./release.ts";
import { REPLICAS_MAX } from "./terms.ts";
import { authorize, notAuthorized } from "./tokens.ts";
import { date } from "./views.ts";

/** A committed change of the environment's configuration, on its way or applied. */
export type Patch = {
  id: string;
  createdAt: number;
  message: string | null;
  appliedAt: number | null;
  error: string | null;
};

const regions = z.record(
  z.string(),
  z.strictObject({ numReplicas: z.number().int().min(1).max(50) }).nullable(),
);
const deploySchema = z.strictObject({
  multiRegionConfig: regions.optional(),
  startCommand: z.string().nullable().optional(),
  preDeployCommand: z.array(z.string()).nullable().optional(),
  healthcheckPath: z.string().nullable().optional(),
  restartPolicyType: z.enum(["ALWAYS", "NEVER", "ON_FAILURE"]).optional(),
  restartPolicyMaxRetries: z.number().int().nonnegative().optional(),
});
// What the twin does not understand it refuses: `isDeleted` would delete a service on the real platform.
const patchSchema = z.strictObject({
  services: z.record(z.string(), z.strictObject({ deploy: deploySchema })),
});

type Deploy = z.infer<typeof deploySchema>;

/** The environment's configuration: read, patched, and the patch's own way to its end. */
export function createPatches(platform: Platform) {
  const patches: Patch[] = [];
  const may = ({ identity }: Asker) => authorize(identity, ["project", "account"]);
  return {
    environmentPatchCommit(
      args: { environmentId: string; patch: unknown; commitMessage?: string | null },
      asker: Asker,
    ) {
      may(asker);
      if (args.environmentId !== platform.environmentId) throw notAuthorized();
      const changes = readChanges(platform, args.patch);
      const patch: Patch = {
        id: randomUUID(),
        createdAt: Date.now(),
        message: args.commitMessage ?? null,
        appliedAt: null,
        error: null,
      };
      patches.push(patch);
      void applyLater(platform, patch, changes);
      return patch.id;
    },
    environmentPatch({ id }: { id: string }, asker: Asker) {
      may(asker);
      const patch = patches.find((it) => it.id === id);
      if (patch === undefined || platform.terms.patchIdIs !== "patch") throw notAuthorized();
      return patchView(platform, patch);
    },
    workflowStatus({ workflowId }: { workflowId: string }, asker: Asker) {
      may(asker);
      const patch = patches.find((it) => it.id === workflowId);
      if (patch === undefined || platform.terms.patchIdIs !== "workflow") {
        return { status: "NotFound", error: null };
      }
      const status = patch.appliedAt === null ? "Running" : "Complete";
      return { status: patch.error === null ? status : "Error", error: patch.error };
    },
  };
}

/** The environment's configuration as it is shown now. Values of variables only when asked for in the clear. */
export function configView(platform: Platform, decryptVariables: boolean) {
  const shown = platform.visibility("config");
  const services = platform.services.map((service) => {
    const settings = service.settings.shown(shown, Date.now());
    const { release, variables } = service.current;
    const shownVariables = Object.entries(variables).map(([name, value]) => [
      name,
      { value: decryptVariables ? value : "*****" },
    ]);
    const source = release.image === null ? { repo: release.repo } : { image: release.image };
    const variablesOf = Object.fromEntries(shownVariables);
    return [service.id, { source, deploy: settings, variables: variablesOf }];
  });
  return { services: Object.fromEntries(services) };
}

function readChanges(platform: Platform, patch: unknown): [RailwayService, Deploy][] {
  const read = patchSchema.safeParse(patch);
  if (!read.success) throw new GraphQLError(`Invalid patch: ${z.prettifyError(read.error)}`);
  return Object.entries(read.data.services).map(([id, { deploy }]) => {
    const service = platform.services.find((it) => it.id === id);
    if (service === undefined) throw notAuthorized();
    const total = totalOf(merged(service.current.settings, deploy));
    if (service.hasVolume && total > 1) {
      throw new GraphQLError("A service with a volume cannot have replicas");
    }
    return [service, deploy];
  });
}

async function applyLater(
  platform: Platform,
  patch: Patch,
  changes: [RailwayService, Deploy][],
): Promise<void> {
  await pause(platform.terms.applyMs, undefined, { ref: false });
  const most = REPLICAS_MAX[platform.terms.plan];
  const isTooMany = changes.some(
    ([service, deploy]) => totalOf(merged(service.current.settings, deploy)) > most,
  );
  if (isTooMany) {
    patch.error = `The plan allows ${most} replicas`;
    return;
  }
  for (const [service, deploy] of changes) {
    const { multiRegionConfig: _, ...others } = deploy;
    const settings = merged(service.current.settings, deploy);
    service.configure(settings);
    // More replicas start from the running image; anything else takes a deployment.
    if (Object.keys(others).length > 0) service.deploy(asConfigured(service, "deploy"));
    else void service.scale(settings.multiRegionConfig);
  }
  patch.appliedAt = Date.now();
}

/** Regions are merged one by one; null empties one. */
function merged(settings: Settings, deploy: Deploy): Settings {
  const { multiRegionConfig = {}, ...others } = deploy;
  const regions = { ...settings.multiRegionConfig };
  for (const [region, at] of Object.entries(multiRegionConfig)) {
    if (at === null) delete regions[region];
    else regions[region] = at;
  }
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(given), multiRegionConfig: regions };
}

function totalOf(settings: Settings): number {
  return Object.values(settings.multiRegionConfig).reduce((sum, at) => sum + at.numReplicas, 0);
}

function patchView(platform: Platform, patch: Patch) {
  return {
    id: patch.id,
    environmentId: platform.environmentId,
    createdAt: date(patch.createdAt),
    updatedAt: date(patch.appliedAt ?? patch.createdAt),
    appliedAt: patch.appliedAt === null ? null : date(patch.appliedAt),
    message: patch.message,
    lastAppliedError: patch.error,
    status: patch.appliedAt === null ? (patch.error === null ? "APPLYING" : "STAGED") : "COMMITTED",
  };
}
