import { setTimeout as pause } from "node:timers/promises";
import { GraphQLError } from "graphql";
import type { Asker } from "./asker.ts";
import { isInFlight, type Deployment } from "./deployment.ts";
import { canRollback } from "./manifest.ts";
import type { Platform } from "./platform.ts";
import type { RailwayService } from "./railway-service.ts";
import type { Recipe } from "./release.ts";
import { authorize, notAuthorized } from "./tokens.ts";
import { deploymentView, shownDeployments } from "./views.ts";

type Place = { serviceId: string; environmentId: string };

/** Acts on deployments. "True" means accepted: what it leads to comes later, if at all. */
export function createActs(platform: Platform) {
  const may = ({ identity }: Asker) => authorize(identity, ["project", "account"]);
  return {
    deploymentRestart({ id }: { id: string }, asker: Asker) {
      may(asker);
      const { service, deployment } = findDeployment(platform, id);
      if (deployment !== service.live) throw new GraphQLError("Deployment cannot be restarted");
      // The answer does not wait for the new process.
      void platform.restart(service);
      return true;
    },
    deploymentRollback({ id }: { id: string }, asker: Asker) {
      may(asker);
      const { service, deployment } = findDeployment(platform, id);
      if (!canRollback(service, deployment, platform.terms, Date.now())) {
        throw new GraphQLError("Deployment cannot be rolled back");
      }
      void later(platform, () => rollBack(service, deployment));
      return true;
    },
    deploymentRedeploy(args: { id: string; usePreviousImageTag?: boolean | null }, asker: Asker) {
      may(asker);
      const { service, deployment } = findDeployment(platform, args.id);
      // The variables of then, not those of now.
      const build = args.usePreviousImageTag !== true && deployment.recipe.release.commit !== null;
      const made = service.deploy({ ...deployment.recipe, reason: "redeploy", build });
      return deploymentView(platform, service, made);
    },
    deploymentCancel({ id }: { id: string }, asker: Asker) {
      may(asker);
      const { service, deployment } = findDeployment(platform, id);
      if (!isInFlight(deployment)) throw new GraphQLError("Deployment cannot be cancelled");
      void service.cancel(deployment);
      return true;
    },
    deploymentStop({ id }: { id: string }, asker: Asker) {
      may(asker);
      const { service, deployment } = findDeployment(platform, id);
      void service.halt(deployment);
      return true;
    },
    serviceInstanceRedeploy(place: Place, asker: Asker) {
      may(asker);
      const service = findService(platform, place);
      void later(platform, () => service.deploy(asConfigured(service, "redeploy")));
      return true;
    },
    serviceInstanceDeployV2(args: Place & { commitSha?: string | null }, asker: Asker) {
      may(asker);
      const service = findService(platform, args);
      const commit = args.commitSha ?? null;
      const release =
        commit === null
          ? service.live.recipe.release
          : platform.releases.find((it) => it.commit === commit);
      if (release === undefined) throw new GraphQLError("Commit not found");
      return service.deploy({ ...asConfigured(service, "deploy"), release }).id;
    },
    serviceInstanceAutoDeployStatus(place: Place & { projectId: string }, asker: Asker) {
      may(asker);
      const service = findService(platform, place);
      const { autodeploy } = service.current;
      if (!service.runsCode) {
        return { enabled: false, canEnable: false, reason: "The service has no repository" };
      }
      const reason = platform.faults.find("autodeploy-locked", service.name)?.fault.reason ?? null;
      return { enabled: autodeploy, canEnable: reason === null, reason };
    },
    serviceInstanceAutoDeployUpdate(
      { input }: { input: Place & { projectId: string; enabled: boolean } },
      asker: Asker,
    ) {
      may(asker);
      const service = findService(platform, input);
      const isLocked = platform.faults.find("autodeploy-locked", service.name) !== undefined;
      if (!service.runsCode || (input.enabled && isLocked)) {
        throw new GraphQLError("Auto deploys cannot be enabled");
      }
      service.current.autodeploy = input.enabled;
      return { enabled: input.enabled };
    },
  };
}

/** What deploying the service as it is configured now means: the commit that serves, today's settings and variables. */
export function asConfigured(service: RailwayService, reason: string): Recipe {
  const { settings, variables } = service.current;
  const { release } = service.live.recipe;
  return { release, settings, variables: { ...variables }, reason, build: release.commit !== null };
}

/** The deployment of an id that is shown. A service's id is told apart, as Railway does. */
export function findDeployment(
  platform: Platform,
  id: string,
): { service: RailwayService; deployment: Deployment } {
  assertUuid(id);
  for (const service of platform.services) {
    const deployment = shownDeployments(platform, service).find((it) => it.id === id);
    if (deployment !== undefined) return { service, deployment };
    if (service.id === id) throw new GraphQLError("Deployment not found");
  }
  throw notAuthorized();
}

/** The service of an id, in the one environment there is. */
export function findService(platform: Platform, { serviceId, environmentId }: Place) {
  const found = platform.services.find((it) => it.id === serviceId);
  if (environmentId !== platform.environmentId || found === undefined) throw notAuthorized();
  return found;
}

/** Railway's answer to what is no id at all. */
export function assertUuid(id: string): void {
  if (!UUID.test(id)) throw new GraphQLError("Problem processing request");
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Image, settings and variables come back; how many replicas there are is the environment's affair. */
function rollBack(service: RailwayService, target: Deployment): void {
  const { multiRegionConfig } = service.current.settings;
  const settings = { ...target.recipe.settings, multiRegionConfig };
  const variables = { ...target.recipe.variables };
  service.configure(settings);
  service.current.variables = variables;
  service.deploy({ ...target.recipe, settings, variables, reason: "rollback", build: false });
}

async function later(platform: Platform, step: () => unknown): Promise<void> {
  await pause(platform.terms.acceptMs, undefined, { ref: false });
  step();
}
