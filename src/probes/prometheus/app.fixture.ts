import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Server } from "node:net";

import type { Observation } from "../../domain/observation.ts";
import type { Probe } from "../../ports/probe.ts";
import { systemResolve, type Resolve } from "./addresses.ts";
import { Config } from "./config.ts";
import { createPrometheus } from "./index.ts";

// For tests of this folder.

/** An app of one process whose counts the test sets. */
export function createApp() {
  const app = {
    ok: 100,
    bad: 10,
    fast: 90,
    start: 1_700_000_000.25,
    cpu: 5,
    extra: "",
    page: () => `http_requests_total{handler="/a",status="200"} ${app.ok}
http_requests_total{handler="/a",status="500"} ${app.bad}
http_request_duration_seconds_bucket{handler="/a",le="0.1"} ${app.fast}
http_request_duration_seconds_bucket{handler="/a",le="+Inf"} ${app.ok + app.bad}
process_start_time_seconds ${app.start}
process_cpu_seconds_total ${app.cpu}
process_resident_memory_bytes 1000
http_requests_inprogress 2
${app.extra}`,
  };
  return app;
}

/** What a look says that got nothing. */
export function unknown(code: string) {
  return { values: { requests: null, failed: null }, problem: { code } };
}

export function probeOf(
  url: string,
  more: object = {},
  resolve: Resolve = systemResolve,
  now: () => number = Date.now,
): Probe {
  const config = Config.parse({ kind: "prometheus", url, timeout: "5s", ...more });
  return createPrometheus({ target: "api", name: "prometheus", config, now }, resolve);
}

export async function look(probe: Probe): Promise<Observation> {
  const [seen] = await probe.look(new AbortController().signal);
  if (seen === undefined) throw new Error("observed nothing");
  return seen;
}

export function http(listener: RequestListener, host = "127.0.0.1", port = 0) {
  return listening(createServer(listener), "http", host, port);
}

export async function listening(
  server: ReturnType<typeof createServer>,
  scheme: "http" | "https",
  host: string,
  wanted: number,
) {
  let count = 0;
  let connections = 0;
  server.on("request", () => (count += 1));
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => (server as Server).listen(wanted, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://${host}:${port}/metrics`,
    count: () => count,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
