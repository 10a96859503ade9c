import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import type { Observation } from "../../domain/observation.ts";
import type { Probe } from "../../ports/probe.ts";
import { SELF_SIGNED, tcpServer } from "../stub-servers.ts";
import { systemResolve, type Resolve } from "./addresses.ts";
import { Config } from "./config.ts";
import { createPrometheus } from "./index.ts";

/** An app of one process whose counts the test sets. */
function createApp() {
  const app = {
    ok: 100,
    bad: 10,
    fast: 90,
    start: 1_700_000_000.25,
    cpu: 5,
    extra: "",
    page: () => `http_requests_total{handler="/a",status="200"} ${app.ok}
http_requests_total{handler="/a",status="500"} ${app.bad}
http_request_duration_seconds_bucket{handler="/a",le="0.1"} ${app.fast}
http_request_duration_seconds_bucket{handler="/a",le="+Inf"} ${app.ok + app.bad}
process_start_time_seconds ${app.start}
process_cpu_seconds_total ${app.cpu}
process_resident_memory_bytes 1000
http_requests_inprogress 2
${app.extra}`,
  };
  return app;
}

describe("one process", () => {
  test("is counted from one look to the next, from the second on", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const clock = { now: 1_000_000 };
    const probe = probeOf(server.url, {}, undefined, () => clock.now);
    const first = await look(probe);
    expect(first).toMatchObject({
      values: { requests: null, failed: null, memory_used: 1000, inflight: 2 },
      problem: { code: "counters-anew" },
      processStart: 1_700_000_000_250,
    });
    expect(first.buckets?.map(({ count }) => count)).toEqual([0, 0]);
    [app.ok, app.bad, app.fast, app.cpu, clock.now] = [130, 13, 110, 7.5, 1_010_000];
    const second = await look(probe);
    expect(second.values).toEqual({
      requests: 33,
      failed: 3,
      auth_failures: 0,
      cpu_used: 0.25,
      memory_used: 1000,
      inflight: 2,
    });
    expect(second).not.toHaveProperty("problem");
    expect(second.buckets).toEqual([
      { le: 100, count: 20 },
      { le: Infinity, count: 33 },
    ]);
    clock.now += 10_000;
    expect((await look(probe)).values).toMatchObject({ requests: 0, failed: 0, cpu_used: 0 });
  });

  test("that is settled is asked once for each look", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    await look(probe);
    await look(probe);
    const before = server.count();
    for (let number = 0; number < 5; number += 1) await look(probe);
    expect(server.count() - before).toBe(5);
    expect(server.connections()).toBe(server.count());
  });

  test("the first failure of its life counts, though its line is new", async () => {
    let page = 'http_requests_total{status="200"} 5\n';
    await using server = await http((_request, response) => void response.end(page));
    const probe = probeOf(server.url);
    await look(probe);
    page = 'http_requests_total{status="200"} 5\nhttp_requests_total{status="500"} 1\n';
    expect((await look(probe)).values).toMatchObject({ requests: 1, failed: 1 });
  });

  test.each([
    ["with a younger start", 1_700_000_099.5],
    ["without one, by its counts alone", 1_700_000_000.25],
  ])("began anew, %s, counts nothing of its past or of the one before", async (_, start) => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    await look(probe);
    app.ok = 200;
    expect((await look(probe)).values).toMatchObject({ requests: 100 });
    expect((await look(probe)).values).toMatchObject({ requests: 0 });
    [app.ok, app.bad, app.fast, app.cpu, app.start] = [40, 3, 41, 1, start];
    const after = await look(probe);
    expect(after).toMatchObject({
      values: { requests: null, failed: null, cpu_used: null, memory_used: 1000 },
      problem: { code: "counters-anew" },
      processStart: Math.round(start * 1_000),
    });
    // Readers of the buckets hear of the restart because they fall.
    expect(after.buckets?.map(({ count }) => count)).toEqual([0, 0]);
    app.ok = 42;
    expect((await look(probe)).values).toMatchObject({ requests: 2, failed: 0 });
  });

  test("after a gap counts from then on", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const clock = { now: 1_000_000 };
    const probe = probeOf(server.url, { every: "10s" }, undefined, () => clock.now);
    await look(probe);
    [clock.now, app.ok] = [1_060_000, 150];
    expect((await look(probe)).values.requests).toBe(50);
    [clock.now, app.ok, app.bad] = [1_121_000, 9_150, 5_010];
    expect(await look(probe)).toMatchObject({
      values: { requests: null, failed: null },
      problem: { code: "counters-anew" },
    });
    [clock.now, app.ok] = [1_131_000, 9_151];
    expect((await look(probe)).values).toMatchObject({ requests: 1, failed: 0 });
  });

  test("is missed for what it told before and tells no more", async () => {
    const app = createApp();
    let page = app.page();
    await using server = await http((_request, response) => void response.end(page));
    const probe = probeOf(server.url);
    await look(probe);
    await look(probe);
    page = "process_start_time_seconds 1700000000.25\n";
    expect(await look(probe)).toMatchObject({
      values: { requests: null, failed: null, memory_used: null, inflight: null, cpu_used: null },
      problem: { code: "metrics-absent" },
    });
  });

  test("refusals by a switch, counted apart, are taken out", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    app.extra = 'signalman_refused_requests_total{switch="read-only"} 5\n';
    await look(probe);
    app.extra = 'signalman_refused_requests_total{switch="read-only"} 45\n';
    [app.ok, app.bad] = [160, 51];
    expect((await look(probe)).values).toMatchObject({ requests: 61, failed: 1 });
  });

  test("two looks at once do not share what they read", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    const [one, other] = await Promise.all([look(probe), look(probe)]);
    expect(one.problem?.code).toBe("counters-anew");
    expect(other).toMatchObject({ values: { requests: null }, problem: { code: "probe-failed" } });
  });
});

