import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ask, at, type Answer } from "../asking.ts";
import { startTwin, type Twin } from "../index.ts";
import { waitUntil } from "../processes/wait.ts";
import { findRedis } from "../processes/redis.ts";
import { readSettings } from "./settings.ts";

const SWITCHES = "/_signalman/switches";
const trade = { symbol: "AAPL", quantity: 2, price: 10.5 };

let twin: Twin;
let seq = 0;

beforeAll(async () => {
  twin = await startTwin();
});
afterAll(() => twin.stop());
afterEach(async () => {
  await twin.clear();
  await turn({ value: false });
  await waitUntil(async () => (await healthOf()).status === "healthy", 5_000);
});

describe("trades", () => {
  test("are written and read, fresh ones from the cache", async () => {
    const made = await ask(api("/trades"), { body: trade });
    expect(made.status).toBe(201);
    const id = Number(at(JSON.parse(made.text), "id"));
    const read = await ask(api("/trades"));
    expect(at(JSON.parse(read.text), "trades.0")).toMatchObject({ id, ...trade });
    expect((await ask(api("/trades"))).headers["x-cache"]).toBe("hit");
    expect((await ask(api(`/trades/${id}`))).status).toBe(200);
    expect((await ask(api("/trades/999999"))).status).toBe(404);
    expect((await ask(api("/trades"), { body: { symbol: "a" } })).status).toBe(400);
    expect(made.headers["x-content-type-options"]).toBe("nosniff");
  });

  test("go on being read while the database is down, and are written again when it is back", async () => {
    await ask(api("/trades"));
    await twin.inject({ fault: "refuse", service: "Postgres" });
    await waitUntil(async () => (await ask(api("/trades"))).headers["x-cache"] === "stale", 4_000);
    expect((await ask(api("/trades"), { body: trade })).status).toBe(503);
    expect(await healthOf()).toMatchObject({ status: "unhealthy", database: "disconnected" });
    await twin.clear("refuse");
    expect((await ask(api("/trades"), { body: trade })).status).toBe(201);
  });

  test("are answered in bounded time while the database hangs", async () => {
    await twin.inject({ fault: "pause", service: "Postgres" });
    const answers = await Promise.all([
      ...Array.from({ length: 15 }, (_, index) => ask(api(`/trades/${index + 5_000}`))),
      ask(api("/trades"), { body: trade }),
    ]);
    for (const { status, ms } of answers) {
      expect(status).toBe(503);
      expect(ms).toBeLessThan(2_500);
    }
    expect((await ask(api("/health"))).ms).toBeLessThan(1_500);
  });

  test("come from a broker only when signed", async () => {
    const body = JSON.stringify(trade);
    const signature = hmac(twin.env["WEBHOOK_SECRET"] ?? "", body);
    const post = (signed: string) =>
      ask(api("/webhooks/broker"), { body, headers: { "x-webhook-signature": signed } });
    expect((await post(`sha256=${signature}`)).status).toBe(202);
    expect((await post(`sha256=${"0".repeat(64)}`)).status).toBe(401);
    expect((await post("nonsense")).status).toBe(401);
  });
});

