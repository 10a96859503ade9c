import { getCompileCacheDir } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { execa } from "execa";
import { z } from "zod";

/** A twin in a process of its own: the daemon speaks to it as it would to Railway. */
export interface TwinProcess {
  readonly platform: string;
  readonly api: string;
  /** What the daemon's environment has to say. */
  readonly env: Readonly<Record<string, string>>;
  readonly configFile: string;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const Ready = z.object({
  ready: z.literal(true),
  platform: z.string(),
  api: z.string(),
  env: z.record(z.string(), z.string()),
});

/** The twin is looked at far more often than Railway may be. */
const BUDGET = ["--budget", "100000", "--burst", "100"];
const START_MS = 50_000;
const STOP_MS = 3_500;

/**
 * Starts the twin and waits until everything in it answers. It ends when this process does. `options` are more of its own
 * (`twin/README.md`).
 */
export async function startTwinProcess(
  signal: AbortSignal,
  options: readonly string[] = [],
): Promise<TwinProcess> {
  const main = fileURLToPath(new URL("../../twin/main.ts", import.meta.url));
  const child = execa(process.execPath, [main, "--with-parent", ...BUDGET, ...options], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    reject: false,
    // A group of its own, so that Ctrl-C reaches the daemon first and the twin by its closed stdin.
    detached: true,
    cleanup: true,
    maxBuffer: 1_000_000,
    env: { NODE_COMPILE_CACHE: getCompileCacheDir() },
  });
  const ended = child.then(() => undefined);
  const lines = createInterface({ input: child.stdout });
  const first = Promise.withResolvers<string>();
  lines.once("line", first.resolve);
  const late = AbortSignal.any([signal, AbortSignal.timeout(START_MS)]);
  late.addEventListener("abort", () => first.reject(new Error("the twin did not start in time")), {
    once: true,
  });
  void child.then((result) =>
    first.reject(
      new Error(
        `the twin ended before it was ready (exit ${result.exitCode ?? result.signal ?? "?"}):\n${result.stderr.slice(-2_000)}`,
      ),
    ),
  );

  const stop = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  try {
    const ready = Ready.parse(JSON.parse(await first.promise));
    return {
      platform: ready.platform,
      api: ready.api,
      env: {
        ...ready.env,
        SWITCH_URL: `${ready.api}/_signalman/switches`,
        RAILWAY_STATUS_URL: `${ready.platform}/status`,
      },
      configFile: fileURLToPath(new URL("../../twin/signalman.yaml", import.meta.url)),
      ended,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
