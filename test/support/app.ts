import { Writable } from "node:stream";

import { startApp, type App } from "../../src/app.ts";
import type { Config } from "../../src/config/config.ts";
import { systemClock } from "../../src/engine/clock.ts";
import type { Store } from "../../src/ports/store.ts";
import { createMemorySamples } from "../../src/storage/memory/index.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

/** The daemon in this process, over these books; what it logs is kept. */
export async function startHere(
  config: Config,
  store: Store,
): Promise<{ readonly app: App; readonly log: readonly string[] }> {
  const log: string[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      log.push(String(chunk));
      done();
    },
  });
  const app = await startApp({
    config,
    version: "test",
    store,
    samples: createMemorySamples(),
    clock: systemClock,
    log: createLog("info", sink),
    metrics: createMetrics(),
  });
  return { app, log };
}