describe("the read-only switch", () => {
  test("refuses writes with the message, lets reads through, and is counted apart", async () => {
    const until = Date.now() + 60_000;
    const order = {
      switch: "read-only",
      value: true,
      until,
      leaseId: "l1",
      seq: ++seq,
      message: "Back soon",
    };
    const put = await signed("PUT", order);
    expect(put.status).toBe(200);
    expect(JSON.parse(put.text)).toEqual(order);
    const { switch: _, ...setting } = order;
    const read = await signed("GET");
    expect(JSON.parse(read.text)).toEqual({ switches: { "read-only": setting } });
    const refused = await ask(api("/trades"), { body: trade });
    expect(refused.status).toBe(503);
    expect(refused.headers["x-signalman-switch"]).toBe("read-only");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(50);
    expect(JSON.parse(refused.text)).toEqual({ error: "read-only", message: "Back soon" });
    expect((await ask(api("/trades"))).status).toBe(200);
    const metrics = (await ask(api("/metrics"))).text;
    expect(metrics).toContain(
      'http_requests_total{method="POST",endpoint="/trades",status="503",switch="read-only"}',
    );
    expect(metrics).toMatch(
      /http_requests_total\{method="GET",endpoint="\/trades",status="200",switch=""\}/,
    );
    expect(metrics).toContain("process_start_time_seconds");
    await turn({ value: false });
    expect((await ask(api("/trades"), { body: trade })).status).toBe(201);
  });

  test("ends by itself", async () => {
    await turn({ value: true, until: Date.now() + 700 });
    expect((await ask(api("/trades"), { body: trade })).status).toBe(503);
    await waitUntil(async () => (await ask(api("/trades"), { body: trade })).status === 201, 2_000);
    expect(JSON.parse((await signed("GET")).text)).toEqual({ switches: { "read-only": null } });
  });

  test("takes only growing numbers", async () => {
    await turn({ value: true });
    for (const stale of [seq, seq - 1]) {
      const answer = await turn({ value: false, seq: stale });
      expect(answer.status).toBe(409);
      expect(JSON.parse(answer.text)).toEqual({ error: "stale-seq", seq });
    }
  });

  test.each([
    ["an unknown switch", { switch: "party-mode" }],
    ["more than an hour", { until: Date.now() + 3_700_000 }],
    ["no lease", { leaseId: "" }],
    ["a surplus field", { extra: 1 }],
  ])("refuses %s", async (_, part) => {
    expect((await turn({ value: true, ...part })).status).toBe(400);
    expect((await ask(api("/trades"), { body: trade })).status).toBe(201);
  });

  test("refuses what is unsigned, too old or signed for something else", async () => {
    expect((await ask(api(SWITCHES))).status).toBe(401);
    expect((await signed("GET", undefined, { at: Date.now() - 61_000 })).status).toBe(401);
    expect((await signed("GET", undefined, { at: Date.now() + 65_000 })).status).toBe(401);
    expect((await signed("GET", undefined, { path: "/trades" })).status).toBe(401);
    expect((await signed("GET", undefined, { secret: "x".repeat(36) })).status).toBe(401);
    expect((await signed("GET", undefined, { at: Date.now() - 50_000 })).status).toBe(200);
  });
});

const mustRun = process.env["SIGNALMAN_REQUIRE_SERVICES"] === "1";
if (findRedis() === undefined) process.stderr.write("SKIPPED: no redis-server on the PATH.\n");

test.skipIf(findRedis() === undefined && !mustRun)(
  "without Redis the cache goes on in memory, and health says so",
  async () => {
    await twin.inject({ fault: "refuse", service: "Redis" });
    expect(await healthOf()).toEqual({
      status: "unhealthy",
      database: "connected",
      redis: "disconnected",
    });
    await ask(api("/trades"));
    expect((await ask(api("/trades"))).headers["x-cache"]).toBe("hit");
  },
);

test("settings that are wrong are all listed, without their values", () => {
  const read = readSettings({ DATABASE_URL: "mysql://secret", SWITCH_SECRET: "short" });
  expect(read).toEqual({
    ok: false,
    wrong: [
      "DATABASE_URL: must be a postgres:// URL",
      "SWITCH_SECRET: must be at least 16 characters long",
      expect.stringMatching(/^WEBHOOK_SECRET: /),
    ],
  });
});

function api(path: string): string {
  return `${twin.urls.api}${path}`;
}

async function healthOf(): Promise<Record<string, string>> {
  return JSON.parse((await ask(api("/health"))).text);
}

function turn(part: Record<string, unknown>): Promise<Answer> {
  const lease = { leaseId: "lease", message: "", until: Date.now() + 60_000 };
  return signed("PUT", { switch: "read-only", ...lease, seq: part["seq"] ?? ++seq, ...part });
}

function signed(
  method: "GET" | "PUT",
  order?: Record<string, unknown>,
  { at = Date.now(), path = SWITCHES, secret = twin.env["SWITCH_SECRET"] ?? "" } = {},
): Promise<Answer> {
  const body = order === undefined ? "" : JSON.stringify(order);
  const signature = hmac(secret, `${at}\n${method}\n${path}\n${body}`);
  const headers = {
    "x-signalman-timestamp": String(at),
    "x-signalman-signature": `sha256=${signature}`,
  };
  return ask(api(SWITCHES), { method, headers, ...(body === "" ? {} : { body }) });
}

function hmac(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}
