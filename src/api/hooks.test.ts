import { createHmac } from "node:crypto";
import { connect } from "node:net";

import type { FastifyInstance } from "fastify";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Hint } from "../domain/hint.ts";
import { hooks } from "../hooks/index.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import type { Answer, HookParts, Result } from "./hooks.ts";
import { createServer } from "./server.ts";

const SECRET = "a-long-secret-of-ours-0123456789";
const JSON_TYPE = { "content-type": "application/json" };

let server: FastifyInstance;
let origin: string;
let heard: { source: string; hints: readonly Hint[]; delivery: string }[];
let calls: unknown[];
let results: [string, Result][];
let errors: unknown[];
let answer: Answer;
let now: number;

beforeEach(async () => {
  [heard, calls, results, errors] = [[], [], [], []];
  answer = { kind: "heard", fresh: 1, repeated: 0, targets: ["api"] };
  now = 1_000_000;
  const parts: HookParts = {
    senders: [hooks.railway, hooks.alertmanager, hooks.sentry].map((hook) => ({
      hook,
      secret: SECRET,
    })),
    callers: [{ target: "backup", probe: "hook heartbeat", secret: SECRET }],
    now: () => now,
    hear: (source, hints, delivery) => {
      heard.push({ source, hints, delivery });
      return answer;
    },
    call: (...of) => void calls.push(of),
    onDelivery: (...of) => void results.push(of),
    onError: (error) => void errors.push(error),
  };
  server = createServer(() => [], createMetrics(), parts, {
    isUsed: () => false,
    answer: () => null,
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  origin = `${server.listeningOrigin}/api/v1/hooks`;
});
afterEach(async () => {
  expect(errors).toEqual([]);
  await server.close();
});

type Method = "GET" | "POST" | "HEAD" | "PUT" | "DELETE" | "OPTIONS";

async function send(
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = JSON_TYPE,
  method: Method = "POST",
) {
  const answered = await request(`${origin}${path}`, {
    method,
    headers,
    body: body ?? null,
    signal: AbortSignal.timeout(5_000),
  });
  const text = await answered.body.text();
  return { status: answered.statusCode, text, headers: answered.headers };
}

describe("a sender with its secret in the path", () => {
  const path = `/railway/${SECRET}`;

  it("is heard, and learns whom it fits", async () => {
    const sent = await send(path, JSON.stringify({ type: "Deployment.crashed" }));
    expect(sent).toMatchObject({
      status: 202,
      text: '{"heard":1,"repeated":0,"targets":["api"]}',
    });
    expect(heard).toMatchObject([{ source: "railway", hints: [{ about: "Deployment.crashed" }] }]);
    expect(results).toEqual([["railway", "heard"]]);
  });

  it("learns that it was heard before", async () => {
    answer = { kind: "heard", fresh: 0, repeated: 1, targets: ["api"] };
    expect(await send(path, "{}")).toMatchObject({ status: 200 });
    expect(results).toEqual([["railway", "repeated"]]);
  });

  it("is asked to come again when too much waits", async () => {
    answer = { kind: "busy" };
    const sent = await send(path, "{}");
    expect(sent).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect(results).toEqual([["railway", "busy"]]);
  });

  it("is slowed down, without being mistaken for another, and let in again", async () => {
    const statuses: number[] = [];
    for (let sent = 0; sent < 210; sent += 1) statuses.push((await send(path, "{}")).status);
    expect(statuses.slice(0, 200).every((status) => status === 202)).toBe(true);
    expect(statuses.slice(200).every((status) => status === 429)).toBe(true);
    expect((await send(path, "{}")).headers).toMatchObject({ "retry-after": "1" });
    expect((await send(`/alertmanager/${SECRET}`, '{"alerts":[]}')).status).toBe(202);
    now += 1_000;
    expect((await send(path, "{}")).status).toBe(202);
  });

  it("has the same delivery for the same bytes", async () => {
    await send(path, '{"a":1}');
    await send(path, '{"a":1}');
    await send(path, '{"a":2}');
    const [first, second, third] = heard.map(({ delivery }) => delivery);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["no object", "[1]"],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
  ])("is told what was expected when it sends %s", async (_, body) => {
    const sent = await send(path, body);
    expect(sent.status).toBe(400);
    expect(JSON.parse(sent.text)).toMatchObject({
      error: "bad-body",
      message: expect.stringMatching(/^expected /),
    });
    expect(heard).toEqual([]);
  });

  it("may nest as deep as 256 KiB allow", async () => {
    const deep = `{"type":${"[".repeat(120_000)}${"]".repeat(120_000)}}`;
    expect(await send(path, deep)).toMatchObject({ status: 202 });
  });

  it("may not send more than that, nor anything else than JSON", async () => {
    const large = JSON.stringify({ type: "x".repeat(256 * 1024) });
    const tooLarge = await send(path, large);
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.text).toContain("262144");
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect(await send(path, "{}", form)).toMatchObject({ status: 415 });
    expect(await send(path, "{}", {})).toMatchObject({ status: 415 });
    for (const type of ["application/json; charset=utf-8", "application/cloudevents+json"])
      expect(await send(path, "{}", { "content-type": type })).toMatchObject({ status: 202 });
    for (const { text } of [tooLarge]) expect(text).not.toContain(SECRET);
  });
});

describe("whoever does not know the secret", () => {
  it.each([
    ["POST", "/railway/wrong-0123456789abcdef"],
    ["POST", `/railway/${SECRET.slice(0, -1)}`],
    ["POST", `/railway/${SECRET}x`],
    ["POST", "/railway/"],
    ["POST", "/railway"],
    ["GET", `/railway/${SECRET}`],
    ["PUT", `/railway/${SECRET}`],
    ["POST", `/generic/${SECRET}`],
    ["POST", `/nobody/${SECRET}`],
    ["POST", "/sentry"],
    ["POST", `/sentry/${SECRET}`],
    ["GET", "/heartbeat/backup/wrong-0123456789abcdef"],
    ["GET", `/heartbeat/other/${SECRET}`],
    ["DELETE", `/heartbeat/backup/${SECRET}`],
    ["GET", "/heartbeat"],
  ] as const)("gets for %s %s what every wrong address gets", async (method, path) => {
    const body = method === "POST" || method === "PUT" ? "{}" : undefined;
    const headers = body === undefined ? {} : JSON_TYPE;
    const nowhere = await send("/no/such/address", body, headers, method);
    const sent = await send(path, body, headers, method);
    expect([sent.status, sent.text]).toEqual([404, '{"error":"not-found"}']);
    expect([nowhere.status, nowhere.text]).toEqual([404, '{"error":"not-found"}']);
    expect([heard, calls, results]).toEqual([[], [], []]);
  });

  it("gets it for an address of any length", async () => {
    for (const length of [99, 101, 3_000])
      expect(await send(`/railway/${"x".repeat(length)}`, "{}")).toMatchObject({
        status: 404,
        text: '{"error":"not-found"}',
      });
  });

  it("gets it before the body has arrived", async () => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    const head = ["content-type: application/json", "content-length: 200000", "host: x"];
    socket.write(`POST /api/v1/hooks/railway/wrong HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n{`);
    const first = await new Promise<string>((resolve, reject) => {
      socket.once("data", (chunk) => resolve(String(chunk)));
      socket.once("error", reject);
    });
    expect(first).toMatch(/^HTTP\/1.1 404 /);
    socket.destroy();
  });

  it("does not use up what the sender may send", async () => {
    for (let tries = 0; tries < 300; tries += 1) await send("/railway/wrong-0123456789", "{}");
    expect(await send(`/railway/${SECRET}`, "{}")).toMatchObject({ status: 202 });
  });
});

