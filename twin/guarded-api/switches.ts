import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { rawBody } from "./raw-body.ts";
import type { Settings } from "./settings.ts";
import { isSigned } from "./signature.ts";
import { followDaemon, followRedis, type Source } from "./switch-sources.ts";

const PATH = "/_signalman/switches";
const SKEW_MS = 60_000;
const LONGEST_MS = 3_600_000;
/** What a process says that is read-only by its settings: it knows neither an end nor a reason. */
const AGAIN_MS = 60_000;
const MESSAGE = "Saving is switched off for a moment.";
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

const orderSchema = z.strictObject({
  switch: z.literal("read-only"),
  value: z.boolean(),
  until: z.number().int().positive(),
  leaseId: z.string().min(1).max(200),
  seq: z.number().int().nonnegative(),
  message: z.string().max(500),
});

const settingSchema = orderSchema.omit({ switch: true }).strip();
type Setting = z.infer<typeof settingSchema>;

const refusals = new WeakMap<FastifyRequest, string>();

/** The switch that refused a request, if one did. */
export function refusedBy(request: FastifyRequest): string | undefined {
  return refusals.get(request);
}

/**
 * The switch contract: `PUT` and `GET /_signalman/switches`, both signed, and a hook that refuses writes while
 * read-only is on. A setting ends by itself at `until`: every request asks the clock, and nothing has to run for it.
 */
export function addSwitches(app: FastifyInstance, settings: Settings): void {
  const secret = settings.SWITCH_SECRET;
  let last: Setting | undefined;
  follow(app, settings, (told) => {
    const read = settingSchema.safeParse(told);
    // Whoever tells of nothing turns off; an older order than the last one is none.
    if (read.success) last = last !== undefined && read.data.seq <= last.seq ? last : read.data;
    else if (told === null) last = undefined;
  });
  app.addHook("onRequest", async (request, reply) => {
    const now = Date.now();
    const order = last !== undefined && last.value && last.until > now ? last : null;
    if (order === null && settings.READ_ONLY === "0") return undefined;
    if (READS.has(request.method) || request.url.startsWith("/_signalman/")) return undefined;
    const { until, message } = order ?? { until: now + AGAIN_MS, message: MESSAGE };
    refusals.set(request, "read-only");
    reply.header("X-Signalman-Switch", "read-only");
    reply.header("Retry-After", String(Math.max(1, Math.ceil((until - now) / 1_000))));
    return reply.code(503).send({ error: "read-only", message });
  });
  app.put(PATH, async (request, reply) => {
    if (!isAuthentic(request, secret)) return unauthorized(reply);
    const read = orderSchema.safeParse(request.body);
    if (!read.success) return malformed(reply, z.prettifyError(read.error));
    const { switch: name, ...setting } = read.data;
    if (setting.until > Date.now() + LONGEST_MS) {
      return malformed(reply, "until: at most one hour ahead");
    }
    if (last !== undefined && setting.seq <= last.seq) {
      return reply.code(409).send({ error: "stale-seq", seq: last.seq });
    }
    last = setting;
    return { switch: name, ...setting };
  });
  app.get(PATH, async (request, reply) => {
    if (!isAuthentic(request, secret)) return unauthorized(reply);
    const isOver = last === undefined || last.until <= Date.now();
    return { switches: { "read-only": isOver ? null : last } };
  });
}

/** The other ways to hear of it: a key of Redis, and asking the daemon. */
function follow(app: FastifyInstance, settings: Settings, take: Source): void {
  const { REDIS_URL, SWITCH_REDIS_KEY, SWITCH_POLL_URL, SWITCH_POLL_TOKEN } = settings;
  const stopping = new AbortController();
  app.addHook("onClose", async () => stopping.abort());
  if (REDIS_URL !== undefined && SWITCH_REDIS_KEY !== undefined)
    void followRedis(REDIS_URL, SWITCH_REDIS_KEY, take, stopping.signal);
  if (SWITCH_POLL_URL !== undefined && SWITCH_POLL_TOKEN !== undefined)
    void followDaemon(SWITCH_POLL_URL, SWITCH_POLL_TOKEN, take, stopping.signal);
}

function isAuthentic(request: FastifyRequest, secret: string): boolean {
  const stamp = request.headers["x-signalman-timestamp"];
  if (typeof stamp !== "string" || !/^\d{1,16}$/.test(stamp)) return false;
  if (Math.abs(Date.now() - Number(stamp)) > SKEW_MS) return false;
  const path = request.url.split("?")[0] ?? "";
  const text = `${stamp}\n${request.method}\n${path}\n${rawBody(request)}`;
  return isSigned(secret, text, request.headers["x-signalman-signature"]);
}

function unauthorized(reply: FastifyReply): FastifyReply {
  return reply.code(401).send({ error: "unauthorized" });
}

function malformed(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(400).send({ error: "malformed", message });
}
