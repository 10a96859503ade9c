import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { execa } from "execa";

/** A daemon as a child process, as an operator would run it. */
export interface DaemonProcess {
  readonly pid: number;
  /** Where its `/readyz` is. */
  readonly address: string;
  /** Everything it wrote so far. */
  log(): string;
  /** SIGTERM, then the exit code and how long it took. */
  stop(): Promise<{ readonly code: number | null; readonly tookMs: number }>;
  /** SIGKILL: no goodbye. */
  kill(): Promise<void>;
  readonly ended: Promise<void>;
}

const START_MS = 20_000;

/** Starts `signalman start` and waits for the line in which it says that it guards. */
export async function startDaemonProcess(options: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configFile: string;
  readonly signal: AbortSignal;
}): Promise<DaemonProcess> {
  const bin = fileURLToPath(new URL("../../bin/signalman", import.meta.url));
  const child = execa(process.execPath, [bin, "start", "--config", options.configFile], {
    env: options.env,
    extendEnv: false,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    all: true,
    reject: false,
    maxBuffer: 20_000_000,
  });
  let log = "";
  const guarding = Promise.withResolvers<string>();
  createInterface({ input: child.all }).on("line", (line) => {
    log += `${line}\n`;
    const address = guardingAddress(line);
    if (address !== null) guarding.resolve(address);
  });
  const ended = child.then(() => {
    guarding.reject(new Error(`the daemon ended before it guarded:\n${log.slice(-2_000)}`));
  });
  const late = AbortSignal.any([options.signal, AbortSignal.timeout(START_MS)]);
  late.addEventListener(
    "abort",
    () => guarding.reject(new Error(`the daemon did not start in time:\n${log.slice(-2_000)}`)),
    { once: true },
  );
  try {
    const address = await guarding.promise;
    return {
      pid: child.pid ?? 0,
      address,
      log: () => log,
      ended,
      stop: async () => {
        const begun = performance.now();
        child.kill("SIGTERM");
        const result = await child;
        return { code: result.exitCode ?? null, tookMs: Math.round(performance.now() - begun) };
      },
      kill: async () => {
        child.kill("SIGKILL");
        await ended;
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    await ended;
    throw error;
  }
}

function guardingAddress(line: string): string | null {
  try {
    const entry = JSON.parse(line) as { message?: unknown; address?: unknown };
    return entry.message === "guarding" && typeof entry.address === "string" ? entry.address : null;
  } catch {
    return null;
  }
}