describe("a sender that signs", () => {
  const body = JSON.stringify({ action: "triggered", data: { triggered_rule: "Rule" } });
  const sign = (bytes: string): Record<string, string> => ({
    ...JSON_TYPE,
    "sentry-hook-resource": "event_alert",
    "sentry-hook-signature": createHmac("sha256", SECRET).update(bytes).digest("hex"),
  });

  it("is heard when the signature fits the bytes", async () => {
    expect(await send("/sentry", body, sign(body))).toMatchObject({ status: 202 });
    expect(heard).toMatchObject([{ source: "sentry", hints: [{ about: "Rule" }] }]);
  });

  it("is nobody when it does not", async () => {
    for (const headers of [JSON_TYPE, sign(`${body} `), sign("")])
      expect(await send("/sentry", body, headers)).toMatchObject({ status: 404 });
    expect(heard).toEqual([]);
  });
});

describe("a job that must call in", () => {
  const path = `/heartbeat/backup/${SECRET}`;

  it.each(["GET", "HEAD", "POST"] as const)("may call with %s", async (method) => {
    const sent = await send(path, undefined, {}, method);
    expect(sent).toMatchObject({ status: 200, text: method === "HEAD" ? "" : "ok\n" });
    expect(calls).toEqual([["backup", "hook heartbeat", false]]);
    expect(results).toEqual([["heartbeat", "heard"]]);
  });

  it("may say that it failed, with any body", async () => {
    const text = { "content-type": "text/plain" };
    expect(await send(`${path}?state=fail`, "pg_dump: error", text)).toMatchObject({ status: 200 });
    expect(await send(path, "x".repeat(1_000_000), {})).toMatchObject({ status: 200 });
    expect(calls).toEqual([
      ["backup", "hook heartbeat", true],
      ["backup", "hook heartbeat", false],
    ]);
  });

  it("is told when it says something that means nothing", async () => {
    for (const state of ["failed", "", "ok&state=fail"])
      expect(await send(`${path}?state=${state}`, undefined, {}, "GET")).toMatchObject({
        status: 400,
        text: expect.stringContaining("state=fail"),
      });
    expect(calls).toEqual([]);
  });

  it("may call ten times at once and then once a second", async () => {
    const statuses: number[] = [];
    for (let sent = 0; sent < 12; sent += 1)
      statuses.push((await send(path, undefined, {}, "GET")).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    now += 1_000;
    expect(await send(path, undefined, {}, "GET")).toMatchObject({ status: 200 });
  });
});

it("other addresses are as they were", async () => {
  const health = await request(`${server.listeningOrigin}/healthz`);
  expect(await health.body.text()).toBe('{"status":"ok"}');
});
