import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "./program.ts";
import { takesConnections } from "./redis.ts";
import { waitUntil } from "./wait.ts";
import { lastLines, startWard } from "./ward.ts";

const READY_DEADLINE_MS = 15_000;

/** Prepares the guarded API as a process of its own with the settings given as its environment. */
export async function createApi(options: {
  folder: string;
  settings: Record<string, string>;
}): Promise<Program> {
  const { folder } = options;
  const socketPath = join(folder, "api.sock");
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const log = join(folder, "api.log");
  return {
    socketPath,
    log,
    async start(signal) {
      // A killed process leaves its socket behind, and the next one could not listen there.
      await rm(socketPath, { force: true });
      const ward = await startWard({
        command: process.execPath,
        args: [join(import.meta.dirname, "..", "guarded-api", "main.ts"), "--with-parent"],
        env: { PATH: process.env["PATH"] ?? "", SOCKET_PATH: socketPath, ...options.settings },
        log,
        stopSignal: "SIGTERM",
        folder,
      });
      try {
        await waitUntil(() => takesConnections(socketPath), READY_DEADLINE_MS, ward.exited, signal);
      } catch (error) {
        ward.kill();
        throw new Error(`The API did not start: ${lastLines(log)}`, { cause: error });
      }
      return ward;
    },
    sweep: async () => {},
  };
}
