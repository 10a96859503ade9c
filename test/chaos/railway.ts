import type { Millis } from "../../src/domain/time.ts";
import type { Random } from "./random.ts";
import { answer, Refused, type Roots } from "./select.ts";
import {
  createService,
  deploy,
  REGION,
  restart,
  scale,
  type Deployment,
  type Service,
} from "./services.ts";
import type { VirtualTime } from "./time.ts";
import type { Asked, Said } from "./wire.ts";

/** How one request to Railway goes wrong. `after`: what was asked for was done all the same, or will be. */
export type Mishap =
  | "silence"
  | "silence-after"
  | "late"
  | "reset"
  | "reset-after"
  | "429"
  | "403"
  | "403-after"
  | "502"
  | "502-after"
  | "500-after"
  | "refused";

/** How Railway's picture of itself is wrong for a while. */
export interface Haze {
  /** `latestDeployment` is that of so long ago, everything else of `lagMs` ago. */
  latestLagMs: Millis;
  lagMs: Millis;
  /** What it does not show. */
  hides: ReadonlySet<"executions" | "instances" | "statusUpdatedAt" | "platformStatus">;
  isInTrouble: boolean;
}

/** A mutation as it arrived. `attempt` is whose call it was; `doneAt` is null until it is carried out, if `isDone` it ever is. */
export interface Mutation {
  readonly at: Millis;
  readonly operation: string;
  readonly service: string;
  readonly attempt: string | null;
  readonly mishap: Mishap | null;
  readonly isDone: boolean;
  doneAt: Millis | null;
}

export interface Railway {
  readonly services: { readonly [name: string]: Service };
  readonly mutations: readonly Mutation[];
  readonly haze: Haze;
  /** Answers one request; `attempt` is the one on whose behalf it is made. */
  ask(asked: Asked, attempt: string | null): Promise<Said>;
}

const SCOPE = { projectId: "project-1", environmentId: "environment-1" };
/** How much later than accepted a late call is carried out, at most: within the settle time of every action. */
const LATE_MS_MAX = 35_000;
const PICTURES_MAX = 200;

type Args = { readonly [name: string]: unknown };

