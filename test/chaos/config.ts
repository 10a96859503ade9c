import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Mode } from "../../src/domain/rules.ts";
import { SWITCH_PATH, SWITCH_SECRET } from "./guarded.ts";

/** How far the daemon of a run may go. */
export type Leave = Mode | "restart-only";

const MODES: { readonly [leave in Leave]: string } = {
  auto: "{ default: auto }",
  suggest: "{ default: suggest }",
  shadow: "{ default: shadow }",
  "restart-only": "{ default: shadow, restart: auto, read-only: auto }",
};

/** Shipped runbooks, limits and budgets: what is tried is what runs at night. */
function text(leave: Leave): string {
  return `
version: 1
targets:
  - name: api
    service: tradesense-backend
    url: https://api.test
    needs: [postgres, redis]
    probes:
      - { kind: http, path: /health, every: 10s, timeout: 3s, expect: { json: { status: healthy } } }
      - { kind: prometheus, path: /metrics, every: 20s }
      - { kind: railway, every: 60s, edge: false }
  - name: postgres
    service: Postgres
    probes:
      - { kind: postgres, url: { env: DATABASE_URL }, every: 10s, timeout: 3s }
      - { kind: railway, every: 60s }
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
modes: ${MODES[leave]}
railway: { plan: pro }
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

const known = new Map<Leave, Promise<Config>>();

/** The configuration of a run; read once for all runs. */
export function configFor(leave: Leave): Promise<Config> {
  const config = known.get(leave) ?? load(leave);
  known.set(leave, config);
  return config;
}

async function load(leave: Leave): Promise<Config> {
  const folder = await mkdtemp(join(tmpdir(), "signalman-chaos-"));
  try {
    const file = join(folder, "signalman.yaml");
    await writeFile(file, text(leave));
    const loaded = await loadConfig(file, ENV);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    return loaded.config;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
