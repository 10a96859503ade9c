import { randomUUID } from "node:crypto";

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import { Duration } from "../config/duration.ts";
import type { Role } from "../config/tokens.ts";
import { UNSTARTED, type Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { ANSWERS, ORDERS, type Order, type OrderKind } from "../domain/order.ts";
import { type Laid, lift, type Pause, pauseWords, stopsUndo } from "../domain/pause.ts";
import type { Reason, World } from "../domain/world.ts";
import { createAccess, type AccessParts, type Caller } from "./access.ts";
import { attemptView, incidentView, pauseView } from "./views.ts";

export interface ControlParts extends AccessParts {
  world(): World;
  /** Writes an order down, so that it survives a crash, and waits until the journal has it or a moment is over. */
  give(order: Order): Promise<Given>;
  readonly pause: {
    readonly targets: readonly string[];
    readonly isByEnvironment: boolean;
    /** In force now, whoever ordered it. */
    read(): Pause | null;
    lay(wanted: Pause): Promise<Laid>;
    /** `target`: only what is paused under its name. */
    lift(target: string | null): Promise<ReturnType<typeof lift>>;
  };
  onError(error: unknown): void;
}

/** `waiting`: written down, and not yet in the journal. `busy`: too many wait, and it was not written. */
export type Given =
  | { readonly kind: "taken"; readonly reasons: readonly Reason[] }
  | { readonly kind: "waiting" }
  | { readonly kind: "busy" };

const PREFIX = "/api/v1";
const BODY_BYTES_MAX = 4_096;

const Nothing = z.strictObject({});
const Silence = z.strictObject({ for: Duration.optional() });
const ResumeWish = z.strictObject({ target: z.string().min(1).max(100).optional() });
const PauseWish = z.strictObject({
  target: z.string().min(1).max(100).optional(),
  includingUndo: z.boolean().optional(),
  for: Duration.optional(),
});

/** What is open, what waits for a person, and what a person may say to it. Every answer names the pause in force. */
export function addControl(server: FastifyInstance, parts: ControlParts): void {
  const access = createAccess(parts);
  void server.register(
    async (scope) => {
      scope.setErrorHandler((error, _request, reply) => explain(parts, error, reply));
      const route: AddRoute = (method, url, role, work) => {
        scope.route<{ Params: { id: string } }>({
          method,
          url,
          bodyLimit: BODY_BYTES_MAX,
          // Before a byte of the body is read: a stranger moves nothing.
          onRequest: (request, reply, done) => {
            reply.header("cache-control", "no-store");
            const allowed = access(request, reply, role);
            if (allowed === null) return;
            callers.set(request, allowed.caller);
            done();
          },
          handler: (request, reply) =>
            work({ request, reply, caller: callers.get(request) ?? null }),
        });
      };
      addReading(route, parts);
      addAnswers(route, parts);
      addOrders(route, parts);
      addPause(route, parts);
    },
    { prefix: PREFIX },
  );
  const callers = new WeakMap<FastifyRequest, Caller>();
}

interface Call {
  readonly request: FastifyRequest<{ Params: { id: string } }>;
  readonly reply: FastifyReply;
  readonly caller: Caller;
}

type AddRoute = (
  method: "GET" | "POST",
  url: string,
  role: Role,
  work: (call: Call) => FastifyReply | Promise<FastifyReply>,
) => void;

function addReading(route: AddRoute, parts: ControlParts): void {
  const head = (): object => ({ version: 1, paused: pauseView(parts.pause.read()) });
  const shown = (attempts: readonly Attempt[]): readonly object[] =>
    attempts.map((attempt) => attemptView(attempt, parts.now()));
  route("GET", "/incidents", "viewer", ({ reply }) => {
    const open = Object.values(parts.world().incidents).filter(({ closedAt }) => closedAt === null);
    return reply.send({ ...head(), incidents: open.map(incidentView) });
  });
  route("GET", "/incidents/:id", "viewer", ({ request, reply }) => {
    const incident = incidentOf(parts, request.params.id);
    if (incident === null) return notFound(reply);
    const attempts = Object.values(parts.world().attempts).filter(
      ({ incident: of }) => of === incident.id,
    );
    return reply.send({ ...head(), incident: incidentView(incident), attempts: shown(attempts) });
  });
  route("GET", "/attempts", "viewer", ({ reply }) => {
    const waiting = Object.values(parts.world().attempts).filter(
      ({ state, incident }) => incident !== null && UNSTARTED.includes(state),
    );
    return reply.send({ ...head(), attempts: shown(waiting) });
  });
  route("GET", "/attempts/:id", "viewer", ({ request, reply }) => {
    const attempt = attemptOf(parts, request.params.id);
    return attempt === null
      ? notFound(reply)
      : reply.send({ ...head(), attempt: attemptView(attempt, parts.now()) });
  });
  route("GET", "/pause", "viewer", ({ reply }) => reply.send(head()));
}

function addAnswers(route: AddRoute, parts: ControlParts): void {
  for (const answer of ANSWERS)
    route("POST", `/attempts/:id/${answer}`, "responder", async ({ request, reply, caller }) => {
      const attempt = attemptOf(parts, request.params.id);
      if (attempt === null || attempt.incident === null) return notFound(reply);
      const body = Nothing.safeParse(request.body ?? {});
      if (!body.success) return badBody(reply, body.error);
      const given = await parts.give({
        id: orderId(parts),
        order: answer,
        incident: attempt.incident,
        attempt: attempt.id,
        by: byHttp(caller),
        at: parts.now(),
      });
      if (given.kind !== "taken") return notTaken(reply, given);
      const said = given.reasons[0];
      const isDone = said?.code === "approved" || said?.code === "approval-refused";
      if (!isDone) return conflict(reply, said?.code ?? "already-ended", said?.text ?? "");
      const now = attemptOf(parts, attempt.id) ?? attempt;
      return reply.send({ version: 1, attempt: attemptView(now, parts.now()) });
    });
}

function addOrders(route: AddRoute, parts: ControlParts): void {
  for (const order of ORDERS)
    route("POST", `/incidents/:id/${order}`, "responder", async ({ request, reply, caller }) => {
      const incident = incidentOf(parts, request.params.id);
      if (incident === null) return notFound(reply);
      const body = bodyOf(order).safeParse(request.body ?? {});
      if (!body.success) return badBody(reply, body.error);
      if (incident.closedAt !== null)
        return conflict(reply, "incident-over", `${incident.id} is over already`);
      const forMs = "for" in body.data ? body.data.for : undefined;
      const given = await parts.give({
        id: orderId(parts),
        order,
        incident: incident.id,
        by: byHttp(caller),
        ...(forMs === undefined ? {} : { forMs }),
      });
      if (given.kind !== "taken") return notTaken(reply, given);
      const now = incidentOf(parts, incident.id) ?? incident;
      return reply.send({ version: 1, incident: incidentView(now) });
    });
}

function bodyOf(order: OrderKind): typeof Silence | typeof Nothing {
  return order === "silence" ? Silence : Nothing;
}

/** While undo is paused, switches that limit users end by their time only: that is for an admin to order and to end. */
function addPause(route: AddRoute, parts: ControlParts): void {
  const { pause } = parts;
  const needsAdmin = (reply: FastifyReply, path: string): FastifyReply => {
    parts.onRefused("forbidden", path);
    return reply
      .code(403)
      .send({ error: "forbidden", message: "what pauses undo too needs the role admin" });
  };
  route("POST", "/pause", "responder", async ({ request, reply, caller }) => {
    const body = PauseWish.safeParse(request.body ?? {});
    if (!body.success) return badBody(reply, body.error);
    const { target = null, includingUndo = false, for: forMs } = body.data;
    if (includingUndo && caller?.role !== "admin") return needsAdmin(reply, "/pause");
    if (target !== null && !pause.targets.includes(target))
      return unknownTarget(reply, pause.targets);
    const since = parts.now();
    const wanted: Pause = {
      by: byHttp(caller),
      since,
      target,
      includingUndo,
      ...(forMs === undefined ? {} : { until: since + forMs }),
    };
    const { meeting, pause: standing, replaced } = await pause.lay(wanted);
    if (meeting === "stands")
      return conflict(
        reply,
        "pause-stands",
        `nothing was changed, what stands holds all of that: ${pauseWords(standing)}; resume first for another one`,
      );
    return reply.send({
      version: 1,
      paused: pauseView(pause.read()),
      replaced: pauseView(replaced),
    });
  });
  route("POST", "/resume", "responder", async ({ request, reply, caller }) => {
    const body = ResumeWish.safeParse(request.body ?? {});
    if (!body.success) return badBody(reply, body.error);
    const { target = null } = body.data;
    const { lifted: meant } = lift(pause.read(), target);
    if (stopsUndo(meant) && caller?.role !== "admin") return needsAdmin(reply, "/resume");
    const { lifted } = await pause.lift(target);
    if (pause.isByEnvironment)
      return conflict(reply, "paused-by-environment", "still paused by SIGNALMAN_PAUSED");
    if (lifted === null)
      return conflict(reply, "not-paused", "nothing was paused, or not under this name");
    return reply.send({
      version: 1,
      paused: pauseView(pause.read()),
      resumed: pauseView(lifted),
    });
  });
}

function unknownTarget(reply: FastifyReply, targets: readonly string[]): FastifyReply {
  return reply.code(400).send({
    error: "unknown-target",
    message: `nothing is paused: there is no target of this name; known here: ${targets.join(", ")}`,
  });
}

function incidentOf(parts: ControlParts, id: string): Incident | null {
  const { incidents } = parts.world();
  return Object.hasOwn(incidents, id) ? (incidents[id] ?? null) : null;
}

function attemptOf(parts: ControlParts, id: string): Attempt | null {
  const { attempts } = parts.world();
  return Object.hasOwn(attempts, id) ? (attempts[id] ?? null) : null;
}

function byHttp(caller: Caller): string {
  return `${caller?.name ?? "somebody"} (HTTP)`;
}

function orderId({ now }: ControlParts): string {
  return `${now()}-${randomUUID()}`;
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: "not-found", message: "nothing of this id is known" });
}

