import { createHash } from "node:crypto";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { execa } from "execa";
import { Client } from "pg";
import { request } from "undici";
import { expect, it, onTestFinished } from "vitest";

import { folder } from "../../src/cli/reading.fixture.ts";
import type { Entry, Reason } from "../../src/domain/world.ts";
import { startDaemonProcess } from "../../src/gameday/daemon-process.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { hasRedis, startRedis } from "../../src/probes/redis/redis-server.fixture.ts";
import { write } from "../../src/report/story.fixture.ts";
import { pausePath } from "../../src/storage/pause-file.ts";
import { openRecords, openSqliteStore } from "../../src/storage/sqlite/index.ts";
import { openGate } from "../../twin/processes/gate.ts";
import { createPostgres } from "../../twin/processes/postgres.ts";
import { TARGETS, twentyFailures } from "../support/twenty.ts";

const NEVER = new AbortController().signal;
const BIN = join(import.meta.dirname, "..", "..", "bin", "signalman");
const TOKEN = "token-of-ann";

/**
 * Promise P6 with nothing left to hold on to: the real daemon on books in which twenty restarts wait, PostgreSQL and Redis gone, Railway
 * and Slack taking connections and saying nothing; the pause is the command as an operator types it, and the same by HTTP.
 */
it("a real daemon starts nothing from a second after `signalman pause` on, while everything else is down", async () => {
  const railway = await silentRailway();
  const data = folder();
  const databaseUrl = await deadPostgres();
  const redisUrl = await deadRedis();
  const config = join(data, "signalman.yaml");
  writeFileSync(config, CONFIG);
  const books = join(data, "books");
  mkdirSync(books);
  await writeBooks(books);
  const env = {
    PATH: process.env["PATH"],
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SLACK_WEBHOOK_URL: `${railway.url}/slack`,
    RAILWAY_GRAPHQL_ENDPOINT: `${railway.url}/graphql`,
    RAILWAY_STATUS_URL: `${railway.url}/status`,
    RAILWAY_TOKEN: "token-of-railway",
    RAILWAY_PROJECT_ID: "p",
    RAILWAY_ENVIRONMENT_ID: "e",
    SIGNALMAN_TOKENS: `ann:admin:${createHash("sha256").update(TOKEN).digest("hex")}`,
    SIGNALMAN_DATA: books,
    PORT: "0",
  };
  const daemon = await startDaemonProcess({ env, configFile: config, signal: NEVER });
  onTestFinished(() => daemon.kill());
  const signalman = (...args: string[]) =>
    execa(process.execPath, [BIN, ...args], { env, extendEnv: false });
  const marks = () => entriesOf(books, "pause");

  await waitFor("restarts ask Railway, which hangs, and so does Slack", 30_000, async () =>
    railway.asked("Environment") > 0 && railway.slackAsked() > 0 ? true : null,
  );

  await signalman("pause", "--by", "ann");
  const orderedAt = statSync(pausePath(books)).mtimeMs;
  const [paused] = await waitFor("the pause is in the journal", 5_000, async () => {
    const found = await marks();
    return found.length > 0 ? found : null;
  });
  expect(paused?.event).toMatchObject({ pause: { by: "ann (command line)", target: null } });
  expect((paused?.event.at ?? Infinity) - orderedAt).toBeLessThan(1_000);

  // Railway answers again: what was being prepared comes through now, and nothing may follow from it.
  railway.comeBack();
  await waitFor("each restart was asked for and is held by the pause", 30_000, async () => {
    const held = (await entriesOf(books, "request")).flatMap(({ event, decision }) =>
      event.type === "request" && decision.reasons.some(({ code }) => code === "paused")
        ? [event.attempt]
        : [],
    );
    return new Set(held).size >= TARGETS.length ? true : null;
  });
  expect(railway.restarted()).toEqual([]);

  // The same by HTTP: it answers when the journal has it.
  const post = async (path: string) => {
    const answer = await request(`${daemon.address}/api/v1/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    return { status: answer.statusCode, body: await answer.body.json() };
  };
  expect((await post("resume")).status).toBe(200);
  const begun = performance.now();
  expect(await post("pause")).toMatchObject({ status: 200, body: { replaced: null } });
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(await marks()).toHaveLength(3);

  await signalman("resume");
  await waitFor("all go on", 30_000, async () =>
    railway.restarted().length >= TARGETS.length ? true : null,
  );
  expect(new Set(railway.restarted()).size).toBe(TARGETS.length);
  expect(railway.restarted()).toHaveLength(TARGETS.length);
  // By the journal: no restart is begun between a pause and the next resume.
  const told = (await entriesOf(books, "request", "pause")).flatMap(({ event, decision }) =>
    event.type === "pause"
      ? [event.pause === null ? "resume" : "pause"]
      : decision.reasons.some(isBegun)
        ? ["restart"]
        : [],
  );
  expect(told.join(" ")).toMatch(/^pause resume (restart )*pause resume( restart)*$/);
  expect(told.filter((word) => word === "restart")).toHaveLength(TARGETS.length);
}, 120_000);

const CONFIG = `version: 1
targets:
${TARGETS.map(
  (name) =>
    `  - { name: ${name}, service: ${name}, tier: ${name}, probes: [{ kind: postgres, url: { env: DATABASE_URL }, every: 5s, timeout: 1s }] }`,
).join("\n")}
  - { name: cache, service: cache, probes: [{ kind: redis, url: { env: REDIS_URL }, every: 5s, timeout: 1s }] }
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: { default: auto }
railway: { plan: enterprise }
# Only the pause is on trial here; the others would hold twenty by themselves.
budgets:
  restart: { perIncident: 1, perHour: 100 }
  perService: 100
  overall: 100
  cooldown: 1s
  processAge: 1s
  storm: { targets: 100, within: 1s }
`;

const isBegun = ({ code, text }: Reason): boolean =>
  code === "started" && text.startsWith("restart of ");

async function writeBooks(books: string): Promise<void> {
  const opened = await openSqliteStore({ folder: books });
  if (opened.kind !== "open") throw new Error(opened.kind);
  await write(twentyFailures(), opened.store);
  await opened.store.close();
}

async function entriesOf(
  books: string,
  ...types: readonly Entry["event"]["type"][]
): Promise<readonly Entry[]> {
  const opened = await openRecords({ folder: books });
  if (opened.kind !== "open") throw new Error(opened.kind);
  try {
    const all = await opened.records.entries({}, NEVER);
    return all.filter(({ event }) => types.includes(event.type));
  } finally {
    await opened.records.close();
  }
}

/** A PostgreSQL that answered and is gone: its address refuses. */
async function deadPostgres(): Promise<string> {
  const at = folder();
  const postgres = await createPostgres({
    folder: at,
    cluster: join(at, "data"),
    maxConnections: 8,
    passwords: { signalman: "watching", tradesense: "trading" },
  });
  const gate = await openGate();
  const ward = await postgres.start(NEVER);
  gate.serve([postgres.socketPath]);
  const connectionString = `postgres://signalman:watching@127.0.0.1:${gate.port}/tradesense`;
  const client = new Client({ connectionString });
  await client.connect();
  await client.end();
  await ward.stop();
  await gate.shut();
  await postgres.sweep();
  return connectionString;
}

/** A Redis that was there and is gone; without the program an address at which nothing ever listened. */
async function deadRedis(): Promise<string> {
  if (!hasRedis) return "redis://127.0.0.1:9";
  const redis = await startRedis();
  await redis[Symbol.asyncDispose]();
  return `redis://127.0.0.1:${redis.port}`;
}

/** Railway and Slack on one address that takes connections and says nothing; Railway comes back when it is told to. */
async function silentRailway() {
  const waiting: {
    readonly operation: string;
    readonly variables: Variables;
    readonly response: ServerResponse;
  }[] = [];
  const restarts: string[] = [];
  const counts = new Map<string, number>();
  let isBack = false;
  const answer = (operation: string, variables: Variables, response: ServerResponse): void => {
    if (operation === "Restart") restarts.push(variables["id"] ?? "");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ data: dataOf(variables, restarts) }));
  };
  const server = createServer((asked, response) => {
    const chunks: Buffer[] = [];
    asked.on("data", (chunk: Buffer) => chunks.push(chunk));
    asked.on("end", () => {
      const isGraphql = asked.url?.startsWith("/graphql") === true;
      const body = isGraphql ? (JSON.parse(Buffer.concat(chunks).toString()) as Query) : null;
      const operation = body?.operationName ?? asked.url ?? "";
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      if (body === null) return;
      if (isBack) answer(operation, body.variables, response);
      else waiting.push({ operation, variables: body.variables, response });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: (operation: string) => counts.get(operation) ?? 0,
    slackAsked: () => counts.get("/slack") ?? 0,
    restarted: () => restarts,
    comeBack: () => {
      isBack = true;
      for (const { operation, variables, response } of waiting)
        answer(operation, variables, response);
    },
  };
}

interface Query {
  readonly operationName: string;
  readonly variables: Variables;
}

interface Variables {
  readonly [name: string]: string | undefined;
}

/** Every part of every answer at once: the client reads what it asked for. */
function dataOf({ serviceId = "" }: Variables, restarts: readonly string[]): object {
  const long = "2026-01-02T03:04:05.000Z";
  const deploymentOf = (id: string): object => ({
    id,
    status: "SUCCESS",
    createdAt: long,
    statusUpdatedAt: long,
    deploymentStopped: false,
    instances: [{ id: `${id}-i`, status: "CRASHED" }],
  });
  const page = (nodes: readonly object[]): object => ({
    edges: nodes.map((node) => ({ node })),
    pageInfo: { hasNextPage: false },
  });
  return {
    deploymentRestart: true,
    environment: {
      id: "e",
      name: "production",
      serviceInstances: page(
        TARGETS.map((name) => ({
          id: name,
          serviceId: name,
          serviceName: name,
          latestDeployment: deploymentOf(name),
          activeDeployments: [deploymentOf(name)],
        })),
      ),
      volumeInstances: page([]),
    },
    deployments: page([deploymentOf(serviceId)]),
    // A restart leaves a new execution behind, and that is how it is known to have happened.
    executions: page(
      [0, ...restarts.flatMap((id, index) => (id === serviceId ? [index + 1] : []))].map(
        (number) => ({
          id: `${serviceId}-${number}`,
          status: number === 0 ? "EXITED" : "RUNNING",
          createdAt: number === 0 ? long : new Date().toISOString(),
          completedAt: null,
          deploymentId: serviceId,
        }),
      ),
    ),
    platform: { isStable: true, incident: null, maintenance: null },
  };
}
