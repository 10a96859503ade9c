import type { FastifyInstance } from "fastify";
import type { Cache } from "./cache.ts";
import type { Database } from "./database.ts";

const CHECK_DEADLINE_MS = 1_000;

/** `GET /health` in the guide's shape: always 200, so that only the body tells the truth. */
export function addHealth(app: FastifyInstance, database: Database, cache: Cache): void {
  app.get("/health", async () => {
    const [isConnected, redis] = await Promise.all([answers(database), cache.state()]);
    const isHealthy = isConnected && redis !== "disconnected";
    return {
      status: isHealthy ? "healthy" : "unhealthy",
      database: isConnected ? "connected" : "disconnected",
      redis,
    };
  });
}

async function answers(database: Database): Promise<boolean> {
  return database.query("select 1", [], CHECK_DEADLINE_MS).then(
    () => true,
    () => false,
  );
}