function conflict(reply: FastifyReply, error: string, message: string): FastifyReply {
  return reply.code(409).send({ error, message });
}

function notTaken(reply: FastifyReply, { kind }: Given): FastifyReply {
  return kind === "busy"
    ? reply.code(503).header("retry-after", "5").send({
        error: "busy",
        message: "too many orders wait: send it again later",
      })
    : reply.code(202).send({ version: 1, waiting: true });
}

/** In words of our own: what was sent is not repeated. */
function badBody(reply: FastifyReply, { issues }: z.ZodError): FastifyReply {
  const fields = issues.map(({ path, code }) =>
    code === "unrecognized_keys" ? "a key that nobody knows" : path.join(".") || "the body",
  );
  return reply.code(400).send({
    error: "bad-request",
    message: `not as expected: ${[...new Set(fields)].join(", ")}; lengths of time are texts such as "30m"`,
  });
}

function explain(parts: ControlParts, error: unknown, reply: FastifyReply): FastifyReply {
  const status =
    typeof error === "object" && error !== null && "statusCode" in error
      ? Number(error.statusCode)
      : 500;
  if (status >= 400 && status < 500)
    return reply
      .code(status)
      .send({ error: "bad-request", message: "expected at most 4 KiB of JSON, or no body" });
  parts.onError(error);
  return reply.code(500).send({ error: "failed", message: "it was not done" });
}
