import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { execa } from "execa";
import { request } from "undici";
import { parse, stringify } from "yaml";

import type { Attempt } from "../../src/domain/attempt.ts";
import type { Incident } from "../../src/domain/incident.ts";
import type { Delivery } from "../../src/domain/notice.ts";
import type { Entry } from "../../src/domain/world.ts";
import { openRecords } from "../../src/storage/sqlite/index.ts";
import { startTwin, type Twin } from "../../twin/index.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { bringUp, write } from "../support/guarded-api.ts";

/** A twin that several runs share, each with a daemon and books of its own. */
export interface Stage extends AsyncDisposable {
  readonly twin: Twin;
  /** A run on healthy ground: PostgreSQL up, no faults, counters from zero. */
  begin(options?: RunOptions): Promise<Run>;
  /** A run with books of its own on the ground as it is. */
  beginBeside(): Promise<Run>;
}

export interface RunOptions {
  readonly lease?: string;
  readonly renew?: string;
  readonly settle?: string;
  /** In the form of the configuration; everything automatic unless given. */
  readonly modes?: string;
  /** SIGNALMAN_TOKENS. */
  readonly tokens?: string;
  /** Another remedy than the restart of PostgreSQL: an act on the API's service, with deploys on push frozen before it. */
  readonly act?: { readonly action: string; readonly with?: object };
}

export interface Run extends AsyncDisposable {
  readonly folder: string;
  /** Starts the daemon; with a step at which it kills itself. Resolves when it has looked at everything. */
  daemon(killAt?: string): Promise<Daemon>;
  /** Restarts of PostgreSQL that really happened since the run began. */
  restarts(): number;
  /** Slack's messages since the run began. */
  slack(): Promise<readonly string[]>;
  books(): Promise<Books>;
  /** A write as a user makes it. */
  write(): Promise<{ readonly status: number; readonly text: string }>;
}

export interface Daemon {
  readonly address: string;
  readonly pid: number;
  readonly ended: Promise<void>;
  log(): string;
  kill(): Promise<void>;
  stop(): Promise<number | null>;
}

export interface Books {
  readonly incidents: readonly Incident[];
  readonly attempts: readonly Attempt[];
  readonly deliveries: readonly Delivery[];
  readonly entries: readonly Entry[];
}

const NEVER = new AbortController().signal;

export async function openStage(): Promise<Stage> {
  const twin = await startTwin({ budget: { perHour: 1_000_000, perSecond: 10_000 } });
  return {
    twin,
    begin: async (options = {}) => {
      await twin.clear();
      twin.release(true);
      await bringUp(twin);
      return begin(twin, options);
    },
    beginBeside: () => begin(twin, {}),
    [Symbol.asyncDispose]: () => twin.stop(),
  };
}

