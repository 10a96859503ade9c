import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Clock } from "../ports/clock.ts";
import { createRailway, type Railway, type RailwayOptions } from "./railway.ts";

// For tests of this folder: a server that answers as it is told, and a client pointed at it.

/** What the client sent. */
export interface Received {
  readonly query: string;
  readonly variables: { readonly [name: string]: string };
  readonly operationName: string;
  readonly headers: IncomingMessage["headers"];
  readonly url: string;
}

export type Reaction = (received: Received, response: ServerResponse) => void;

export interface Stub extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  react: Reaction;
}

/** Listens on a free port. Every request is noted, then `react` answers, or does not. */
export async function stubServer(react: Reaction): Promise<Stub> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const body = text === "" ? {} : JSON.parse(text);
      const noted: Received = { ...body, headers: request.headers, url: request.url ?? "" };
      received.push(noted);
      stub.react(noted, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stub: Stub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    react,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stub;
}

/** Answers JSON with a status and headers. */
export function answering(
  body: unknown,
  status = 200,
  headers: { readonly [name: string]: string } = {},
): Reaction {
  return (_received, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

export const TOKEN = "f3b9c1d2-secret-4e5f";

/** A clock that stands still until it is set. */
export function standingClock(): Clock & { at: number } {
  return {
    at: Date.parse("2026-11-23T03:00:00Z"),
    now() {
      return this.at;
    },
    until: () => Promise.reject(new Error("nothing here waits")),
  };
}

export function client(url: string, options: Partial<RailwayOptions> = {}): Railway {
  return createRailway({
    endpoint: `${url}/graphql/v2`,
    token: { kind: "project", value: TOKEN },
    projectId: "project-1",
    environmentId: "environment-1",
    plan: "hobby",
    statusUrl: `${url}/status`,
    clock: standingClock(),
    userAgent: "signalman/test",
    ...options,
  });
}

export const LOOKING = { signal: new AbortController().signal, purpose: "look" } as const;
export const ACTING = { signal: new AbortController().signal, purpose: "act" } as const;

/** A deployment as Railway shows it. */
export function deployment(id: string, status: string, createdAt: string, more: object = {}) {
  return {
    id,
    status,
    createdAt,
    statusUpdatedAt: createdAt,
    deploymentStopped: false,
    instances: [{ id: `${id}-instance`, status: "RUNNING" }],
    ...more,
  };
}

export function connectionOf(nodes: readonly object[], pageInfo: object = { hasNextPage: false }) {
  return { edges: nodes.map((node) => ({ node })), pageInfo };
}

const RUNNING = deployment("d1", "SUCCESS", "2026-11-20T10:00:00.000Z");

/** An environment with two services, as part `environment` of an answer. */
export const ENVIRONMENT = {
  id: "environment-1",
  name: "production",
  serviceInstances: connectionOf([
    {
      id: "si-1",
      serviceId: "s-postgres",
      serviceName: "Postgres",
      latestDeployment: RUNNING,
      activeDeployments: [RUNNING],
    },
    {
      id: "si-2",
      serviceId: "s-api",
      serviceName: "tradesense-backend",
      latestDeployment: null,
      activeDeployments: [],
    },
  ]),
  volumeInstances: connectionOf([
    {
      id: "v1",
      serviceId: "s-postgres",
      mountPath: "/data",
      currentSizeMB: 12.5,
      sizeMB: 5000,
      state: "READY",
    },
  ]),
};

/** All parts of a look. */
export const LOOK = {
  environment: ENVIRONMENT,
  deployments: connectionOf([RUNNING]),
  executions: connectionOf([
    {
      id: "e1",
      status: "RUNNING",
      createdAt: "2026-11-20T10:00:01.000Z",
      completedAt: null,
      deploymentId: "d1",
    },
  ]),
  platform: { isStable: true, incident: null, maintenance: null },
};
