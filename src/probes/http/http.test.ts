import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { SELF_SIGNED, tcpServer } from "../stub-servers.ts";
import { definition } from "./index.ts";
import { lookUp, type Up } from "../testing.ts";

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(JSON.stringify(body));

/** For looks that have to time out. */
const HASTE = { timeout: "300ms" };

describe("the status", () => {
  test.each([
    [200, undefined, 1],
    [204, undefined, 1],
    [301, undefined, 0],
    [404, undefined, 0],
    [500, undefined, 0],
    [503, 503, 1],
    [200, [201, 204], 0],
    [204, [201, 204], 1],
  ])("%i where %j is expected", async (status, expected, value) => {
    await using app = await http(json({}, status, { location: "/elsewhere" }));
    const expectation = expected === undefined ? {} : { expect: { status: expected } };
    const sample = await look(app.url, expectation);
    expect(sample.value).toBe(value);
    if (value === 0) {
      expect(sample.problem?.code).toBe("unexpected-status");
      expect(sample.problem?.detail).toContain(`found ${status}`);
    }
    expect(app.count()).toBe(1);
  });
});

test("a redirect is not followed, and where it leads is told without what may be a token", async () => {
  await using app = await http(json({}, 301, { location: "https://other/login?token=sw0rdfish" }));
  const sample = await look(app.url);
  expect(sample.problem?.detail).toBe(
    "expected status 200–299, found 301, which leads to https://other/login and is not followed",
  );
  expect(app.count()).toBe(1);
});

test.each(["gzip", "br"])(
  "a body that comes as %s although nobody asked is no verdict",
  async (encoding) => {
    let asked: string | undefined;
    await using app = await http((request, response) => {
      asked = String(request.headers["accept-encoding"]);
      const packed = (encoding === "gzip" ? gzipSync : brotliCompressSync)('{"status":"healthy"}');
      response.writeHead(200, { "content-encoding": encoding }).end(packed);
    });
    expect(await look(app.url)).toMatchObject({ value: 1 });
    expect(asked).toBe("identity");
    expect(await look(app.url, { expect: { json: { status: "healthy" } } })).toMatchObject({
      value: null,
      problem: { code: "unexpected-body", detail: expect.stringContaining(encoding) },
    });
  },
);

describe("conditions on the body", () => {
  const health = { status: "unhealthy", checks: [{ name: "db", ok: false }], none: null };
  test.each([
    [{ status: "healthy" }, 0, 'expected status = "healthy", found "unhealthy"'],
    [{ status: "unhealthy" }, 1, ""],
    [{ "checks.0.ok": true }, 0, "expected checks.0.ok = true, found false"],
    [{ "checks.0.ok": false, none: null }, 1, ""],
    [{ "checks.1.ok": true }, 0, "expected checks.1.ok = true, found nothing"],
    [{ "status.length": 9 }, 0, "found nothing"],
    [{ constructor: "x" }, 0, "found nothing"],
    [{ checks: "db" }, 0, 'found [{"name":"db","ok":false}]'],
  ])("%j", async (conditions, value, detail) => {
    await using app = await http(json(health));
    const sample = await look(app.url, { expect: { json: conditions } });
    expect(sample.value).toBe(value);
    if (value === 0) {
      expect(sample.problem?.code).toBe("unexpected-body");
      expect(sample.problem?.detail).toContain(detail);
    }
  });

  test.each([
    ["<html>502</html>", '"<html>502</html>"'],
    ["", "an empty body"],
  ])("a body that is no JSON: %j", async (body, found) => {
    await using app = await http((_request, response) => void response.end(body));
    const sample = await look(app.url, { expect: { json: { status: "healthy" } } });
    expect(sample).toMatchObject({ value: 0, problem: { code: "unexpected-body" } });
    expect(sample.problem?.detail).toBe(`expected JSON, found ${found}`);
  });

  test("what a stranger wrote comes without control characters and in bounds", async () => {
    await using app = await http(json({ status: `\u001b[31m${"x".repeat(500)}\n` }));
    const sample = await look(app.url, { expect: { json: { status: "healthy" } } });
    // oxlint-disable-next-line no-control-regex -- their absence is the point
    expect(sample.problem?.detail).not.toMatch(/[\u0000-\u001f]/);
    expect(sample.problem?.detail.length).toBeLessThan(150);
  });
});