/** Railway behind its GraphQL, with the names and shapes of the real one and nothing behind them but memory. */
export function createRailway(parts: {
  readonly time: VirtualTime;
  readonly random: Random;
  /** What goes wrong with the next request, if anything. */
  readonly mishap: (isMutation: boolean) => Mishap | null;
  readonly onMutation: (mutation: Mutation) => void;
}): Railway {
  const { time, random } = parts;
  const services = {
    "tradesense-backend": createService("tradesense-backend", "service-api", false),
    Postgres: createService("Postgres", "service-postgres", true),
    Redis: createService("Redis", "service-redis", false),
    elsewhere: createService("elsewhere", "service-elsewhere", false),
  };
  const all: readonly Service[] = Object.values(services);
  const epoch = time.now();
  const mutations: Mutation[] = [];
  const haze: Haze = { latestLagMs: 1_200, lagMs: 0, hides: new Set(), isInTrouble: false };
  /** Older pictures of the services, for what is shown late. */
  const pictures: { at: Millis; text: string; of: readonly Service[] | null }[] = [];

  const dateOf = (elapsed: Millis): string => new Date(epoch + elapsed).toISOString();
  const byId = (id: unknown, of: readonly Service[]): Service => {
    const found = of.find((service) => service.id === id);
    if (found === undefined) throw new Refused("ServiceInstance not found");
    return found;
  };

  function takePicture(): void {
    const text = JSON.stringify(all);
    if (pictures.at(-1)?.text === text) return;
    pictures.push({ at: time.elapsed, text, of: null });
    if (pictures.length > PICTURES_MAX) pictures.shift();
  }
  function asOf(lagMs: Millis): readonly Service[] {
    if (lagMs === 0) return all;
    const picture = pictures.findLast(({ at }) => at <= time.elapsed - lagMs) ?? pictures[0];
    if (picture === undefined) return all;
    return (picture.of ??= JSON.parse(picture.text) as Service[]);
  }

  const nodeOf = (one: Deployment) => ({
    id: one.id,
    status: one.status,
    statusUpdatedAt: haze.hides.has("statusUpdatedAt") ? null : dateOf(one.statusUpdatedAt),
    createdAt: dateOf(one.createdAt),
    deploymentStopped: one.stopped,
    canRollback: one.wasLive && one.status === "REMOVED",
    instances: haze.hides.has("instances") ? [] : one.instances,
    meta: metaOf(one),
  });
  const isActive = ({ status }: Deployment): boolean =>
    ["SUCCESS", "DEPLOYING", "CRASHED"].includes(status);
  const edges = (nodes: readonly unknown[]) => ({
    edges: nodes.map((node) => ({ node })),
    pageInfo: { hasNextPage: false, endCursor: null },
  });

  const queries: Roots = {
    projectToken: () => ({
      id: "t",
      name: "simulation",
      ...SCOPE,
      project: { id: SCOPE.projectId, name: "simulation" },
      environment: { id: SCOPE.environmentId, name: "production" },
    }),
    environment: () => {
      const late = asOf(haze.lagMs + haze.latestLagMs);
      const instances = asOf(haze.lagMs).map((service) => ({
        id: `${service.id}-instance`,
        serviceId: service.id,
        serviceName: service.name,
        numReplicas: service.replicas,
        latestDeployment: late
          .filter(({ id }) => id === service.id)
          .flatMap(({ deployments }) => deployments.slice(0, 1).map(nodeOf))[0],
        activeDeployments: service.deployments.filter(isActive).map(nodeOf),
      }));
      const volumes = all
        .filter(({ hasVolume }) => hasVolume)
        .map(({ id }) => ({
          id: `${id}-volume`,
          serviceId: id,
          mountPath: "/var/lib",
          currentSizeMB: 300,
          sizeMB: 5_000,
          state: "READY",
        }));
      const deployOf = (service: Service) => ({
        deploy: { multiRegionConfig: { [REGION]: { numReplicas: service.replicas } } },
      });
      return {
        id: SCOPE.environmentId,
        name: "production",
        serviceInstances: edges(instances),
        volumeInstances: edges(volumes),
        config: { services: Object.fromEntries(all.map((one) => [one.id, deployOf(one)])) },
      };
    },
    deployments: ({ input }) =>
      edges(byId((input as Args)["serviceId"], asOf(haze.lagMs)).deployments.map(nodeOf)),
    deploymentInstanceExecutions: ({ input }) => {
      if (haze.hides.has("executions")) return edges([]);
      const { executions } = byId((input as Args)["serviceId"], asOf(haze.lagMs));
      return edges(
        executions.map((run) => ({
          ...run,
          createdAt: dateOf(run.createdAt),
          completedAt: run.completedAt === null ? null : dateOf(run.completedAt),
        })),
      );
    },
    platformStatus: () => {
      if (haze.hides.has("platformStatus")) throw new Refused("Problem processing request");
      const incident = { id: "i", message: "Deploys are slow", status: "INVESTIGATING", url: "" };
      return {
        isStable: !haze.isInTrouble,
        incident: haze.isInTrouble ? { ...incident, createdAt: dateOf(0) } : null,
        maintenance: null,
      };
    },
    metrics: () => [],
    httpMetricsGroupedByStatus: () => [],
    httpDurationMetrics: () => ({ samples: [] }),
    environmentLogs: () => [],
    deploymentLogs: () => [],
    buildLogs: () => [],
    variables: () => ({ DATABASE_URL: "set", PORT: "8080" }),
    serviceInstanceAutoDeployStatus: ({ serviceId }) => ({
      enabled: byId(serviceId, all).autodeploy,
      canEnable: true,
      reason: null,
    }),
    environmentPatch: ({ id }) => ({
      id,
      status: "COMMITTED",
      appliedAt: dateOf(0),
      lastAppliedError: null,
    }),
  };

  /** What a mutation does, once it is carried out, and what is answered. */
  function effectOf(name: string, args: Args): { service: Service; run: () => unknown } {
    const owner = (): Service => {
      const found = all.find(({ deployments }) => deployments.some(({ id }) => id === args["id"]));
      if (found === undefined) throw new Refused("Deployment not found");
      return found;
    };
    const input = (args["input"] ?? {}) as Args;
    const begin = (work: Promise<void>): void => void work.then(takePicture);
    switch (name) {
      case "deploymentRestart": {
        const service = owner();
        return { service, run: () => (begin(restart(service, time)), true) };
      }
      case "deploymentRollback":
      case "deploymentRedeploy": {
        const service = owner();
        const of = service.deployments.find(({ id }) => id === args["id"]);
        const run = (): unknown => {
          begin(deploy(service, of?.commit ?? null, time));
          return name === "deploymentRollback" ? true : { id: service.deployments[0]?.id };
        };
        return { service, run };
      }
      case "serviceInstanceDeployV2": {
        const service = byId(args["serviceId"], all);
        const run = (): unknown => {
          begin(deploy(service, service.live.commit, time));
          return service.deployments[0]?.id;
        };
        return { service, run };
      }
      case "serviceInstanceAutoDeployUpdate": {
        const service = byId(input["serviceId"], all);
        const enabled = input["enabled"] === true;
        return { service, run: () => ((service.autodeploy = enabled), { enabled }) };
      }
      case "environmentPatchCommit": {
        const { services: patched } = args["patch"] as { services: { [id: string]: Patched } };
        const [[id, to] = ["", undefined]] = Object.entries(patched);
        const service = byId(id, all);
        const count = to?.deploy.multiRegionConfig[REGION]?.numReplicas ?? 1;
        return { service, run: () => (begin(scale(service, count, time)), "patch-1") };
      }
      default:
        throw new Error(`the double knows no mutation ${name}`);
    }
  }

  async function mutate(
    body: Body,
    attempt: string | null,
    mishap: Mishap | null,
  ): Promise<string | null> {
    let recorded: Mutation | null = null;
    const isDone = mishap === null || /-after$|^late$/.test(mishap);
    const root =
      (name: string) =>
      (args: Args): unknown => {
        const { service, run } = effectOf(name, args);
        recorded = {
          at: time.elapsed,
          operation: name,
          service: service.name,
          attempt,
          mishap,
          isDone,
          doneAt: null,
        };
        const mutation: Mutation = recorded;
        mutations.push(mutation);
        parts.onMutation(mutation);
        if (!isDone) throw new Refused("nobody hears this");
        const carryOut = (): unknown => {
          takePicture();
          mutation.doneAt = time.elapsed;
          const said = run();
          takePicture();
          return said;
        };
        if (mishap !== "late") return carryOut();
        time.after(random.int(1_000, LATE_MS_MAX), () => void carryOut());
        throw new Refused("nobody hears this");
      };
    const roots = Object.fromEntries(MUTATIONS.map((name) => [name, root(name)]));
    return JSON.stringify(answer(body.query, body.variables, roots));
  }

  return {
    services,
    mutations,
    haze,
    async ask(asked, attempt) {
      if (asked.url.pathname !== "/graphql/v2") return { kind: "answer", status: 404, body: "" };
      const body = JSON.parse(asked.body) as Body;
      const isMutation = body.query.startsWith("mutation");
      const mishap = parts.mishap(isMutation);
      await time.latency(random.int(20, 400));
      takePicture();
      if (mishap === "429") return tooMany(random.int(2, 40));
      if (mishap === "refused") return { kind: "refused" };
      const text = isMutation
        ? await mutate(body, attempt, mishap)
        : JSON.stringify(answer(body.query, body.variables, queries));
      await time.latency(random.int(20, 400));
      return mishap === null ? { kind: "answer", status: 200, body: text ?? "" } : spoil(mishap);
    },
  };
}

