import type { FastifyInstance } from "fastify";
import type { Database } from "./database.ts";
import { rawBody } from "./raw-body.ts";
import { isSigned } from "./signature.ts";
import { insertTrade, tradeSchema } from "./trades.ts";

/** `POST /webhooks/broker`: a fill from the broker, signed as `X-Webhook-Signature: sha256=<hex>` over the body. */
export function addBrokerWebhook(app: FastifyInstance, database: Database, secret: string): void {
  app.post("/webhooks/broker", async (request, reply) => {
    if (!isSigned(secret, rawBody(request), request.headers["x-webhook-signature"])) {
      return reply.code(401).send({ error: "unauthorized" });
    }
    const read = tradeSchema.safeParse(request.body);
    if (!read.success) return reply.code(400).send({ error: "malformed" });
    const trade = await insertTrade(database, read.data).catch(() => undefined);
    if (trade === undefined) return reply.code(503).send({ error: "database-unavailable" });
    return reply.code(202).send({ ok: true });
  });
}