async function begin(twin: Twin, options: RunOptions): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "signalman-kill-"));
  const configFile = join(folder, "signalman.yaml");
  await writeFile(configFile, configuration(options));
  const { act, tokens } = options;
  const env = {
    ...(tokens === undefined ? {} : { SIGNALMAN_TOKENS: tokens }),
    ...(act === undefined
      ? {}
      : { KILL_ACTION: act.action, RUNBOOKS: await runbooksWith(act, join(folder, "runbooks")) }),
  };
  const restartsBefore = restartsOf(twin);
  const slackBefore = (await slackOf(twin)).length;
  const alive: Daemon[] = [];
  const books = (): Promise<Books> => readBooks(folder);
  return {
    folder,
    daemon: async (killAt) => {
      const daemon = await startDaemon(twin, folder, configFile, {
        ...env,
        ...(killAt === undefined ? {} : { KILL_AT: killAt }),
      });
      alive.push(daemon);
      return daemon;
    },
    restarts: () => restartsOf(twin) - restartsBefore,
    slack: async () => (await slackOf(twin)).slice(slackBefore),
    books,
    write: () => write(twin),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(alive.map((daemon) => daemon.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Faster than any operator would look, so that each step takes a second. */
function configuration(options: RunOptions): string {
  const { lease = "30s", renew = "10s", settle = "5s", modes = "{ default: auto }", act } = options;
  const acts = ["restart", "rollback", "scale", "freeze-autodeploy"];
  return `
version: 1
targets:
  - name: api
    ${act === undefined ? "service: tradesense-backend" : ""}
    url: { env: API_URL }
    needs: [postgres]
    probes:
      - { kind: http, path: /health, every: 400ms, retryEvery: 250ms, timeout: 3s, expect: { json: { status: healthy } } }
  - name: postgres
    service: ${act === undefined ? "Postgres" : "tradesense-backend"}
    probes:
      - { kind: postgres, url: { env: DATABASE_URL }, every: 400ms, retryEvery: 250ms, timeout: 1s }
switches:
  read-only:
    drivers: [{ kind: control, url: { env: SWITCH_URL }, secret: { env: SWITCH_SECRET } }]
    lease: ${lease}
    renew: ${renew}
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: ${modes}
railway: { status: { env: RAILWAY_STATUS_URL }, plan: enterprise }
actions:
${acts.map((kind) => `  ${kind}: { deadline: 2s, settle: ${settle} }`).join("\n")}
limits:
  database-down: { waitMs: 500ms, confirmAgainMs: 300ms, soakMs: 500ms, verifyMs: 15s, undoAgainMs: 500ms, samplesMin: 2 }
`;
}

/** The shipped runbooks, of which that of a dead database does something else: only the ledger is on trial here. */
async function runbooksWith(act: NonNullable<RunOptions["act"]>, folder: string): Promise<string> {
  await cp(join(import.meta.dirname, "..", "..", "state-machines"), folder, { recursive: true });
  const file = join(folder, "database-down", "runbook.yaml");
  const runbook = parse(await readFile(file, "utf8")) as { slots: Record<string, object> };
  runbook.slots["contain"] = { action: "freeze-autodeploy", with: { value: "on" } };
  runbook.slots["remedy"] = act;
  await writeFile(file, stringify(runbook));
  return folder;
}

async function startDaemon(
  twin: Twin,
  folder: string,
  configFile: string,
  more: { readonly [name: string]: string },
): Promise<Daemon> {
  const child = execa(process.execPath, [join(import.meta.dirname, "daemon.ts")], {
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      ...twin.env,
      SWITCH_URL: `${twin.urls.api}/_signalman/switches`,
      RAILWAY_STATUS_URL: `${twin.urls.platform}/status`,
      SIGNALMAN_CONFIG: configFile,
      SIGNALMAN_DATA: folder,
      PORT: "0",
      ...more,
    },
    extendEnv: false,
    stdin: "ignore",
    all: true,
    reject: false,
    maxBuffer: 20_000_000,
  });
  let log = "";
  let address: string | null = null;
  createInterface({ input: child.all }).on("line", (line) => {
    log += `${line}\n`;
    if (line.includes('"message":"guarding"'))
      address = (JSON.parse(line) as { address: string }).address;
  });
  let isOver = false;
  const ended = child.then(() => {
    isOver = true;
  });
  await waitFor("the daemon has looked at everything", 20_000, async () => {
    if (isOver) throw new Error(`the daemon ended early:\n${log}`);
    if (address === null) return null;
    const answer = await request(`${address}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await answer.body.dump();
    return answer.statusCode === 200 ? true : null;
  });
  return {
    address: address ?? "",
    pid: child.pid ?? 0,
    ended,
    log: () => log,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    stop: async () => {
      child.kill("SIGTERM");
      return (await child).exitCode ?? null;
    },
  };
}

async function readBooks(folder: string): Promise<Books> {
  const opened = await openRecords({ folder });
  if (opened.kind !== "open") return { incidents: [], attempts: [], deliveries: [], entries: [] };
  const { records } = opened;
  try {
    const incidents = await records.incidents(10, NEVER);
    const attempts = await Promise.all(incidents.map(({ id }) => records.attempts(id, NEVER)));
    const deliveries = await Promise.all(incidents.map(({ id }) => records.deliveries(id, NEVER)));
    return {
      incidents,
      attempts: attempts.flat(),
      deliveries: deliveries.flat(),
      entries: await records.entries({}, NEVER),
    };
  } finally {
    await records.close();
  }
}

async function slackOf(twin: Twin): Promise<readonly string[]> {
  const answer = await request(`${twin.urls.platform}/slack/messages`, {
    signal: AbortSignal.timeout(5_000),
  });
  const read = (await answer.body.json()) as
    | { messages: { body: { text: string } }[] }
    | { body: { text: string } }[];
  return (Array.isArray(read) ? read : read.messages).map((message) => message.body.text);
}

function restartsOf(twin: Twin): number {
  return twin.state().counters.restarts["Postgres"] ?? 0;
}