interface Body {
  readonly query: string;
  readonly variables: Args;
}

interface Patched {
  readonly deploy: {
    readonly multiRegionConfig: { readonly [region: string]: { readonly numReplicas: number } };
  };
}

const MUTATIONS = [
  "deploymentRestart",
  "deploymentRollback",
  "deploymentRedeploy",
  "serviceInstanceDeployV2",
  "serviceInstanceAutoDeployUpdate",
  "environmentPatchCommit",
];

function tooMany(seconds: number): Said {
  const headers = { "retry-after": String(seconds) };
  return { kind: "answer", status: 429, headers, body: "Too Many Requests" };
}

const HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body>cf-ray</body></html>";

function spoil(mishap: Mishap): Said {
  switch (mishap) {
    case "403":
    case "403-after":
      return { kind: "answer", status: 403, body: HTML };
    case "502":
    case "502-after":
      return { kind: "answer", status: 502, body: HTML };
    case "500-after": {
      const errors = [{ message: "Problem processing request" }];
      return { kind: "answer", status: 500, body: JSON.stringify({ data: null, errors }) };
    }
    case "reset":
    case "reset-after":
      return { kind: "reset" };
    default:
      return { kind: "silence" };
  }
}

function metaOf({ commit }: Deployment): unknown {
  const deploy = { multiRegionConfig: { [REGION]: { numReplicas: 1 } }, startCommand: "start" };
  if (commit === null) return { image: "postgres:18", serviceManifest: { deploy } };
  return {
    commitHash: commit,
    commitMessage: `release ${commit.slice(0, 3)}`,
    commitAuthor: "ann",
    imageDigest: `sha256:${commit}`,
    serviceManifest: { deploy },
  };
}
