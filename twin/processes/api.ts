import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "./program.ts";
import { takesConnections } from "./redis.ts";
import { waitUntil } from "./wait.ts";
import { childEnv, lastLines, startWard } from "./ward.ts";

const READY_DEADLINE_MS = 15_000;

/** Makes programs that run the guarded API, each with a socket of its own and its settings as environment. */
export async function createApi(options: {
  folder: string;
}): Promise<(settings: Record<string, string>) => Program> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: 0o711 });
  let made = 0;
  return (settings) => {
    made += 1;
    return programFor(folder, `${made}`, settings);
  };
}

function programFor(folder: string, name: string, settings: Record<string, string>): Program {
  const socketPath = join(folder, `${name}.sock`);
  const log = join(folder, `${name}.log`);
  return {
    socketPath,
    log,
    async start(signal) {
      // A killed process leaves its socket behind, and the next one could not listen there.
      await rm(socketPath, { force: true });
      const ward = await startWard({
        command: process.execPath,
        args: [join(import.meta.dirname, "..", "guarded-api", "main.ts"), "--with-parent"],
        env: { ...childEnv(), ...settings, SOCKET_PATH: socketPath },
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
    sweep: () => rm(socketPath, { force: true }),
  };
}
