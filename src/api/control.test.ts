import { createHash } from "node:crypto";

import type { FastifyInstance } from "fastify";
import { request } from "undici";
import { afterEach, describe, expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { Theatre } from "../../test/support/theatre.ts";
import { readTokens } from "../config/tokens.ts";
import { eventId } from "../domain/ids.ts";
import type { Order } from "../domain/order.ts";
import { lay, lift, type Pause } from "../domain/pause.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import type { ControlParts, Given } from "./control.ts";
import { createServer } from "./server.ts";

const HASHES = { vera: "viewer", rita: "responder", otto: "admin" } as const;
const TOKENS = readTokens(
  Object.entries(HASHES)
    .map(([name, role]) => `${name}:${role}:${sha256(`secret of ${name}`.replaceAll(" ", "-"))}`)
    .join(", "),
).tokens;

let server: FastifyInstance | undefined;
afterEach(async () => {
  await server?.close();
});

/** The server on the real core: orders are decided as the daemon would. */
async function serve(changes: Partial<ControlParts> = {}) {
  const modes = { default: "auto", restart: "suggest" } as const;
  const stage = new Theatre(rulesFor({ modes })).untilRemedy().request("remedy");
  const refused: string[] = [];
  const orders: Order[] = [];
  let standing: Pause | null = null;
  const parts: ControlParts = {
    tokens: TOKENS,
    isLocal: true,
    now: () => stage.now,
    world: () => stage.world,
    give: (order) => {
      orders.push(order);
      const id = eventId("order", order.id);
      const entry = stage.dispatch({ id, at: stage.now, cause: null, type: "order", order });
      const reasons = entry?.decision.reasons ?? [];
      return Promise.resolve({ kind: "taken", reasons } satisfies Given);
    },
    pause: {
      targets: ["api", "postgres"],
      isByEnvironment: false,
      read: () => standing,
      lay: (wanted) => {
        const laid = lay(standing, wanted);
        standing = laid.pause;
        return Promise.resolve(laid);
      },
      lift: (target) => {
        const ended = lift(standing, target);
        standing = ended.left;
        return Promise.resolve(ended);
      },
    },
    onRefused: (...of) => void refused.push(of.join(" ")),
    onError: (error) => expect.unreachable(String(error)),
    ...changes,
  };
  const none = { senders: [], callers: [], now: parts.now, onError: () => undefined };
  server = createServer(
    () => [],
    createMetrics(),
    {
      ...none,
      hear: () => ({ kind: "busy" }),
      call: () => undefined,
      onDelivery: () => undefined,
    },
    { isUsed: () => false, answer: () => null },
    parts,
  );
  await server.listen({ host: "127.0.0.1", port: 0 });
  const origin = server.listeningOrigin;
  const send = async (
    method: "GET" | "POST",
    path: string,
    who: string | null = "rita",
    body?: string,
  ) => {
    const answered = await request(`${origin}/api/v1${path}`, {
      method,
      headers: {
        ...(who === null ? {} : { authorization: `Bearer secret-of-${who}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body ?? null,
      signal: AbortSignal.timeout(5_000),
    });
    const text = await answered.body.text();
    return {
      status: answered.statusCode,
      json: JSON.parse(text) as { error?: string } & Record<string, unknown>,
      text,
      headers: answered.headers,
    };
  };
  return { stage, send, refused, orders };
}

describe("who may do what", () => {
  it.each([
    ["GET", "/incidents", null, 401, "unauthorized"],
    ["GET", "/incidents", "mallory", 401, "unauthorized"],
    ["POST", "/pause", null, 401, "unauthorized"],
    ["POST", "/pause", "vera", 403, "forbidden"],
    ["POST", "/pause", "otto", 200, undefined],
    ["GET", "/incidents", "vera", 200, undefined],
    ["GET", "/nothing", "otto", 404, "not-found"],
    ["GET", "/incidents/0123456789", "otto", 404, "not-found"],
    ["GET", "/incidents/__proto__", "otto", 404, "not-found"],
    ["POST", "/attempts/0123456789.1/approve", "otto", 404, "not-found"],
  ] as const)("%s %s by %s is %i", async (method, path, who, status, error) => {
    const { send } = await serve();
    const sent = await send(method, path, who);
    expect([sent.status, sent.json.error]).toEqual([status, error]);
  });

  it("says no to every order where no tokens are configured, and reads to this machine only", async () => {
    const local = await serve({ tokens: [] });
    const { id } = local.stage.attempt("remedy");
    for (const path of [`/attempts/${id}/approve`, `/incidents/${id}/ack`, "/pause", "/resume"])
      expect(await local.send("POST", path)).toMatchObject({
        status: 403,
        json: { error: "no-tokens" },
      });
    expect((await local.send("GET", "/incidents", null)).status).toBe(200);
    await server?.close();
    const open = await serve({ tokens: [], isLocal: false });
    expect((await open.send("GET", "/incidents", null)).status).toBe(403);
    expect(local.orders).toEqual([]);
  });

  it("slows failures down, and locks nobody out who has a right token", async () => {
    const { send, stage, refused } = await serve();
    const statuses: number[] = [];
    for (let i = 0; i < 25; i += 1)
      statuses.push((await send("GET", "/incidents", "mallory")).status);
    expect(statuses).toEqual([...Array<number>(20).fill(401), ...Array<number>(5).fill(429)]);
    expect((await send("GET", "/incidents", "vera")).status).toBe(200);
    stage.pass(2_000);
    expect((await send("GET", "/incidents", "mallory")).status).toBe(401);
    expect(refused).toHaveLength(21);
    expect(refused.join()).not.toContain("mallory");
  });

  it("slows one caller down who is too many", async () => {
    const { send } = await serve();
    let last = 200;
    for (let i = 0; i < 61; i += 1) last = (await send("GET", "/pause", "vera")).status;
    expect(last).toBe(429);
    expect((await send("GET", "/pause", "rita")).status).toBe(200);
  });
});

describe("an answer to an attempt", () => {
  it("is written down with who and how, and shows until when it counts", async () => {
    const { send, stage, orders } = await serve();
    const { id, incident } = stage.attempt("remedy");
    const before = await send("GET", "/attempts", "vera");
    expect(before.json).toMatchObject({
      paused: null,
      attempts: [{ id, action: "restart", state: "awaiting-approval" }],
    });
    expect((await send("POST", `/attempts/${id}/approve`)).json).toMatchObject({
      attempt: { id, approval: { by: "rita (HTTP)" }, waitsForApprovalUntil: null },
    });
    expect(orders).toMatchObject([{ order: "approve", attempt: id, incident, by: "rita (HTTP)" }]);
    expect(await send("POST", `/attempts/${id}/approve`)).toMatchObject({
      status: 409,
      json: { error: "already-approved" },
    });
    expect((await send("POST", `/attempts/${id}/reject`)).json).toMatchObject({
      attempt: { state: "withdrawn", problem: { code: "approval-refused" } },
    });
    expect((await send("POST", `/attempts/${id}/reject`)).json.error).toBe("already-ended");
  });

  it("says when it waits, and when too many do", async () => {
    const waiting = await serve({ give: () => Promise.resolve({ kind: "waiting" }) });
    const path = `/attempts/${waiting.stage.attempt("remedy").id}/approve`;
    expect((await waiting.send("POST", path)).status).toBe(202);
    await server?.close();
    const busy = await serve({ give: () => Promise.resolve({ kind: "busy" }) });
    expect(await busy.send("POST", path)).toMatchObject({ status: 503, json: { error: "busy" } });
  });
});

describe("orders and pauses", () => {
  it("go to the incident, with a length where it has one", async () => {
    const { send, stage, orders } = await serve();
    const { id } = stage.incident;
    expect((await send("POST", `/incidents/${id}/ack`)).json).toMatchObject({
      incident: { acknowledgedBy: "rita (HTTP)" },
    });
    await send("POST", `/incidents/${id}/silence`, "rita", '{"for":"30m"}');
    expect(orders.at(-1)).toMatchObject({ order: "silence", forMs: 1_800_000 });
    expect((await send("POST", `/incidents/${id}/take`)).json).toMatchObject({
      incident: { state: "escalated" },
    });
  });

  it.each([
    ["/pause", '{"target":"apj"}', "unknown-target"],
    ["/pause", '{"for":"soon"}', "bad-request"],
    ["/pause", '{"until":"secret-word"}', "bad-request"],
    ["/pause", '{"target":7}', "bad-request"],
    ["/pause", "[]", "bad-request"],
    ["/pause", "{secret-word", "bad-request"],
    ["/resume", '{"all":true}', "bad-request"],
    ["/pause", `{"target":"${"a".repeat(5_000)}"}`, "bad-request"],
  ])("POST %s of %s is refused, and nothing of it repeated", async (path, body, error) => {
    const { send } = await serve();
    const sent = await send("POST", path, "rita", body);
    expect(sent.status).toBeGreaterThanOrEqual(400);
    expect(sent.status).toBeLessThan(500);
    expect(sent.json.error).toBe(error);
    expect(sent.text).not.toContain("secret-word");
    expect((await send("GET", "/pause", "vera")).json["paused"]).toBeNull();
  });

  it("pause with a target and an end; a second one narrows nothing and stands beside; resume ends it", async () => {
    const { send } = await serve();
    expect(
      (await send("POST", "/pause", "rita", '{"target":"api","for":"2h"}')).json,
    ).toMatchObject({
      paused: { by: "rita (HTTP)", target: "api", includingUndo: false, also: [] },
    });
    const less = await send("POST", "/pause", "rita", '{"target":"api","for":"1h"}');
    expect(less).toMatchObject({ status: 409, json: { error: "pause-stands" } });
    const other = await send("POST", "/pause", "rita", '{"target":"postgres"}');
    expect(other.json).toMatchObject({ replaced: null });
    expect((await send("GET", "/incidents", "vera")).json["paused"]).toMatchObject({
      target: "postgres",
      also: [{ target: "api" }],
    });
    expect((await send("POST", "/resume", "rita", '{"target":"cache"}')).json.error).toBe(
      "not-paused",
    );
    expect((await send("POST", "/resume", "rita", '{"target":"postgres"}')).json).toMatchObject({
      paused: { target: "api", also: [] },
      resumed: { target: "postgres" },
    });
    expect((await send("POST", "/resume")).json).toMatchObject({ paused: null });
    expect((await send("POST", "/resume")).json.error).toBe("not-paused");
  });

  it("leaves the pause of undo, and its end, to an admin", async () => {
    const { send, refused } = await serve();
    const wish = '{"includingUndo":true}';
    expect(await send("POST", "/pause", "rita", wish)).toMatchObject({
      status: 403,
      json: { error: "forbidden" },
    });
    expect((await send("GET", "/pause", "vera")).json["paused"]).toBeNull();
    expect((await send("POST", "/pause", "otto", wish)).json).toMatchObject({
      paused: { by: "otto (HTTP)", includingUndo: true },
    });
    expect((await send("POST", "/resume", "rita")).status).toBe(403);
    expect((await send("GET", "/pause", "vera")).json["paused"]).not.toBeNull();
    expect(refused).toEqual(["forbidden /pause", "forbidden /resume"]);
    expect((await send("POST", "/resume", "otto")).json).toMatchObject({ paused: null });
  });
});

it("reads SIGNALMAN_TOKENS, and repeats nothing of it in a fault", () => {
  const hash = sha256("a");
  expect(readTokens(null)).toEqual({ tokens: [], faults: [] });
  expect(readTokens(`ann:admin:${hash.toUpperCase()},`).tokens).toEqual([
    { name: "ann", role: "admin", sha256: hash },
  ]);
  for (const wrong of [
    "ann:admin:my-plain-token",
    `ann:root:${hash}`,
    `:admin:${hash}`,
    `ann:admin:${hash},ann:viewer:${sha256("b")}`,
    `ann:admin:${hash},bob:viewer:${hash}`,
    `ann:admin:${hash},,bob:viewer:${sha256("b")}`,
  ]) {
    const { tokens, faults } = readTokens(wrong);
    expect(tokens).toEqual([]);
    expect(faults).toHaveLength(1);
    expect(JSON.stringify(faults)).not.toMatch(/my-plain-token|root|ann|[0-9a-f]{64}/);
  }
});

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