describe("several replicas behind one private name", () => {
  const resolve =
    (...addresses: readonly string[]): Resolve =>
    () =>
      Promise.resolve(
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );

  test("are each asked by their own address and the one name", async () => {
    const [one, two] = [createApp(), createApp()];
    const hosts = new Set<string | undefined>();
    const serve =
      (app: { page(): string }): RequestListener =>
      (request, response) => {
        hosts.add(request.headers.host);
        response.end(app.page());
      };
    await using first = await http(serve(one), "127.0.0.1");
    await using second = await http(serve(two), "127.0.0.2", first.port);
    const url = `http://app.test:${first.port}/metrics`;
    const probe = probeOf(url, {}, resolve("127.0.0.1", "127.0.0.2"));
    // Both started in the same moment: here the address tells them apart.
    await look(probe);
    [one.ok, two.ok, two.bad] = [101, 120, 11];
    const seen = await look(probe);
    expect(seen.values).toMatchObject({ requests: 22, failed: 1, inflight: 4, memory_used: 1000 });
    expect(seen.buckets?.at(-1)).toEqual({ le: Infinity, count: 22 });
    expect(first.count()).toBe(second.count());
    expect(hosts).toEqual(new Set([`app.test:${first.port}`]));
  });

  test("one that is gone or hangs is named and takes nothing from the others", async () => {
    const app = createApp();
    await using first = await http((_request, response) => void response.end(app.page()));
    await using frozen = await http(() => undefined, "127.0.0.2", first.port);
    const url = `http://app.test:${first.port}/metrics`;
    const all = resolve("127.0.0.1", "127.0.0.2", "127.0.0.3");
    const probe = probeOf(url, { timeout: "1s" }, all);
    await look(probe);
    app.ok = 105;
    const seen = await look(probe);
    expect(seen).toMatchObject({ values: { requests: 5 }, problem: { code: "timeout" } });
    expect(seen.problem?.detail).toContain("1 of 3 addresses answer");
    expect(frozen.count()).toBe(2);
  });

  test("with two addresses each are counted once", async () => {
    const app = createApp();
    const serve: RequestListener = (_request, response) => void response.end(app.page());
    await using first = await http(serve, "127.0.0.1");
    await using second = await http(serve, "::1", first.port);
    const url = `http://app.test:${first.port}/metrics`;
    const probe = probeOf(url, {}, resolve("127.0.0.1", "::1"));
    await look(probe);
    app.ok = 107;
    expect((await look(probe)).values.requests).toBe(7);
    expect([first.count(), second.count()]).toContain(0);
  });

  test("that listen on one family only are found", async () => {
    const app = createApp();
    await using first = await http((_request, response) => void response.end(app.page()));
    const url = `http://app.test:${first.port}/metrics`;
    const probe = probeOf(url, {}, resolve("::1", "127.0.0.1"));
    await look(probe);
    app.ok = 101;
    expect((await look(probe)).values.requests).toBe(1);
  });

  test("a public name is one address", async () => {
    const app = createApp();
    await using first = await http((_request, response) => void response.end(app.page()));
    let asked = 0;
    const probe = probeOf(`http://localhost:${first.port}/metrics`, {}, () => {
      asked += 1;
      return Promise.resolve([{ address: "203.0.113.7", family: 4 }]);
    });
    expect((await look(probe)).problem?.code).toBe("counters-anew");
    expect(asked).toBe(1);
  });

  test("a name nobody knows is unknown", async () => {
    const probe = probeOf("http://nowhere.invalid/metrics");
    expect(await look(probe)).toMatchObject(unknown("dns-failed"));
    const never = new Promise<never>(() => undefined);
    const hanging = probeOf("http://app.test/metrics", { timeout: "200ms" }, () => never);
    expect(await look(hanging)).toMatchObject(unknown("timeout"));
  });
});

