import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Redis } from "ioredis";

import { findRedis } from "../../../twin/processes/redis.ts";
import { waitUntil } from "../../../twin/processes/wait.ts";
import { startWard, type RunningWard } from "../../../twin/processes/ward.ts";

/** A `redis-server` of a test's own on a free port, without persistence. Ends with the test, also when that is killed. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly process: RunningWard;
  /** Runs one command as the default user. */
  run(...command: [string, ...string[]]): Promise<unknown>;
}

export const hasRedis = findRedis() !== undefined;

export async function startRedis(...args: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "signalman-redis-"));
  const port = await freePort();
  const own = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "-::1",
    "--dir",
    folder,
    "--save",
    "",
  ];
  const ward = await startWard({
    command: findRedis() ?? "redis-server",
    args: [...own, ...args],
    env: { PATH: process.env["PATH"] ?? "" },
    log: join(folder, "redis.log"),
    stopSignal: "SIGTERM",
    folder,
  });
  await waitUntil(() => accepts(port), 10_000, ward.exited, new AbortController().signal);
  return {
    port,
    process: ward,
    async run(command, ...words) {
      const client = new Redis({
        port,
        host: "127.0.0.1",
        protocol: 2,
        disableClientInfo: true,
        enableReadyCheck: false,
        retryStrategy: null,
      });
      client.on("error", () => undefined);
      try {
        return await client.call(command, ...words);
      } finally {
        client.disconnect();
      }
    },
    async [Symbol.asyncDispose]() {
      await ward.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", reject);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
