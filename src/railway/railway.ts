import assert from "node:assert/strict";

import { problem, type Problem } from "../domain/problem.ts";
import type { Millis } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import { createActs, type Acts } from "./acts/index.ts";
import { createBudget, type BudgetState, type Plan } from "./budget.ts";
import { createGraphql, type Call, type Graphql, type OpenAgent } from "./graphql.ts";
import { createLooker, only, read } from "./look.ts";
import { OPERATIONS, type Part } from "./operations.ts";
import { fromApi, fromFeed, type Platform } from "./platform.ts";
import type { Feature } from "./poll/aliases.ts";
import { createAsker } from "./poll/asker.ts";
import { createPoller } from "./poll/poller.ts";
import type { Poller } from "./poll/sight.ts";
import { failure, success, type Result } from "./result.ts";
import { AccountIdentity, BearerIdentity, ProjectIdentity } from "./schema.ts";
import type { Deployment, Environment, Execution, ServiceInstance, Volume } from "./schema.ts";

export interface RailwayOptions {
  readonly endpoint: string;
  /** `project`: RAILWAY_TOKEN; `bearer`: an account or workspace token. */
  readonly token: { readonly kind: "project" | "bearer"; readonly value: string };
  readonly projectId: string;
  readonly environmentId: string;
  readonly plan: Plan;
  /** Share of the hourly budget that only acts may use; 0.3 when left out. */
  readonly reserveShare?: number;
  /** Railway's public status feed, asked when the API does not say. */
  readonly statusUrl: string;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Longest time of one query; 10 s when left out. */
  readonly queryDeadlineMs?: Millis;
  /** Longest time of one mutation; 20 s when left out. */
  readonly mutationDeadlineMs?: Millis;
  /** Hears in words when the shared poll slows down or takes more requests, and when that is over. */
  readonly note?: (text: string) => void;
  /** Makes what carries requests; undici's own agent when left out. */
  readonly agent?: OpenAgent;
}

/** Who we are to Railway. `label` is fit for a log line. */
export type Identity =
  | {
      readonly kind: "project";
      readonly projectId: string;
      readonly environmentId: string;
      readonly label: string;
    }
  | { readonly kind: "bearer"; readonly workspaces: readonly string[]; readonly label: string };

/** One look at a service and its surroundings. A part that failed costs only itself. */
export interface Look {
  readonly environment: Result<Environment>;
  /** The service itself, out of the environment. */
  readonly service: Result<ServiceInstance>;
  /** Volumes of this service. */
  readonly volumes: Result<readonly Volume[]>;
  /** Newest first. */
  readonly deployments: Result<readonly Deployment[]>;
  /** Newest first. */
  readonly executions: Result<readonly Execution[]>;
  readonly platform: Platform;
}

/**
 * The part of Railway this daemon uses. Nothing throws: failures are problems with the codes `railway-*`.
 * Queries may be sent twice, mutations never.
 */
export interface Railway {
  readonly tokenKind: RailwayOptions["token"]["kind"];
  /** Proves who the token is. An invalid bearer token is served as anonymous, so silence is no proof. */
  identify(call: Call): Promise<Result<Identity>>;
  /** Whether a bearer token is one of a person and not of a workspace. */
  isAccount(call: Call): Promise<Result<boolean>>;
  environment(call: Call): Promise<Result<Environment>>;
  /** By name or id; `railway-no-service` lists the names there are. */
  service(nameOrId: string, call: Call): Promise<Result<ServiceInstance>>;
  executions(serviceId: string, call: Call): Promise<Result<readonly Execution[]>>;
  /** All of it in one request. */
  look(serviceId: string, call: Call): Promise<Result<Look>>;
  /** By the API, else by the status feed, else `unknown`; always an answer. */
  platformStatus(call: Call): Promise<Result<Platform>>;
  /** True means accepted, not done. Sent once; `ambiguous` when nobody can tell whether it was carried out. */
  restart: Acts["restart"];
  /** Everything else that can be done to a service. */
  readonly acts: Acts;
  budget(): BudgetState;
  /** The one poll of all guarded services. */
  readonly poller: Poller;
  /** Parts of a look or a poll this server refuses to know. */
  leftOut(): { readonly [part in Part | Feature]?: Problem };
  /** Cuts what is under way. */
  close(): Promise<void>;
}

