import type { Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates, TLSSocket } from "node:tls";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Observation } from "../../domain/observation.ts";
import { redisLike, SELF_SIGNED, tcpServer } from "../stub-servers.ts";
import { lookUp } from "../testing.ts";
import { definition } from "./index.ts";

const escaped: unknown[] = [];
const note = (error: unknown): void => void escaped.push(error);
beforeEach(() => {
  escaped.length = 0;
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
  expect(escaped).toEqual([]);
});

const upon = (reply: string) => (socket: Socket) =>
  void socket.once("data", () => socket.write(reply));
const ping = (reply: string) => redisLike({ PING: `${reply}\r\n` });

describe("what a look concludes", () => {
  const cases: readonly [string, (socket: Socket) => void, 0 | 1 | null, string?][] = [
    ["an answer", redisLike(), 1],
    ["loading", ping("-LOADING Redis is loading the dataset in memory"), 0, "database-recovering"],
    ["no master", ping("-MASTERDOWN Link with MASTER is down"), 0, "master-down"],
    ["a script", ping("-BUSY Redis is busy running a script."), 0, "script-running"],
    [
      "a full disk",
      ping("-MISCONF Redis is configured to save RDB snapshots"),
      0,
      "writes-refused",
    ],
    [
      "a replica",
      ping("-READONLY You can't write against a read only replica."),
      null,
      "writes-refused",
    ],
    [
      "no memory",
      ping("-OOM command not allowed when used memory > 'maxmemory'."),
      null,
      "memory-exhausted",
    ],
    [
      "protected mode",
      (socket) => void socket.end("-DENIED Redis is running in protected mode\r\n"),
      null,
      "authentication-failed",
    ],
    [
      "an old login",
      redisLike({
        AUTH: "-ERR invalid password\r\n",
        PING: "-NOAUTH Authentication required.\r\n",
      }),
      null,
      "authentication-failed",
    ],
    [
      "a login that nobody wants",
      redisLike({ AUTH: "-ERR AUTH called without any password\r\n" }),
      1,
    ],
    ["no INFO", redisLike({ INFO: "-NOPERM no permissions to run 'info'\r\n" }), 1],
    ["an INFO of nothing", redisLike({ INFO: "$9\r\n:\r\na:b\nx:\r\n" }), 1],
    ["another answer to PING", ping("+PANG"), null, "probe-failed"],
    ["an error of its own", ping("-ERR something"), null, "probe-failed"],
    [
      "no room, said before anything was asked",
      (socket) => void socket.end("-ERR max number of clients reached\r\n"),
      null,
      "connections-exhausted",
    ],
    ["a cut connection", (socket) => void socket.resetAndDestroy(), 0, "connection-reset"],
    ["a closed connection", (socket) => void socket.end(), 0, "connection-reset"],
    [
      "a cut after the question",
      (socket) => void socket.once("data", () => socket.destroy()),
      0,
      "connection-reset",
    ],
    ["a frozen server", () => undefined, 0, "timeout"],
    ["a frozen PING", redisLike({ PING: null, INFO: null, CLIENT: null }), 0, "timeout"],
    ["HTTP", upon("HTTP/1.1 400 Bad Request\r\n\r\n"), null, "probe-failed"],
    ["SSH", (socket) => void socket.write("SSH-2.0-OpenSSH_9.9\r\n"), null, "probe-failed"],
    ["PostgreSQL", upon("E\0\0\0\u0008S\0\0"), null, "probe-failed"],
    ["a push that nobody subscribed to", upon(">1\r\n$9\r\nsubscribe\r\n"), null, "probe-failed"],
    ["nothing as an answer", upon("$-1\r\n"), null, "probe-failed"],
    ["more answers than questions", upon("+PONG\r\n".repeat(9)), null, "probe-failed"],
    ["an array of a million", upon("*1000000\r\n"), null, "probe-failed"],
    ["a text of a gigabyte", upon("$1073741824\r\n"), null, "probe-failed"],
    ["a line without an end", upon(`+${"x".repeat(10_000)}`), null, "probe-failed"],
  ];
  test.each(cases)("%s", async (name, serve, up, code) => {
    await using server = await tcpServer(serve);
    const timeout = name.includes("frozen") ? 300 : 3_000;
    const seen = await look(`redis://:p@127.0.0.1:${server.port}`, timeout);
    expect([seen.values.up, seen.problem?.code]).toEqual([up, code]);
    expect(seen.tookMs).toBeLessThan(timeout + 200);
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("an answer that comes in pieces", async () => {
    await using server = await tcpServer((socket) => {
      socket.once("data", () => {
        const bytes = "+OK\r\n+PONG\r\n$13\r\nmaxclients:7\n\r\n+OK\r\n";
        let at = 0;
        const drip = setInterval(() => {
          if (at >= bytes.length) return clearInterval(drip);
          socket.write(bytes.charAt(at));
          at += 1;
        }, 2);
        socket.on("close", () => clearInterval(drip));
      });
    });
    const { values } = await look(`redis://:p@127.0.0.1:${server.port}`);
    expect(values).toEqual({ up: 1, connections_limit: 7 });
  });

  test("an INFO that never comes takes the rest along, and not the answer", async () => {
    await using server = await tcpServer(redisLike({ INFO: null, CLIENT: null }));
    const seen = await look(`redis://127.0.0.1:${server.port}`, 300);
    expect(seen.values).toEqual({ up: 1 });
    expect(seen.details).toEqual({ connectMs: expect.any(Number), pingMs: expect.any(Number) });
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("nothing listening, and a name nobody knows", async () => {
    expect((await look("redis://127.0.0.1:1")).problem?.code).toBe("connection-refused");
    expect((await look("redis://localhost:1")).problem?.code).toBe("connection-refused");
    expect(await look("redis://nowhere.invalid", 5_000)).toMatchObject({
      values: { up: null },
      problem: { code: "dns-failed" },
    });
  });

  test("a flood is ended before it fills the memory", async () => {
    await using server = await tcpServer((socket) => {
      const flood = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x2b)));
        if (!socket.destroyed) socket.once("drain", flood);
      };
      socket.once("data", flood);
    });
    expect((await look(`redis://127.0.0.1:${server.port}`)).problem?.code).toBe("probe-failed");
    await expect.poll(() => server.open.size).toBe(0);
  });
});

