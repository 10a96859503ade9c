import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Mode } from "../../src/domain/rules.ts";
import { SWITCH_PATH, SWITCH_SECRET } from "./guarded.ts";

/** How far the daemon of a run may go. */
export type Leave = Mode | "restart-only";

/** What waits for a person in mode suggest: everything, what should cure, or what contains. */
export type Asks = "everything" | "remedy" | "contain";

const SUGGEST: { readonly [asks in Asks]: string } = {
  everything: "{ default: suggest }",
  remedy:
    "{ default: auto, restart: suggest, rollback: suggest, redeploy: suggest, scale: suggest }",
  contain: "{ default: auto, read-only: suggest, freeze-autodeploy: suggest }",
};

const MODES: { readonly [leave in Exclude<Leave, "suggest">]: string } = {
  auto: "{ default: auto }",
  shadow: "{ default: shadow }",
  "restart-only": "{ default: shadow, restart: auto, read-only: auto }",
};

/** What is done to a dead database. */
export type Remedy = "restart" | "rollback" | "redeploy" | "scale";

/** Shipped runbooks, limits and budgets, but for the remedy: what is tried is what runs at night. */
function text({ leave, asks, remedy, isTight }: Way): string {
  const isAsShipped = remedy === "restart";
  return `
version: 1
targets:
  - name: api
    ${isAsShipped ? "service: tradesense-backend" : ""}
    url: https://api.test
    needs: [postgres, redis]
    probes:
      - { kind: http, path: /health, every: 10s, timeout: 3s, expect: { json: { status: healthy } } }
      - { kind: prometheus, path: /metrics, every: 30s }
  - name: postgres
    service: ${isAsShipped ? "Postgres" : "tradesense-backend"}
    probes:
      - { kind: postgres, url: { env: DATABASE_URL }, every: 10s, timeout: 3s }
  - name: redis
    service: Redis
    probes:
      - { kind: redis, url: { env: REDIS_URL }, every: 10s, timeout: 3s }
switches:
  read-only:
    drivers: [{ kind: control, url: "https://api.test${SWITCH_PATH}", secret: { env: SWITCH_SECRET } }]
  circuit-breaker:
    drivers: [{ kind: control, url: "https://api.test${SWITCH_PATH}", secret: { env: SWITCH_SECRET } }]
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: ${leave === "suggest" ? SUGGEST[asks] : MODES[leave]}
railway: { plan: pro }
${isTight ? "budgets: { overall: 1 }" : ""}
actions: { rollback: { settle: 60s }, redeploy: { settle: 60s } }
`;
}

const ENV = {
  DATABASE_URL: "postgres://simulation@postgres.test/app",
  REDIS_URL: "redis://redis.test:6379",
  SWITCH_SECRET,
  SLACK_WEBHOOK_URL: "https://slack.test/hook",
  RAILWAY_TOKEN: "token-of-the-simulation",
  RAILWAY_PROJECT_ID: "project-1",
  RAILWAY_ENVIRONMENT_ID: "environment-1",
  RAILWAY_GRAPHQL_ENDPOINT: "https://railway.test/graphql/v2",
  RAILWAY_STATUS_URL: "https://status.test/status",
  SIGNALMAN_DATA: "/nowhere",
};

/** What of a plan the configuration depends on. */
export interface Way {
  readonly leave: Leave;
  readonly asks: Asks;
  readonly remedy: Remedy;
  readonly isTight: boolean;
}

const known = new Map<string, Promise<Config>>();

/** The configuration of a run; read once for all runs. */
export function configFor({ leave, asks, remedy, isTight }: Way): Promise<Config> {
  const key = `${leave === "suggest" ? asks : leave} ${remedy} ${isTight}`;
  const config = known.get(key) ?? load({ leave, asks, remedy, isTight });
  known.set(key, config);
  return config;
}

async function load(way: Way): Promise<Config> {
  const folder = await mkdtemp(join(tmpdir(), "signalman-chaos-"));
  try {
    const file = join(folder, "signalman.yaml");
    await writeFile(file, text(way));
    const runbooks = join(folder, "runbooks");
    await writeRunbooks(runbooks, way.remedy);
    const loaded = await loadConfig(file, ENV, { runbooks });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    return loaded.config;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeRunbooks(folder: string, remedy: Remedy): Promise<void> {
  await cp(join(import.meta.dirname, "..", "..", "state-machines"), folder, { recursive: true });
  if (remedy === "restart") return;
  const file = join(folder, "database-down", "runbook.yaml");
  const runbook = parse(await readFile(file, "utf8")) as { slots: Record<string, object> };
  runbook.slots["contain"] = { action: "freeze-autodeploy", with: { value: "on" } };
  runbook.slots["remedy"] = {
    action: remedy,
    ...(remedy === "scale" ? { with: { value: "up" } } : {}),
  };
  await writeFile(file, stringify(runbook));
}