/** Opens no connection by itself. Throws on a token or endpoint no request could be made with. */
export function createRailway(options: RailwayOptions): Railway {
  const { clock, projectId, environmentId, token } = options;
  assert(/^[\x21-\x7e]+$/.test(token.value), "the Railway token is empty or holds blanks");
  assert(URL.canParse(options.endpoint), "the Railway endpoint is no URL");
  const budget = createBudget(options.plan, options.reserveShare ?? 0.3);
  const graphql = createGraphql({
    endpoint: options.endpoint,
    token,
    userAgent: options.userAgent,
    clock,
    budget,
    queryDeadlineMs: options.queryDeadlineMs ?? 10_000,
    mutationDeadlineMs: options.mutationDeadlineMs ?? 20_000,
    ...(options.agent === undefined ? {} : { agent: options.agent }),
  });
  const looker = createLooker(graphql, clock);
  const scope = { projectId, environmentId };
  const acts = createActs(graphql, scope);
  const asker = createAsker(graphql, clock);
  const poller = createPoller({ asker, clock, budget, scope, note: options.note ?? (() => {}) });

  async function feedOr(why: Problem, signal: AbortSignal): Promise<Platform> {
    const came = await graphql.get(options.statusUrl, signal);
    const isAnswer = came.kind === "answer" && came.status === 200;
    const platform = isAnswer ? fromFeed(jsonOf(came.text)) : null;
    if (platform !== null) return platform;
    const feed = came.kind === "answer" ? `HTTP ${came.status}, not a feed we know` : came.detail;
    return { state: "unknown", detail: `API: ${why.detail}; status feed: ${feed}` };
  }

  return {
    tokenKind: token.kind,
    identify: (call) =>
      token.kind === "project"
        ? identifyProject(graphql, scope, call)
        : identifyBearer(graphql, call),
    async isAccount(call) {
      const reply = await graphql.query(OPERATIONS.IdentifyAccount, {}, call);
      const known = read(reply.ok ? only(reply.value, "me") : reply, AccountIdentity);
      if (known.ok) return success(true);
      return known.problem.code === "railway-not-authorized" ? success(false) : known;
    },
    environment: (call) => looker.environment(scope, call),
    async service(nameOrId, call) {
      const environment = await looker.environment(scope, call);
      return environment.ok ? serviceIn(environment.value, nameOrId) : environment;
    },
    executions: (serviceId, call) => looker.executions({ environmentId, serviceId }, call),
    async look(serviceId, call) {
      const looked = await looker.parts({ ...scope, serviceId }, call);
      if (!looked.ok) return looked;
      const { environment, deployments, executions, platform } = looked.value;
      return success({
        environment,
        service: environment.ok ? serviceIn(environment.value, serviceId) : environment,
        volumes: environment.ok ? success(volumesOf(environment.value, serviceId)) : environment,
        deployments,
        executions,
        platform: platform.ok
          ? fromApi(platform.value)
          : await feedOr(platform.problem, call.signal),
      });
    },
    async platformStatus(call) {
      const asked = await looker.platform(call);
      return success(asked.ok ? fromApi(asked.value) : await feedOr(asked.problem, call.signal));
    },
    restart: (deploymentId, call) => acts.restart(deploymentId, call),
    acts,
    budget: () => budget.state(clock.now()),
    poller,
    leftOut: () => ({ ...asker.leftOut(), ...looker.leftOut() }),
    close: () => {
      poller.close();
      return graphql.close();
    },
  };
}

async function identifyProject(
  graphql: Graphql,
  scope: { readonly projectId: string; readonly environmentId: string },
  call: Call,
): Promise<Result<Identity>> {
  const reply = await graphql.query(OPERATIONS.IdentifyProject, {}, call);
  const shape = ProjectIdentity.shape.projectToken;
  const known = read(reply.ok ? only(reply.value, "projectToken") : reply, shape);
  if (!known.ok) return known;
  const { projectId, environmentId, name, project, environment } = known.value;
  if (projectId !== scope.projectId || environmentId !== scope.environmentId) {
    const detail = `the token is for ${project.name}/${environment.name} (${projectId}, ${environmentId}), which is not the configured environment`;
    return failure(problem("railway-not-authorized", detail));
  }
  const label = `project token "${name}" for ${project.name}/${environment.name}`;
  return success({ kind: "project", projectId, environmentId, label });
}

async function identifyBearer(graphql: Graphql, call: Call): Promise<Result<Identity>> {
  const reply = await graphql.query(OPERATIONS.IdentifyBearer, {}, call);
  const shape = BearerIdentity.shape.apiToken;
  const known = read(reply.ok ? only(reply.value, "apiToken") : reply, shape);
  if (!known.ok) return known;
  const workspaces = known.value.workspaces.map((workspace) => workspace.name);
  if (workspaces.length === 0) {
    const detail = "Railway treats this token as anonymous: it belongs to no workspace";
    return failure(problem("railway-bad-token", detail));
  }
  return success({ kind: "bearer", workspaces, label: `token of ${workspaces.join(", ")}` });
}

/** A service of an environment that was read, by name or id. */
export function serviceIn(environment: Environment, nameOrId: string): Result<ServiceInstance> {
  const found =
    environment.services.find((service) => service.serviceId === nameOrId) ??
    environment.services.find((service) => service.serviceName === nameOrId);
  if (found !== undefined) return success(found);
  const names = environment.services.map((service) => service.serviceName).sort();
  const more = environment.moreServices ? " and more than one page holds" : "";
  const list = names.length === 0 ? "no service" : names.slice(0, 20).join(", ");
  const detail = `no service "${nameOrId}" in ${environment.name}; there is ${list}${more}`;
  return failure(problem("railway-no-service", detail));
}

function volumesOf(environment: Environment, serviceId: string): readonly Volume[] {
  return environment.volumes.filter((volume) => volume.serviceId === serviceId);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
