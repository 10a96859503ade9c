import { asConfigured, findService } from "./acts.ts";
import type { Asker } from "./asker.ts";
import type { Platform } from "./platform.ts";
import { refuseWhenWithheld } from "./signals.ts";
import { authorize, notAuthorized } from "./tokens.ts";

type Place = { projectId: string; environmentId: string; serviceId?: string | null };

/** The variables of a service: read whole, written one by one. */
export function createVariables(platform: Platform) {
  const find = (place: Place, { identity }: Asker) => {
    authorize(identity, ["project", "account"]);
    // Shared variables of the environment are not part of the twin.
    const { projectId, environmentId, serviceId } = place;
    if (projectId !== platform.projectId || (serviceId ?? null) === null) throw notAuthorized();
    return findService(platform, { environmentId, serviceId: serviceId ?? "" });
  };
  return {
    variables(place: Place, asker: Asker) {
      refuseWhenWithheld(platform, "variables");
      return { ...find(place, asker).current.variables };
    },
    variableUpsert(
      { input }: { input: Place & { name: string; value: string; skipDeploys?: boolean | null } },
      asker: Asker,
    ) {
      const service = find(input, asker);
      const { variables } = service.current;
      service.current.variables = { ...variables, [input.name]: input.value };
      if (input.skipDeploys !== true) service.deploy(asConfigured(service, "variables"));
      return true;
    },
    /** There is no way to delete without a deployment. */
    variableDelete({ input }: { input: Place & { name: string } }, asker: Asker) {
      const service = find(input, asker);
      const { [input.name]: _, ...others } = service.current.variables;
      service.current.variables = others;
      service.deploy(asConfigured(service, "variables"));
      return true;
    },
  };
}
