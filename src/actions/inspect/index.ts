import type { Inspection } from "../../domain/evidence.ts";
import type { JsonObject } from "../../domain/json.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { isInFlight, liveDeployment } from "../../railway/live.ts";
import type { Look } from "../../railway/railway.ts";
import type { Volume } from "../../railway/schema.ts";
import { liveIn } from "../acting.ts";
import { changesIn } from "../changes.ts";
import type { ActionDefinition } from "../definition.ts";
import { noPreparation, Nothing, noTrace } from "../preparation.ts";
import { lastRelease } from "./last-release.ts";

/** Asks Railway how it sees the target: platform, deployment, instances, volume. Changes nothing. */
export const definition: ActionDefinition = {
  traits: {
    kind: "inspect",
    effect: "look",
    repeat: "idempotent",
    deadlineMs: 10 * SECOND_MS,
    settleMs: 10 * SECOND_MS,
  },
  with: Nothing,
  create: ({ finder, errors: errorsOf }) => ({
    prepare: noPreparation,
    perform: async (attempt, signal) => {
      const found = await finder(attempt.target, { signal, purpose: "act" });
      if (!found.ok) return { kind: "rejected", problem: found.problem };
      const look = await found.value.railway.look(found.value.serviceId, {
        signal,
        purpose: "act",
      });
      if (!look.ok) return { kind: "rejected", problem: look.problem };
      if (!look.value.service.ok) return { kind: "rejected", problem: look.value.service.problem };
      const seen = inspectionFrom(look.value);
      const call = { signal, purpose: "act" as const };
      const releases = await found.value.railway.acts.releases(found.value.serviceId, call);
      const release = releases.ok
        ? lastRelease(releases.value, liveIn(look.value)?.id ?? null)
        : undefined;
      const errors = errorsOf(attempt.target);
      const inspection: Inspection = {
        ...seen,
        ...(release === undefined ? {} : { release }),
        ...(errors === null ? {} : { errors }),
      };
      // A look back, when the incident is over, asks what people did about it.
      const changes =
        attempt.slot === "evidence"
          ? changesIn(look.value, releases.ok ? releases.value : [])
          : undefined;
      return {
        kind: "done",
        evidence: {
          inspection: inspection as unknown as JsonObject,
          ...(changes === undefined ? {} : { changes: changes as unknown as JsonObject[] }),
        },
      };
    },
    sight: noTrace,
  }),
};

/** What the diagnosis needs of a look. */
export function inspectionFrom(look: Look): Inspection {
  const deployments = look.deployments.ok ? look.deployments.value : undefined;
  const service = look.service.ok ? look.service.value : null;
  const live = service === null ? null : liveDeployment(service, deployments);
  const newest = deployments?.[0] ?? service?.latestDeployment ?? null;
  const volume = look.volumes.ok ? worst(look.volumes.value) : null;
  return {
    platform: look.platform.state,
    deployment:
      live === null
        ? stoppedDeployment(look)
        : { status: live.status, stopped: live.deploymentStopped },
    inFlight:
      newest !== null && isInFlight(newest)
        ? newest.status
        : live !== null && isInFlight(live)
          ? live.status
          : null,
    instances: live?.instances.map((instance) => instance.status) ?? [],
    volume:
      volume === null
        ? null
        : {
            state: volume.state,
            usedShare: volume.sizeMB > 0 ? volume.currentSizeMB / volume.sizeMB : null,
          },
  };
}

/** Nothing serves, but the newest deployment was stopped on purpose: that is another story than "none". */
function stoppedDeployment(look: Look): Inspection["deployment"] {
  const newest = look.deployments.ok ? look.deployments.value[0] : undefined;
  return newest?.deploymentStopped === true ? { status: newest.status, stopped: true } : null;
}

/** The one volume that speaks loudest against touching the service. */
function worst(volumes: readonly Volume[]): Volume | null {
  return (
    volumes.find((volume) => volume.state !== null && volume.state !== "READY") ??
    volumes[0] ??
    null
  );
}
