import type { RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { SELF_SIGNED, tcpServer } from "../stub-servers.ts";
import { createApp, http, listening, look, probeOf, unknown } from "./app.fixture.ts";

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
