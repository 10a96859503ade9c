import { accessSync, constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import type { Program } from "./program.ts";
import { waitUntil } from "./wait.ts";
import { lastLines, startWard } from "./ward.ts";

const READY_DEADLINE_MS = 10_000;

/** The `redis-server` of the PATH; undefined when there is none, and the twin does without. */
export function findRedis(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "redis-server")).find(isExecutable);
}

/** Prepares a Redis without persistence in `folder`, reachable through a Unix socket only. */
export async function createRedis(options: {
  command: string;
  folder: string;
  password: string;
}): Promise<Program> {
  const { folder } = options;
  const socketPath = join(folder, "redis.sock");
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const log = join(folder, "redis.log");
  return {
    socketPath,
    log,
    async start(signal) {
      const args = ["--port", "0", "--unixsocket", socketPath, "--dir", folder];
      args.push("--save", "", "--appendonly", "no", "--requirepass", options.password);
      const ward = await startWard({
        command: options.command,
        args,
        env: { PATH: process.env["PATH"] ?? "" },
        log,
        stopSignal: "SIGTERM",
        folder,
      });
      try {
        await waitUntil(() => takesConnections(socketPath), READY_DEADLINE_MS, ward.exited, signal);
      } catch (error) {
        ward.kill();
        throw new Error(`Redis did not start: ${lastLines(log)}`, { cause: error });
      }
      return ward;
    },
    sweep: async () => {},
  };
}

/** Whether something accepts connections on a Unix socket. */
export function takesConnections(socketPath: string): Promise<boolean> {
  return new Promise((done, fail) => {
    const socket = connect(socketPath, () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", fail);
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
