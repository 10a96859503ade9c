import { randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startLogbook } from "./platform/logbook.ts";
import { startMeters } from "./platform/meters.ts";
import { createPlatform, type Platform, type Signals } from "./platform/platform.ts";
import { openEdge } from "./platform/public-edge.ts";
import type { Budget } from "./platform/limits.ts";
import { createFaults, type Fault, type Faults } from "./platform/faults.ts";
import { push, move, setTerms, type Pushed } from "./platform/push-routes.ts";
import { createService, type RailwayService } from "./platform/railway-service.ts";
import {
  firstRelease,
  type First,
  PLAIN_SETTINGS,
  pushSchema,
  type Push,
  type Recipe,
} from "./platform/release.ts";
import { buildServer } from "./platform/server.ts";
import { defaultTerms, type Terms } from "./platform/terms.ts";
import { readState, type TwinState } from "./platform/twin-routes.ts";
import { createApi } from "./processes/api.ts";
import { openGate } from "./processes/gate.ts";
import { createPostgres, type Postgres } from "./processes/postgres.ts";
import type { Program } from "./processes/program.ts";
import { createRedis, findRedis } from "./processes/redis.ts";

export type { Fault } from "./platform/faults.ts";
export type { DeploymentState, ServiceState, TwinState } from "./platform/twin-routes.ts";

export type TwinOptions = {
  /** The platform's port; a free one when absent. */
  port?: number;
  /** A folder that is kept, with PostgreSQL's data in it; when absent each twin starts with fresh data. */
  data?: string;
  /** How late the platform reports what happened. Default 300 ms. */
  lagMs?: number;
  /** How much later than everything else the platform shows metrics. Default 0. */
  metricsLagMs?: number;
  /** Requests the GraphQL endpoint takes. Default 1000 per hour and 10 per second, as on the Hobby plan. */
  budget?: Partial<Budget>;
  /** What the API is when it starts; good unless it is said. */
  first?: First;
  /** For how long the services have been deployed when they start, by the platform's word. Default 0. */
  ageMs?: number;
  /** PostgreSQL's `max_connections`. Default 30. */
  maxConnections?: number;
  /** The API's own limit. Default 6000. */
  requestsPerMinute?: number;
  /** Whether to run Redis when there is one on the PATH. Default true. */
  redis?: boolean;
  /** Gives up a start under way; a twin that runs is ended with `stop`. */
  signal?: AbortSignal;
};

/** A running twin. */
export type Twin = AsyncDisposable & {
  /** What the daemon is configured with. */
  readonly env: Record<string, string>;
  readonly urls: { platform: string; api: string; edge: string };
  /** A Bearer token that may see everything. */
  readonly accountToken: string;
  state(): TwinState;
  /** Throws with a sentence when the fault cannot be injected. */
  inject(fault: Fault): Promise<void>;
  /** Ends all faults, or those of one name. */
  clear(name?: Fault["fault"]): Promise<void>;
  /** Lets go of held mutations; with `drop` they are forgotten instead. Returns how many there were. */
  release(drop?: boolean): number;
  /** A push to the API's branch, deployed where autodeploy is on. */
  push(asked?: Partial<Push>): Pushed;
  /** Railway moves the API to another host; returns the deployment's id. */
  move(): string;
  /** Changes how the platform behaves. */
  setTerms(terms: Partial<Terms>): void;
  /** Ends every process, frees every port, removes the temporary folder. */
  stop(): Promise<void>;
};

