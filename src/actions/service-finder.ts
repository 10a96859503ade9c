import { problem } from "../domain/problem.ts";
import type { Call } from "../railway/graphql.ts";
import type { Railway } from "../railway/railway.ts";
import { failure, success, type Result } from "../railway/result.ts";

/** Where a target lives on Railway; never the daemon's own service. */
export type ServiceFinder = (
  target: string,
  call: Call,
) => Promise<Result<{ readonly railway: Railway; readonly serviceId: string }>>;

export interface FinderParts {
  readonly railway: Railway | null;
  /** Target → Railway service name or id. */
  readonly services: { readonly [target: string]: string | null };
  readonly own: { readonly id: string | null; readonly name: string | null };
}

/** Resolves names once and keeps the ids, so that acting does not depend on a list that lags. */
export function createFinder(parts: FinderParts): ServiceFinder {
  const known = new Map<string, string>();
  return async (target, call) => {
    const name = parts.services[target] ?? null;
    if (parts.railway === null || name === null) {
      return failure(
        problem("not-configured", `${target} has no Railway service or there is no token`),
      );
    }
    let serviceId = known.get(target);
    if (serviceId === undefined) {
      const service = await parts.railway.service(name, call);
      if (!service.ok) return service;
      serviceId = service.value.serviceId;
      known.set(target, serviceId);
    }
    if (serviceId === parts.own.id || name === parts.own.name) {
      return failure(problem("own-service", `${name} is Signalman's own service`));
    }
    return success({ railway: parts.railway, serviceId });
  };
}
