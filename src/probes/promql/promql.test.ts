import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Server } from "node:net";

import { describe, expect, test } from "vitest";

import type { Observation } from "../../domain/observation.ts";
import { SELF_SIGNED, tcpServer } from "../stub-servers.ts";
import { Config } from "./config.ts";
import { definition } from "./index.ts";

const NOW = 1_661_140_279_000;

/** Answers as Prometheus does on `GET /api/v1/query`, by the text of the query. */
function prometheus(answers: { readonly [query: string]: unknown }): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? "", "http://prometheus");
    const query = url.searchParams.get("query") ?? "";
    response.setHeader("content-type", "application/json");
    if (url.pathname !== "/api/v1/query" || request.method !== "GET")
      return void response.writeHead(404).end("404 page not found\n");
    const answer = answers[query];
    if (answer === undefined) {
      const error = `1:1: parse error: unexpected identifier "${query}"`;
      const body = { status: "error", errorType: "bad_data", error };
      return void response.writeHead(400).end(JSON.stringify(body));
    }
    return void response.end(JSON.stringify(answer));
  };
}

const success = (data: object) => ({ status: "success", data });
const scalar = (value: string, seconds = NOW / 1_000) =>
  success({ resultType: "scalar", result: [seconds, value] });
const vector = (...values: readonly string[]) =>
  success({
    resultType: "vector",
    result: values.map((value, at) => ({
      metric: { instance: String(at) },
      value: [NOW / 1_000, value],
    })),
  });

describe("an answer", () => {
  test("of one series or a scalar is a value, all of one moment", async () => {
    const listener = prometheus({
      "sum(increase(errors[30s]))": vector("2.5"),
      "sum(increase(all[30s]))": vector("1024"),
      "scalar(p95)": scalar("0.25"),
      depth: vector("-7e-1"),
    });
    await using server = await http(listener);
    const seen = await look(server.url, {
      failed: "sum(increase(errors[$every]))",
      requests: "sum(increase(all[$every]))",
      latency_p95_ms: "scalar(p95)",
      value: "depth",
    });
    expect(seen).toEqual({
      target: "api",
      probe: "promql",
      ts: NOW,
      tookMs: expect.any(Number),
      values: { failed: 2.5, requests: 1024, latency_p95_ms: 0.25, value: -0.7 },
    });
  });

  test.each<readonly [string, unknown, string, string]>([
    ["nothing found", vector(), "no-samples", "not zero"],
    ["several series", vector("1", "2", "3"), "query-unclear", "3 series"],
    ["no number", vector("NaN"), "no-samples", "NaN"],
    ["infinite", scalar("+Inf"), "no-samples", "+Inf"],
    ["empty", scalar(""), "no-samples", "no number"],
    ["older than two minutes", scalar("1", NOW / 1_000 - 121), "stale-answer", "121 s old"],
    ["from the future", scalar("1", NOW / 1_000 + 200), "stale-answer", "200 s ahead"],
    ["a range", success({ resultType: "matrix", result: [] }), "query-unclear", "matrix"],
    ["a text", success({ resultType: "string", result: [1, "x"] }), "query-unclear", "string"],
    [
      "a native histogram",
      success({ resultType: "vector", result: [{ metric: {}, histogram: [1, {}] }] }),
      "query-unclear",
      "histogram",
    ],
    ["something else", { hello: 1 }, "unexpected-body", "hello"],
    ["half of it", success({ resultType: "scalar", result: [1] }), "unexpected-body", "scalar"],
  ])("that is %s is unknown", async (_, answer, code, words) => {
    await using server = await http(prometheus({ q: answer }));
    const seen = await look(server.url, { failed: "q" });
    expect(seen).toMatchObject({ values: { failed: null }, problem: { code } });
    expect(seen.problem?.detail).toMatch(/^failed: /);
    expect(seen.problem?.detail).toContain(words);
  });

  test("a refused query is told in Prometheus' words, beside the values of others", async () => {
    await using server = await http(prometheus({ good: scalar("0") }));
    const seen = await look(server.url, { requests: "good", failed: "sum(" });
    expect(seen).toMatchObject({
      values: { requests: 0, failed: null },
      problem: { code: "query-refused" },
    });
    expect(seen.problem?.detail).toContain("failed: bad_data: 1:1: parse error: unexpected");
  });

  test("that hangs leaves the others their values", async () => {
    const good = prometheus({ good: scalar("3") });
    await using server = await http((request, response) => {
      if (request.url?.includes("good") === true) good(request, response);
    });
    const seen = await look(server.url, { value: "good", failed: "slow" }, { timeout: "400ms" });
    expect(seen).toMatchObject({
      values: { value: 3, failed: null },
      problem: { code: "timeout" },
    });
    expect(seen.tookMs).toBeLessThan(600);
  });

  test("comes from behind a base path, with the operator's headers", async () => {
    let [path, header]: (string | undefined)[] = [];
    await using server = await http((request, response) => {
      [path, header] = [request.url, request.headers.authorization];
      response.end(JSON.stringify(scalar("1")));
    });
    const more = { headers: { authorization: "Bearer sw0rdfish" } };
    const seen = await look(`${server.url}/prometheus/`, { value: "a + b" }, more);
    expect(seen.values).toEqual({ value: 1 });
    expect(path).toBe("/prometheus/api/v1/query?query=a%20%2B%20b");
    expect(header).toBe("Bearer sw0rdfish");
  });
});