describe("a page that cannot be had", () => {
  test.each([
    ["an error", 500, {}, "unexpected-status", "500"],
    ["a redirect", 302, { location: "/elsewhere" }, "unexpected-status", "302"],
    ["nothing", 204, {}, "unexpected-status", "204"],
    ["another encoding", 200, { "content-encoding": "br" }, "metrics-malformed", "br"],
  ])("%s", async (_, status, headers, code, words) => {
    await using app = await http((_request, response) => {
      response.writeHead(status, headers as Record<string, string>).end();
    });
    const seen = await look(probeOf(app.url));
    expect(seen).toMatchObject(unknown(code));
    expect(seen.problem?.detail).toContain(words);
    expect(app.count()).toBe(1);
  });

  test("garbage, with its line", async () => {
    await using app = await http((_request, response) => void response.end("a 1\n<html>\n"));
    const seen = await look(probeOf(app.url));
    expect(seen).toMatchObject(unknown("metrics-malformed"));
    expect(seen.problem?.detail).toBe('line 2: expected the name of a metric, found "<html>"');
  });

  test("half of one, by its length, its chunks or its end", async () => {
    const page = createApp().page();
    const halves: readonly (readonly [string, RequestListener])[] = [
      [
        "connection-reset",
        (_request, response) => {
          response.writeHead(200, { "content-length": page.length + 100 });
          response.write(page, () => response.destroy());
        },
      ],
      ["probe-failed", (_request, response) => response.write(page, () => response.destroy())],
    ];
    for (const [code, half] of halves) {
      await using app = await http(half);
      expect(await look(probeOf(app.url))).toMatchObject(unknown(code));
    }
    await using app = await http((_request, response) => {
      response.setHeader("content-type", "application/openmetrics-text; version=1.0.0");
      response.end(page);
    });
    expect(await look(probeOf(app.url))).toMatchObject(unknown("metrics-malformed"));
  });

  test("ten megabytes: nothing of it is judged", async () => {
    const line = 'http_requests_total{status="200"} 1\n';
    const huge = line.repeat(Math.ceil(10_000_000 / line.length));
    for (const page of [huge, `http_requests_total{status="200"} 1\n${"#".repeat(10_000_000)}`]) {
      await using app = await http((_request, response) => void response.end(page));
      const seen = await look(probeOf(app.url));
      expect(seen).toMatchObject(unknown("body-too-large"));
      expect(seen.problem?.detail).toContain("8 MiB");
      expect(seen).not.toHaveProperty("buckets");
    }
  });

  test("too many series", async () => {
    const page = Array.from({ length: 50_001 }, (_, at) => `a{b="${at}"} 1\n`).join("");
    await using app = await http((_request, response) => void response.end(page));
    const seen = await look(probeOf(app.url));
    expect(seen).toMatchObject(unknown("metrics-malformed"));
    expect(seen.problem?.detail).toContain("more than 50000 series");
  });

  test("hangs, or drips", async () => {
    const listeners: RequestListener[] = [
      () => undefined,
      (_request, response) => {
        const drip = setInterval(() => response.write("a 1\n"), 20);
        response.on("close", () => clearInterval(drip));
      },
    ];
    for (const listener of listeners) {
      await using app = await http(listener);
      const seen = await look(probeOf(app.url, { timeout: "300ms" }));
      expect(seen).toMatchObject(unknown("timeout"));
      expect(seen.tookMs).toBeLessThan(500);
    }
  });

  test("has a certificate nobody signed, or speaks no TLS", async () => {
    const server = createHttps(SELF_SIGNED, (_request, response) => void response.end("a 1\n"));
    await using app = await listening(server, "https", "127.0.0.1", 0);
    const url = app.url.replace("127.0.0.1", "localhost");
    expect(await look(probeOf(url))).toMatchObject(unknown("tls-failed"));
    await using plain = await http((_request, response) => void response.end("a 1\n"));
    const wrong = plain.url.replace("http:", "https:");
    expect(await look(probeOf(wrong))).toMatchObject(unknown("tls-failed"));
  });

  test("is cut, or is something else", async () => {
    await using cut = await tcpServer((socket) => void socket.once("data", () => socket.destroy()));
    const url = `http://127.0.0.1:${cut.port}/`;
    expect(await look(probeOf(url))).toMatchObject(unknown("connection-reset"));
    await using ssh = await tcpServer((socket) => void socket.write("SSH-2.0-OpenSSH_9.9\r\n"));
    const other = `http://127.0.0.1:${ssh.port}/`;
    expect(await look(probeOf(other))).toMatchObject(unknown("probe-failed"));
  });
});

