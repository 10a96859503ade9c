import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { rawBody } from "./raw-body.ts";
import { isSigned } from "./signature.ts";

const PATH = "/_signalman/switches";
const SKEW_MS = 60_000;
const LONGEST_MS = 3_600_000;
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

const orderSchema = z.strictObject({
  switch: z.literal("read-only"),
  value: z.boolean(),
  until: z.number().int().positive(),
  leaseId: z.string().min(1).max(200),
  seq: z.number().int().nonnegative(),
  message: z.string().max(500),
});

type Order = z.infer<typeof orderSchema>;
type Setting = Omit<Order, "switch">;

const refusals = new WeakMap<FastifyRequest, string>();

/** The switch that refused a request, if one did. */
export function refusedBy(request: FastifyRequest): string | undefined {
  return refusals.get(request);
}

/**
 * The switch contract: `PUT` and `GET /_signalman/switches`, both signed, and a hook that refuses writes while
 * read-only is on. A setting ends by itself at `until`: every request asks the clock, and nothing has to run for it.
 */
export function addSwitches(app: FastifyInstance, secret: string): void {
  let last: Setting | undefined;
  app.addHook("onRequest", async (request, reply) => {
    const now = Date.now();
    if (last === undefined || !last.value || last.until <= now) return undefined;
    if (READS.has(request.method) || request.url.startsWith("/_signalman/")) return undefined;
    refusals.set(request, "read-only");
    reply.header("X-Signalman-Switch", "read-only");
    reply.header("Retry-After", String(Math.max(1, Math.ceil((last.until - now) / 1_000))));
    return reply.code(503).send({ error: "read-only", message: last.message });
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