describe("a server that is none", () => {
  test.each([
    [401, "no", "authentication-failed"],
    [403, "no", "authentication-failed"],
    [302, "", "unexpected-status"],
    [502, "<html>bad gateway</html>", "unexpected-status"],
    [200, "<html>", "unexpected-body"],
    [200, " ".repeat(10_000_000), "body-too-large"],
  ])("%i", async (status, body, code) => {
    await using server = await http((_request, response) => {
      response.writeHead(status, { location: "/" }).end(body);
    });
    const seen = await look(server.url, { value: "v" });
    expect(seen).toMatchObject({ values: { value: null }, problem: { code } });
  });

  test("hangs, drips, cuts, refuses or has a certificate nobody signed", async () => {
    const haste = { timeout: "300ms" };
    await using frozen = await http(() => undefined);
    expect(await look(frozen.url, { value: "v" }, haste)).toMatchObject(unknown("timeout"));
    await using dripping = await http((_request, response) => {
      const drip = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(drip));
    });
    expect(await look(dripping.url, { value: "v" }, haste)).toMatchObject(unknown("timeout"));
    await using cut = await tcpServer((socket) => void socket.once("data", () => socket.destroy()));
    const url = `http://127.0.0.1:${cut.port}`;
    expect(await look(url, { value: "v" })).toMatchObject(unknown("connection-reset"));
    const none = await look("http://127.0.0.1:1", { value: "v" });
    expect(none).toMatchObject(unknown("connection-refused"));
    const server = createHttps(SELF_SIGNED, (_request, response) => void response.end("{}"));
    await using secure = await listening(server, "https://localhost");
    expect(await look(secure.url, { value: "v" })).toMatchObject(unknown("tls-failed"));
  });
});

test.each([
  [{}],
  [{ signals: {} }],
  [{ signals: { up: "up" } }],
  [{ signals: { latency_bucket: "b" } }],
  [{ signals: { surprise: "x" } }],
  [{ signals: { value: " " } }],
  [{ url: "prometheus:9090", signals: { value: "v" } }],
])("refused: %j", (config) => {
  const whole = { kind: "promql", url: "http://localhost:9090", ...config };
  expect(Config.safeParse(whole).success).toBe(false);
});

function unknown(code: string) {
  return { values: { value: null }, problem: { code } };
}

async function look(url: string, signals: object, more: object = {}): Promise<Observation> {
  const config = Config.parse({ kind: "promql", url, signals, ...more });
  const probe = definition.create({ target: "api", name: "promql", config, now: () => NOW });
  try {
    const [seen] = await probe.look(new AbortController().signal);
    if (seen === undefined) throw new Error("observed nothing");
    return seen;
  } finally {
    await probe.close();
  }
}

function http(listener: RequestListener) {
  return listening(createHttp(listener), "http://127.0.0.1");
}

async function listening(server: ReturnType<typeof createHttp>, origin: string) {
  await new Promise<void>((resolve) => (server as Server).listen(0, "127.0.0.1", resolve));
  return {
    url: `${origin}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