describe("a packed page", () => {
  test("is asked for and read", async () => {
    const app = createApp();
    await using server = await http((request, response) => {
      expect(request.headers["accept-encoding"]).toBe("gzip");
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(app.page()));
    });
    const probe = probeOf(server.url);
    await look(probe);
    app.ok = 103;
    expect((await look(probe)).values.requests).toBe(3);
  });

  test("that unpacks to a hundred megabytes is cut long before", async () => {
    const bomb = gzipSync(Buffer.alloc(100 << 20, "\n"));
    await using app = await http((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    const before = process.memoryUsage().rss;
    const seen = await look(probeOf(app.url));
    expect(seen).toMatchObject(unknown("body-too-large"));
    expect(process.memoryUsage().rss - before).toBeLessThan(80 << 20);
  });

  test.each([
    ["is no gzip", Buffer.from("a 1\n")],
    ["is cut", gzipSync(createApp().page()).subarray(0, 60)],
  ])("that %s is none", async (_, bytes) => {
    await using app = await http((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bytes);
    });
    expect(await look(probeOf(app.url))).toMatchObject(unknown("metrics-malformed"));
  });
});

test("headers of the operator travel and are in no problem", async () => {
  let seen: string | undefined;
  await using app = await http((request, response) => {
    seen = request.headers.authorization;
    response.writeHead(403).end();
  });
  const observed = await look(probeOf(app.url, { headers: { authorization: "Bearer sw0rdfish" } }));
  expect(seen).toBe("Bearer sw0rdfish");
  expect(JSON.stringify(observed)).not.toContain("sw0rdfish");
});

test.each([
  [{}],
  [{ path: "metrics" }],
  [{ url: "ftp://host/" }],
  [{ url: "http://host/", path: "/x" }],
  [{ path: "/", metrics: { requests: "a b" } }],
  [{ path: "/", metrics: { requests: true } }],
  [{ path: "/", metrics: { status: "1" } }],
  [{ path: "/", metrics: { failed: [] } }],
  [{ path: "/", metrics: { surprise: "a" } }],
  [{ path: "/", ignore: "/x" }],
])("refused: %j", (config) => {
  expect(Config.safeParse({ kind: "prometheus", ...config }).success).toBe(false);
});

function unknown(code: string) {
  return { values: { requests: null, failed: null }, problem: { code } };
}

function probeOf(
  url: string,
  more: object = {},
  resolve: Resolve = systemResolve,
  now: () => number = Date.now,
): Probe {
  const config = Config.parse({ kind: "prometheus", url, timeout: "5s", ...more });
  return createPrometheus({ target: "api", name: "prometheus", config, now }, resolve);
}

async function look(probe: Probe): Promise<Observation> {
  const [seen] = await probe.look(new AbortController().signal);
  if (seen === undefined) throw new Error("observed nothing");
  return seen;
}

function http(listener: RequestListener, host = "127.0.0.1", port = 0) {
  return listening(createHttp(listener), "http", host, port);
}

async function listening(
  server: ReturnType<typeof createHttp>,
  scheme: "http" | "https",
  host: string,
  wanted: number,
) {
  let count = 0;
  let connections = 0;
  server.on("request", () => (count += 1));
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => (server as Server).listen(wanted, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://${host}:${port}/metrics`,
    count: () => count,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
