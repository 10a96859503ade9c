import { randomUUID } from "node:crypto";
import type { Program } from "../processes/program.ts";
import type { Executions } from "./executions.ts";
import type { Recipe, Settings } from "./release.ts";
import { createReplica, type Instance, type Replica } from "./replica.ts";
import type { Terms } from "./terms.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

export type Reported = { status: string; statusUpdatedAt: number; stopped: boolean };

/** One deployment: what it was made of, how it is reported, and the replicas that run it. */
export type Deployment = {
  readonly id: string;
  readonly snapshotId: string;
  readonly createdAt: number;
  readonly recipe: Recipe;
  readonly status: Timeline<Reported>;
  readonly instances: Timeline<Instance[]>;
  readonly replicas: readonly Replica[];
  /** Whether it ever served. Only such a one has an image worth going back to. */
  wasLive: boolean;
  /** When it was removed after having been replaced. */
  removedAt: number | undefined;
  readonly signal: AbortSignal;
  report(status: string, stopped?: boolean): void;
  /** Starts as many replicas as the regions ask for. Returns whether all came up. */
  bringUp(regions: Settings["multiRegionConfig"]): Promise<boolean>;
  /** Adds and removes replicas of a deployment that runs. */
  scale(regions: Settings["multiRegionConfig"]): Promise<void>;
  /** Ends all replicas; `last` is the status they leave. */
  takeDown(last: string): Promise<void>;
  /** Ends and starts all replicas at once. With `fails` the new processes do not come up. */
  restart(fails: boolean): Promise<void>;
  /** Gives up what is under way. */
  abort(): void;
};

export type DeploymentParts = {
  recipe: Recipe;
  terms: Terms;
  executions: Executions;
  programFor: (recipe: Recipe) => Program | undefined;
  createdAt?: number;
  beforeOpen: () => Promise<void>;
  /** Whether crashed processes are started again, whatever the policy says. */
  isRevived: () => boolean;
  /** Called after each change of a replica. */
  changed: () => void;
};

/** A deployment nothing of which runs yet. */
export function createDeployment(parts: DeploymentParts): Deployment {
  const createdAt = parts.createdAt ?? Date.now();
  const id = randomUUID();
  const first = { status: "INITIALIZING", statusUpdatedAt: createdAt, stopped: false };
  const status = createTimeline<Reported>(first, createdAt);
  const instances = createTimeline<Instance[]>([], createdAt);
  const stopping = new AbortController();
  let replicas: Replica[] = [];

  const changed = () => {
    instances.record(
      replicas.map((it) => it.instance),
      Date.now(),
    );
    parts.changed();
  };
  const add = (region: string): Replica => {
    const replica = createReplica({
      deploymentId: id,
      region,
      program: parts.programFor(parts.recipe),
      settings: parts.recipe.settings,
      backoffMs: () => parts.terms.backoffMs,
      executions: parts.executions,
      beforeOpen: parts.beforeOpen,
      isRevived: parts.isRevived,
      changed,
      stopping: stopping.signal,
    });
    replicas = [...replicas, replica];
    return replica;
  };
  const deployment: Deployment = {
    id,
    snapshotId: randomUUID(),
    createdAt,
    recipe: parts.recipe,
    status,
    instances,
    get replicas() {
      return replicas;
    },
    wasLive: false,
    removedAt: undefined,
    signal: stopping.signal,
    report(next, stopped = false) {
      const now = Date.now();
      status.record({ status: next, statusUpdatedAt: now, stopped }, now);
    },
    async bringUp(regions) {
      const wanted = placesOf(regions).map(add);
      const came = await Promise.all(wanted.map((replica) => replica.start()));
      return came.every((it) => it);
    },
    async scale(regions) {
      const places = placesOf(regions);
      const kept = replicas.filter((replica) => {
        const place = places.indexOf(replica.region);
        if (place >= 0) places.splice(place, 1);
        return place >= 0;
      });
      const surplus = replicas.filter((replica) => !kept.includes(replica));
      replicas = kept;
      await Promise.all(places.map((region) => add(region).start()));
      changed();
      await Promise.all(surplus.map((replica) => replica.end("REMOVED")));
    },
    async takeDown(last) {
      await Promise.all(replicas.map((replica) => replica.end(last)));
    },
    async restart(fails) {
      deployment.report("DEPLOYING");
      for (const replica of replicas) replica.mark("RESTARTING");
      await deployment.takeDown("EXITED");
      if (stopping.signal.aborted) return;
      if (fails) for (const replica of replicas) replica.fail();
      else await Promise.all(replicas.map((replica) => replica.start()));
      deployment.report(isDown(replicas) ? "CRASHED" : "SUCCESS");
    },
    abort: () => stopping.abort(),
  };
  return deployment;
}

/** Whether every replica has given up. One that tries again keeps its deployment "SUCCESS". */
export function isDown(replicas: readonly Replica[]): boolean {
  return replicas.length > 0 && replicas.every((it) => it.instance.status === "CRASHED");
}

/** Whether a deployment is still being made. */
export function isInFlight(deployment: Deployment): boolean {
  return ["INITIALIZING", "QUEUED", "BUILDING", "DEPLOYING"].includes(
    deployment.status.current.status,
  );
}

/** One region's name for each replica wanted there. */
function placesOf(regions: Settings["multiRegionConfig"]): string[] {
  return Object.entries(regions).flatMap(([region, { numReplicas }]) =>
    Array.from({ length: numReplicas }, () => region),
  );
}