/** Starts the platform, PostgreSQL, Redis (when available) and the guarded API. Throws, and leaves nothing, when one does not come up. */
export async function startTwin(options: TwinOptions = {}): Promise<Twin> {
  options.signal?.throwIfAborted();
  // Sockets and logs live here, data too unless they are to be kept: a socket's path must be short.
  const folder = await mkdtemp(join(tmpdir(), "signalman-twin-"));
  // PostgreSQL may run as another user, which has to get through here.
  await chmod(folder, 0o711);
  const undo: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopAll(undo, folder));
  try {
    const parts = await createServices(folder, options, undo);
    options.signal?.throwIfAborted();
    options.signal?.addEventListener("abort", () => void stopServices(parts.services));
    const tokens = { project: randomUUID(), account: randomUUID() };
    const faults = createFaults();
    const { signals, edge } = await openSignals(parts, faults, undo);
    const platform = createPlatform({
      services: parts.services,
      postgres: parts.postgres,
      tokens,
      terms: parts.terms,
      lagMs: options.lagMs ?? 300,
      metricsLagMs: options.metricsLagMs ?? 0,
      faults,
      signals,
    });
    const budget = { perHour: 1_000, perSecond: 10, ...options.budget };
    const server = buildServer(platform, budget);
    undo.unshift(() => server.close());
    await Promise.all(parts.services.map((service) => service.start()));
    const url = await server.listen({ host: "127.0.0.1", port: options.port ?? 0 });
    options.signal?.throwIfAborted();
    return {
      env: { ...platformEnv(platform, url), ...parts.env, TWIN_URL: url, PUBLIC_URL: edge },
      urls: { platform: url, api: parts.env["API_URL"] ?? "", edge },
      accountToken: tokens.account,
      state: () => readState(platform),
      inject: (fault) => platform.inject(fault),
      clear: (name) => platform.clear(name),
      push: (asked = {}) => push(platform, pushSchema.parse(asked)),
      move: () => move(platform, "tradesense-backend"),
      setTerms: (terms) => void setTerms(platform, terms),
      release: (drop = false) => platform.holds.release(!drop),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the platform measures and writes down of its services by itself. */
async function openSignals(
  parts: Parts,
  faults: Faults,
  undo: (() => Promise<unknown>)[],
): Promise<{ signals: Signals; edge: string }> {
  const meters = startMeters(parts.services, () => faults.find("metrics-gap") !== undefined);
  const logbook = startLogbook(parts.services);
  const api = parts.services.find((service) => service.name === "tradesense-backend");
  const port = Number(new URL(parts.env["API_URL"] ?? "").port);
  const edge = await openEdge(api?.id ?? "", () => port);
  undo.unshift(async () => {
    meters.stop();
    logbook.stop();
    await edge.stop();
  });
  return {
    signals: {
      measured: () => meters.measured,
      passages: () => edge.passages,
      lines: () => logbook.read(),
    },
    edge: edge.url,
  };
}

function platformEnv(platform: Platform, url: string): Record<string, string> {
  const own = platform.services.find((service) => service.name === "signalman");
  return {
    RAILWAY_GRAPHQL_ENDPOINT: `${url}/graphql/v2`,
    RAILWAY_TOKEN: platform.tokens.project,
    RAILWAY_PROJECT_ID: platform.projectId,
    RAILWAY_ENVIRONMENT_ID: platform.environmentId,
    RAILWAY_SERVICE_ID: own?.id ?? "",
    SLACK_WEBHOOK_URL: `${url}/slack/webhook/T000/B000/XXXX`,
  };
}

type Parts = {
  services: RailwayService[];
  postgres: Postgres;
  terms: Terms;
  env: Record<string, string>;
};

async function createServices(
  folder: string,
  options: TwinOptions,
  undo: (() => Promise<unknown>)[],
): Promise<Parts> {
  const services: RailwayService[] = [];
  const terms = defaultTerms();
  const { ageMs = 0 } = options;
  const add = async (
    name: string,
    image: string | null,
    variables: Record<string, string>,
    programFor: (recipe: Recipe) => Program,
  ): Promise<number> => {
    const gate = await openGate();
    undo.push(() => gate.shut());
    const healthcheckPath = image === null ? "/health" : null;
    const service = createService(
      name,
      { gate, programFor, isSingle: image !== null, hasVolume: name === "Postgres" },
      {
        release: firstRelease(name, image, options.first),
        settings: { ...PLAIN_SETTINGS, healthcheckPath },
        variables,
        terms,
        ageMs,
      },
    );
    undo.unshift(() => service.stop());
    services.push(service);
    return gate.port;
  };
  const passwords = { signalman: secret(), tradesense: secret() };
  const maxConnections = options.maxConnections ?? 30;
  const pgFolder = join(folder, "postgres");
  const cluster = join(options.data === undefined ? pgFolder : resolve(options.data), "cluster");
  const postgres = await createPostgres({
    folder: pgFolder,
    cluster,
    maxConnections,
    passwords,
    signal: options.signal,
  });
  const pgImage = "ghcr.io/railwayapp-templates/postgres-ssl:18";
  const pgPort = await add("Postgres", pgImage, {}, () => postgres);
  const databaseUrl = (role: "signalman" | "tradesense") =>
    `postgres://${role}:${passwords[role]}@127.0.0.1:${pgPort}/tradesense`;
  const env: Record<string, string> = {
    DATABASE_URL: databaseUrl("signalman"),
    SWITCH_SECRET: secret(),
    WEBHOOK_SECRET: secret(),
  };
  const command = options.redis === false ? undefined : findRedis();
  if (command !== undefined) {
    const password = secret();
    const redisFolder = join(folder, "redis");
    const redis = await createRedis({ command, folder: redisFolder, password });
    const port = await add("Redis", "redis:8", {}, () => redis);
    env["REDIS_URL"] = `redis://default:${password}@127.0.0.1:${port}`;
  }
  const limit = String(options.requestsPerMinute ?? 6_000);
  const settings = {
    ...env,
    DATABASE_URL: databaseUrl("tradesense"),
    RATE_LIMIT_PER_MINUTE: limit,
  };
  const programOf = await createApi({ folder: join(folder, "api") });
  const apiPort = await add("tradesense-backend", null, settings, ({ release, variables }) =>
    programOf({ ...variables, ...release.behaviour }),
  );
  env["API_URL"] = `http://127.0.0.1:${apiPort}`;
  const own = { release: firstRelease("signalman", null), settings: PLAIN_SETTINGS, terms, ageMs };
  services.push(createService("signalman", undefined, { ...own, variables: {} }));
  return { services, postgres, terms, env };
}

async function stopServices(services: readonly RailwayService[]): Promise<void> {
  await Promise.allSettled(services.map((service) => service.stop()));
}

async function stopAll(undo: (() => Promise<unknown>)[], folder: string): Promise<void> {
  await Promise.allSettled(undo.map((step) => step()));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

function secret(): string {
  return randomBytes(18).toString("hex");
}
