import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { Cache } from "./cache.ts";
import type { Database } from "./database.ts";

const FRESH_MS = 2_000;
const COLUMNS = "id::int, symbol, quantity::float8, price::float8, created_at";

/** A trade as clients send it: negative quantities are sales. */
export const tradeSchema = z.strictObject({
  symbol: z.string().regex(/^[A-Z0-9.]{1,12}$/, "1 to 12 capital letters, digits or dots"),
  quantity: z.number().refine((it) => it !== 0, "must not be 0"),
  price: z.number().positive(),
});

/** `GET /trades`, `GET /trades/:id`, `POST /trades`. Reads go on from the cache while PostgreSQL does not answer. */
export function addTrades(app: FastifyInstance, database: Database, cache: Cache): void {
  app.get("/trades", async (_request, reply) => {
    const sql = `select ${COLUMNS} from trades order by id desc limit 100`;
    const trades = await readThrough("trades", reply, cache, () => database.query(sql));
    return trades === undefined ? unavailable(reply) : reply.send({ trades });
  });
  app.get<{ Params: { id: string } }>("/trades/:id", async ({ params }, reply) => {
    if (!/^\d{1,9}$/.test(params.id)) return reply.code(404).send({ error: "not-found" });
    const sql = `select ${COLUMNS} from trades where id = $1`;
    const load = () => database.query(sql, [params.id]);
    const rows = await readThrough(`trades:${params.id}`, reply, cache, load);
    if (!Array.isArray(rows)) return unavailable(reply);
    return rows.length === 0 ? reply.code(404).send({ error: "not-found" }) : reply.send(rows[0]);
  });
  app.post("/trades", async (request, reply) => {
    const read = tradeSchema.safeParse(request.body);
    if (!read.success) {
      return reply.code(400).send({ error: "malformed", message: z.prettifyError(read.error) });
    }
    const trade = await insertTrade(database, read.data).catch((error: unknown) => {
      request.log.error(error, "a trade could not be stored in the database");
      return undefined;
    });
    if (trade === undefined) return unavailable(reply);
    await cache.expire("trades");
    return reply.code(201).send(trade);
  });
}

/** Stores a trade and returns its row. Throws when the database does not take it. */
export async function insertTrade(
  database: Database,
  trade: z.infer<typeof tradeSchema>,
): Promise<Record<string, unknown> | undefined> {
  const [row] = await database.query(
    `insert into trades (symbol, quantity, price) values ($1, $2, $3) returning ${COLUMNS}`,
    [trade.symbol, trade.quantity, trade.price],
  );
  return row;
}

/** Undefined only when neither the database nor the cache knows an answer. */
async function readThrough(
  key: string,
  reply: FastifyReply,
  cache: Cache,
  load: () => Promise<unknown>,
): Promise<unknown> {
  const entry = await cache.get(key);
  if (entry !== undefined && Date.now() - entry.at < FRESH_MS) {
    reply.header("X-Cache", "hit");
    return entry.value;
  }
  try {
    const value = await load();
    await cache.set(key, { at: Date.now(), value });
    reply.header("X-Cache", "miss");
    return value;
  } catch (error) {
    reply.log.error(error, "trades could not be read from the database");
    if (entry === undefined) return undefined;
    reply.header("X-Cache", "stale");
    return entry.value;
  }
}

function unavailable(reply: FastifyReply): FastifyReply {
  const body = { error: "database-unavailable", message: "Trades cannot be reached right now." };
  return reply.code(503).send(body);
}
