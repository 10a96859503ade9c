import type { Release } from "../../src/railway/acts/release.ts";
import type { Railway } from "../../src/railway/railway.ts";
import { failure, success, type Result } from "../../src/railway/result.ts";
import type { Execution } from "../../src/railway/schema.ts";
import type { Instant } from "../../src/domain/time.ts";
import { problem } from "../../src/domain/problem.ts";

/** One service at the platform, as people and failures change it. Times are the week's. */
export class Service {
  readonly id: string;
  #releases: Release[] = [];
  #executions: Execution[] = [];
  /** A deployment is not shown before then. */
  readonly #shownFrom = new Map<string, Instant>();
  #runs = 0;

  constructor(id: string, commit: string, at: Instant) {
    this.id = id;
    this.deploy(`${id}-1`, commit, at);
  }

  /** A new deployment takes the place of the one that serves. */
  deploy(id: string, commit: string, at: Instant, shownFrom = at): void {
    this.#end("REMOVED", at);
    this.#releases = this.#releases.map((one) => ({ ...one, status: "REMOVED" }));
    this.#releases.unshift(releaseOf(id, commit, at));
    this.#shownFrom.set(id, shownFrom);
    this.#run(id, at);
  }

  crash(at: Instant): void {
    this.#end("CRASHED", at);
    this.#mark("CRASHED", at);
  }

  /** A new process of the same deployment. */
  restart(at: Instant): void {
    this.#end("EXITED", at);
    this.#mark("SUCCESS", at);
    this.#run(this.#releases[0]?.id ?? "", at);
  }

  releases(now: Instant): readonly Release[] {
    const shown = this.#releases.filter(({ id }) => (this.#shownFrom.get(id) ?? 0) <= now);
    const [newest, ...older] = shown;
    if (newest === undefined) return [];
    // What replaced it is not shown yet, so it is shown as it was.
    const status = newest.status === "REMOVED" ? "SUCCESS" : newest.status;
    return [{ ...newest, status }, ...older];
  }

  executions(now: Instant): readonly Execution[] {
    return this.#executions.filter(
      ({ deploymentId }) => (this.#shownFrom.get(deploymentId) ?? 0) <= now,
    );
  }

  #run(deploymentId: string, at: Instant): void {
    this.#runs += 1;
    const id = `${this.id}-run-${this.#runs}`;
    const run = { id, status: "RUNNING", createdAt: at, completedAt: null, deploymentId };
    this.#executions.unshift(run);
  }

  #end(status: string, at: Instant): void {
    this.#executions = this.#executions.map((run) =>
      run.completedAt === null ? { ...run, status, completedAt: at } : run,
    );
  }

  #mark(status: string, at: Instant): void {
    this.#releases = this.#releases.map((one, index) =>
      index === 0
        ? {
            ...one,
            status,
            statusUpdatedAt: at,
            instances: [
              { id: `${one.id}-i`, status: status === "CRASHED" ? "CRASHED" : "RUNNING" },
            ],
          }
        : one,
    );
  }
}

function releaseOf(id: string, commit: string, at: Instant): Release {
  return {
    id,
    status: "SUCCESS",
    statusUpdatedAt: at,
    createdAt: at,
    deploymentStopped: false,
    instances: [{ id: `${id}-i`, status: "RUNNING" }],
    canRollback: true,
    manifest: {
      commit,
      message: null,
      author: null,
      image: null,
      imageDigest: null,
      isKnown: true,
      startCommand: "npm start",
      preDeployCommand: null,
      regions: { "europe-west4": 1 },
    },
  };
}

/**
 * Railway as the actions read it, over those services. There is nothing in it that could be called to change something: an act
 * in shadow that tried would throw.
 */
export function railwayOver(
  services: { readonly [id: string]: Service },
  now: () => Instant,
): Railway {
  const of = <T>(id: string, read: (service: Service) => T): Promise<Result<T>> => {
    const service = services[id];
    return Promise.resolve(
      service === undefined ? failure(problem("railway-no-service")) : success(read(service)),
    );
  };
  const reading = {
    look: (id: string) =>
      of(id, (service) => {
        const deployments = service.releases(now());
        const [live] = deployments;
        const serviceInstance = {
          id: `${id}-instance`,
          serviceId: id,
          serviceName: id,
          latestDeployment: live ?? null,
          activeDeployments: live?.status === "SUCCESS" ? [live] : [],
        };
        return {
          environment: failure(problem("railway-unreadable")),
          service: success(serviceInstance),
          volumes: success([]),
          deployments: success(deployments),
          executions: success(service.executions(now())),
          platform: { state: "well", detail: "stable" },
        };
      }),
    acts: {
      releases: (id: string) => of(id, (service) => service.releases(now())),
      variables: (id: string) => of(id, () => []),
      regions: (id: string) => of(id, () => ({ "europe-west4": 1 })),
      autodeploy: (id: string) => of(id, () => ({ enabled: true, canEnable: true, reason: null })),
      logs: (id: string) => of(id.replace(/-\d+$/, ""), () => []),
    },
  };
  return reading as unknown as Railway;
}