describe("an answer that one of the app's switches explains", () => {
  test("says nothing of the app's health", async () => {
    const headers = { "x-signalman-switch": "read-only" };
    await using app = await http(json({ error: "read-only" }, 503, headers));
    expect(await look(app.url)).toMatchObject({
      value: null,
      problem: { code: "refused-by-switch", detail: expect.stringContaining("read-only") },
    });
  });
});

describe("an app that does not answer", () => {
  test("nothing listens", async () => {
    expect(await look("http://127.0.0.1:1/")).toMatchObject(down("connection-refused"));
    expect(await look("http://localhost:1/")).toMatchObject(down("connection-refused"));
  });

  test("hangs before the answer", async () => {
    await using app = await http(() => undefined);
    expect(await look(app.url, HASTE)).toMatchObject(down("timeout"));
  });

  test("accepts and says nothing", async () => {
    await using server = await tcpServer(() => undefined);
    const sample = await look(`http://127.0.0.1:${server.port}/`, HASTE);
    expect(sample).toMatchObject(down("timeout"));
    expect(sample.tookMs).toBeLessThan(500);
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("never finishes its body", async () => {
    await using app = await http((_request, response) => void response.write("{"));
    expect(await look(app.url, HASTE)).toMatchObject(down("timeout"));
  });

  test("drips its body", async () => {
    await using app = await http((_request, response) => {
      const drip = setInterval(() => response.write("."), 20);
      response.on("close", () => clearInterval(drip));
    });
    const sample = await look(app.url, HASTE);
    expect(sample).toMatchObject(down("timeout"));
    expect(sample.tookMs).toBeLessThan(500);
  });

  test("cuts every connection", async () => {
    await using server = await tcpServer(
      (socket) => void socket.once("data", () => socket.resetAndDestroy()),
    );
    const sample = await look(`http://127.0.0.1:${server.port}/`);
    expect(sample).toMatchObject(down("connection-reset"));
    expect(server.count).toBe(2);
  });

  test("cuts every connection: a POST is not repeated", async () => {
    await using server = await tcpServer(
      (socket) => void socket.once("data", () => socket.destroy()),
    );
    const sample = await look(`http://127.0.0.1:${server.port}/`, { method: "POST" });
    expect(sample).toMatchObject(down("connection-reset"));
    expect(server.count).toBe(1);
  });

  test("speaks something else", async () => {
    await using server = await tcpServer((socket) => void socket.write("SSH-2.0-OpenSSH_9.9\r\n"));
    const sample = await look(`http://127.0.0.1:${server.port}/`);
    expect(sample).toMatchObject({ value: null, problem: { code: "probe-failed" } });
  });

  test("has a name nobody knows", async () => {
    const sample = await look("http://nowhere.invalid/", { timeout: "5s" });
    expect(sample).toMatchObject({ value: null, problem: { code: "dns-failed" } });
  });

  test("has a certificate nobody signed", async () => {
    const server = createHttps(SELF_SIGNED, json({}));
    await using app = await listening(server, "https");
    const sample = await look(app.url.replace("127.0.0.1", "localhost"));
    expect(sample).toMatchObject({ value: null, problem: { code: "tls-failed" } });
  });

  test("speaks no TLS where TLS is expected", async () => {
    await using app = await http(json({}));
    const sample = await look(app.url.replace("http:", "https:"));
    expect(sample).toMatchObject({ value: null, problem: { code: "tls-failed" } });
  });
});

describe("a body of ten megabytes", () => {
  const huge: RequestListener = (_request, response) =>
    void response.end(Buffer.alloc(10 << 20, 0x20));

  test("is not read to its end when only the status counts", async () => {
    await using app = await http(huge);
    expect(await look(app.url)).toMatchObject({ value: 1 });
  });

  test("cannot be judged by its content", async () => {
    await using app = await http(huge);
    const sample = await look(app.url, { expect: { json: { status: "healthy" } } });
    expect(sample).toMatchObject({ value: null, problem: { code: "body-too-large" } });
  });
});

test("a kept connection that the app closed in the meantime is no failure", async () => {
  await using app = await http(json({}));
  const probe = probeOf(app.url, {});
  for (let looks = 0; looks < 4; looks += 1) {
    expect((await lookUp(probe, new AbortController().signal)).value).toBe(1);
    app.cutAll();
  }
  await probe.close();
});

test("a kept connection is used again", async () => {
  await using app = await http(json({}));
  const probe = probeOf(app.url, {});
  for (let looks = 0; looks < 9; looks += 1) await lookUp(probe, new AbortController().signal);
  expect(app.connections()).toBeLessThanOrEqual(2);
  await probe.close();
});

test("headers of the operator travel and are in no problem", async () => {
  const secret = "Bearer sw0rdfish";
  let seen: string | undefined;
  await using app = await http((request, response) => {
    seen = request.headers.authorization;
    response.writeHead(500).end();
  });
  const sample = await look(app.url, { headers: { authorization: secret } });
  expect(seen).toBe(secret);
  expect(JSON.stringify(sample)).not.toContain("sw0rdfish");
});

describe("where it looks", () => {
  test.each([
    ["", "/health"],
    ["/", "/health"],
    ["/api/v1/", "/api/v1/health"],
  ])(
    "a path is joined to the target's url, also behind a base path: %j",
    async (base, expected) => {
      let seen: string | undefined;
      await using app = await http((request, response) => {
        seen = request.url;
        response.end();
      });
      const config = definition.Config.parse({ kind: "http", path: "/health" });
      const baseUrl = `${app.origin}${base}`;
      const probe = definition.create({ target: "api", name: "http", config, baseUrl });
      await lookUp(probe, new AbortController().signal);
      expect(seen).toBe(expected);
      await probe.close();
    },
  );

  test("a path without anything to join it to is refused at once", () => {
    const config = definition.Config.parse({ kind: "http", path: "/health" });
    expect(() => definition.create({ target: "api", name: "http", config })).toThrow("no url");
  });

  test.each([
    [{ kind: "http" }],
    [{ kind: "http", path: "health" }],
    [{ kind: "http", url: "ftp://host/" }],
    [{ kind: "http", url: "http://host/", path: "/x" }],
    [{ kind: "http", path: "/", timeout: 3 }],
    [{ kind: "http", path: "/", timeout: "0s" }],
    [{ kind: "http", path: "/", headers: { "x y": "1" } }],
    [{ kind: "http", path: "/", headers: { x: "1\r\ny: 2" } }],
    [{ kind: "http", path: "/", expect: { jsonn: {} } }],
    [{ kind: "http", path: "/", method: "DELETE" }],
  ])("refused: %j", (config) => {
    expect(definition.Config.safeParse(config).success).toBe(false);
  });
});

function down(code: string) {
  return { value: 0, problem: expect.objectContaining({ code }) };
}

function probeOf(url: string, more: object) {
  const config = definition.Config.parse({ kind: "http", url, timeout: "3s", ...more });
  return definition.create({ target: "api", name: "http", config });
}

async function look(url: string, more: object = {}): Promise<Up> {
  const probe = probeOf(url, more);
  try {
    return await lookUp(probe, new AbortController().signal);
  } finally {
    await probe.close();
  }
}

function http(listener: RequestListener) {
  return listening(createHttp(listener), "http");
}

async function listening(server: ReturnType<typeof createHttp>, scheme: "http" | "https") {
  let count = 0;
  let connections = 0;
  server.on("request", () => (count += 1));
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => (server as Server).listen(0, "127.0.0.1", resolve));
  const origin = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}/`,
    count: () => count,
    connections: () => connections,
    cutAll: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
