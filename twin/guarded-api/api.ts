import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import Fastify, { type FastifyInstance } from "fastify";
import { connectCache } from "./cache.ts";
import { connectDatabase } from "./database.ts";
import { addHealth } from "./health.ts";
import { addMetrics } from "./metrics.ts";
import { keepRawBodies } from "./raw-body.ts";
import { addRelease } from "./release.ts";
import type { Settings } from "./settings.ts";
import { addSwitches } from "./switches.ts";
import { addTrades } from "./trades.ts";
import { addBrokerWebhook } from "./broker-webhook.ts";

const UNLIMITED = ["/health", "/metrics", "/_signalman"];

/** The guarded API: trades in PostgreSQL, a read cache, health, metrics, and the switches the daemon may turn. */
export async function buildApi(settings: Settings): Promise<FastifyInstance> {
  const app = Fastify({
    // In the platform's own words: one line of JSON with `level` and `message`.
    logger: {
      level: "warn",
      messageKey: "message",
      formatters: { level: (label) => ({ level: label }) },
    },
    forceCloseConnections: "idle",
    bodyLimit: 65_536,
  });
  const database = connectDatabase(settings);
  const cache = connectCache(settings.REDIS_URL);
  app.addHook("onClose", async () => {
    cache.close();
    database.close();
  });
  keepRawBodies(app);
  addMetrics(app);
  await app.register(helmet);
  await app.register(rateLimit, {
    max: settings.RATE_LIMIT_PER_MINUTE,
    timeWindow: "1 minute",
    // Behind a Unix socket there is no address; everybody is one client then.
    keyGenerator: (request) => request.ip ?? "local",
    allowList: (request) => UNLIMITED.some((path) => request.url.startsWith(path)),
  });
  addRelease(app, settings);
  addSwitches(app, settings);
  addHealth(app, database, cache);
  addTrades(app, database, cache);
  addBrokerWebhook(app, database, settings.WEBHOOK_SECRET);
  return app;
}