describe("encrypted", () => {
  const secured = (serve: (socket: Socket) => void) => (socket: Socket) => {
    const upper = new TLSSocket(socket, { isServer: true, ...SELF_SIGNED });
    upper.on("error", () => undefined);
    serve(upper);
  };

  test("a certificate nobody signed, and one that we trust", async () => {
    await using server = await tcpServer(secured(redisLike()));
    const url = `rediss://:p@localhost:${server.port}`;
    expect(await look(url)).toMatchObject({
      values: { up: null },
      problem: { code: "tls-failed" },
    });
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, SELF_SIGNED.cert]);
    try {
      expect((await look(url)).values).toEqual({ up: 1 });
      expect((await look(url.replace("localhost", "127.0.0.1"))).problem?.code).toBe("tls-failed");
    } finally {
      setDefaultCACertificates(before);
    }
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("a server without encryption, and one that is frozen in the handshake", async () => {
    await using plain = await tcpServer(upon("-ERR unknown command\r\n"));
    expect(await look(`rediss://localhost:${plain.port}`)).toMatchObject({
      values: { up: null },
      problem: { code: "tls-failed" },
    });
    await using frozen = await tcpServer(() => undefined);
    expect((await look(`rediss://localhost:${frozen.port}`, 300)).problem?.code).toBe("timeout");
    await expect.poll(() => frozen.open.size + plain.open.size).toBe(0);
  });
});

test("a hundred looks that are ended half-way leave no socket behind", async () => {
  await using server = await tcpServer(() => undefined);
  const probe = probeOf(`redis://127.0.0.1:${server.port}`);
  const ending = new AbortController();
  const looks = Array.from({ length: 100 }, () => lookUp(probe, ending.signal));
  await expect.poll(() => server.open.size).toBe(100);
  ending.abort();
  const seen = await Promise.all(looks);
  expect(
    seen.every(({ value, problem }) => value === null && problem?.code === "probe-failed"),
  ).toBe(true);
  await expect.poll(() => server.open.size).toBe(0);
});

test.each(["http://h", "redis://", "mysql://u:sw0rdfish@h", "redis//h"])("refused: %s", (url) => {
  const parsed = definition.Config.safeParse({ kind: "redis", url });
  expect(parsed.success).toBe(false);
  expect(JSON.stringify(parsed.error?.issues)).not.toContain("sw0rdfish");
});

function probeOf(url: string, timeoutMs = 3_000) {
  const config = definition.Config.parse({ kind: "redis", url, timeout: `${timeoutMs}ms` });
  return definition.create({ target: "redis", name: "redis", config });
}

async function look(url: string, timeoutMs = 3_000): Promise<Observation> {
  const [seen] = await probeOf(url, timeoutMs).look(new AbortController().signal);
  if (seen === undefined) throw new Error("nothing was observed");
  return seen;
}
