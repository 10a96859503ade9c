import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  errorMessage,
  message,
  oneValue,
  postgresLike,
  SELF_SIGNED,
  tcpServer,
} from "../stub-servers.ts";
import { definition } from "./index.ts";
import { lookUp, type Up } from "../testing.ts";

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

const start = oneValue("1661140279000");
const healthy = postgresLike((query) => (query === 0 ? oneValue("1") : start));
const upon = (reply: Buffer) => (socket: Socket) =>
  void socket.once("data", () => socket.end(reply));

describe("what a look concludes", () => {
  const cases: [string, (socket: Socket) => void, Partial<Up>][] = [
    ["an answer", healthy, { value: 1, processStart: 1_661_140_279_000 }],
    [
      "recovery",
      upon(errorMessage("57P03", "the database system is starting up")),
      down("database-recovering"),
    ],
    [
      "an administrator's shutdown",
      upon(errorMessage("57P01", "terminating connection")),
      down("connection-reset"),
    ],
    [
      "a crash of another process",
      upon(errorMessage("57P02", "terminating connection")),
      down("connection-reset"),
    ],
    [
      "no connection left",
      upon(errorMessage("53300", "sorry, too many clients already")),
      unsure("connections-exhausted"),
    ],
    [
      "a wrong password",
      upon(errorMessage("28P01", "password authentication failed")),
      unsure("authentication-failed"),
    ],
    [
      "no entry in pg_hba.conf",
      upon(errorMessage("28000", "no pg_hba.conf entry")),
      unsure("authentication-failed"),
    ],
    [
      "no such database",
      upon(errorMessage("3D000", "database does not exist")),
      unsure("probe-failed"),
    ],
    ["a cut connection", (socket) => void socket.resetAndDestroy(), down("connection-reset")],
    ["a closed connection", (socket) => void socket.end(), down("connection-reset")],
    ["a frozen server", () => undefined, down("timeout")],
    ["a server frozen in the query", postgresLike(() => null), down("timeout")],
    [
      "a cut in the query",
      postgresLike((_query, socket) => (socket.destroy(), null)),
      down("connection-reset"),
    ],
    [
      "HTTP",
      (socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
      unsure("probe-failed"),
    ],
    ["SSH", (socket) => void socket.write("SSH-2.0-OpenSSH_9.9\r\n"), unsure("probe-failed")],
    ["Redis", upon(Buffer.from("-ERR unknown command\r\n")), unsure("probe-failed")],
    ["an error without an end", upon(message("E", "S")), unsure("probe-failed")],
    ["an error of nothing", upon(message("E")), unsure("probe-failed")],
    [
      "an unknown way to log in",
      upon(message("R", Buffer.from([0, 0, 0, 99]))),
      unsure("probe-failed"),
    ],
    [
      "a row that is too short",
      postgresLike(() => message("D", "\0\u0005")),
      unsure("probe-failed"),
    ],
    ["less than nothing", upon(message("D", Buffer.from([0xff, 0xff]))), unsure("probe-failed")],
  ];
  test.each(cases)("%s", async (name, serve, expected) => {
    await using server = await tcpServer(serve);
    const timeoutMs = name.includes("frozen") ? 300 : 3_000;
    const sample = await look(`postgres://u:p@127.0.0.1:${server.port}/d`, timeoutMs);
    expect(sample).toMatchObject(expected);
    expect(sample.tookMs).toBeLessThan(timeoutMs + 200);
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("nothing listening", async () => {
    expect(await look("postgres://u:p@127.0.0.1:1/d")).toMatchObject(down("connection-refused"));
    expect(await look("postgres://u:p@localhost:1/d")).toMatchObject(down("connection-refused"));
  });

  test("an unknown name", async () => {
    const sample = await look("postgres://u:p@nowhere.invalid/d", 5_000);
    expect(sample).toMatchObject(unsure("dns-failed"));
  });

  test("a flood that never becomes a message is ended before it fills the memory", async () => {
    await using server = await tcpServer((socket) => {
      const flood = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x44)));
        if (!socket.destroyed) socket.once("drain", flood);
      };
      socket.once("data", flood);
    });
    const sample = await look(`postgres://u:p@127.0.0.1:${server.port}/d`);
    expect(sample).toMatchObject(unsure("probe-failed"));
  });
});

describe("the start of the server's process", () => {
  test("may be hidden from our role; the look counts", async () => {
    const denied = Buffer.concat([
      errorMessage("42501", "permission denied for function pg_postmaster_start_time", "ERROR"),
      message("Z", "I"),
    ]);
    await using server = await tcpServer(
      postgresLike((query) => (query === 0 ? oneValue("1") : denied)),
    );
    const sample = await look(`postgres://u:p@127.0.0.1:${server.port}/d`);
    expect(sample.value).toBe(1);
    expect(sample).not.toHaveProperty("processStart");
  });

  test("is not believed when it is no number", async () => {
    await using server = await tcpServer(postgresLike(() => oneValue("soon")));
    const sample = await look(`postgres://u:p@127.0.0.1:${server.port}/d`);
    expect(sample.value).toBe(1);
    expect(sample).not.toHaveProperty("processStart");
  });

  test("a server that dies over that question is down, not healthy", async () => {
    const dying = postgresLike((query, socket) => {
      if (query === 0) return oneValue("1");
      socket.end(errorMessage("57P01", "terminating connection"));
      return null;
    });
    await using server = await tcpServer(dying);
    expect(await look(`postgres://u:p@127.0.0.1:${server.port}/d`)).toMatchObject(
      down("connection-reset"),
    );
  });
});

describe("what the server is busy with", () => {
  const before = (query: number) => (query === 0 ? oneValue("1") : start);

  test.each([
    ["is refused", errorMessage("42501", "permission denied for view", "ERROR")],
    [
      "takes too long",
      errorMessage("57014", "canceling statement due to statement timeout", "ERROR"),
    ],
  ])("%s; the look counts", async (_, refusal) => {
    const refused = Buffer.concat([refusal, message("Z", "I")]);
    await using server = await tcpServer(
      postgresLike((query) => (query < 2 ? before(query) : refused)),
    );
    const sample = await look(`postgres://u:p@127.0.0.1:${server.port}/d`);
    expect(sample).toMatchObject({ value: 1, processStart: 1_661_140_279_000 });
  });

  test("never comes; the look counts at its deadline, and the next one is not late for it", async () => {
    await using server = await tcpServer(
      postgresLike((query) => (query < 2 ? before(query) : null)),
    );
    const probe = pooled(server.port);
    const first = await lookUp(probe, never());
    expect(first).toMatchObject({ value: 1, processStart: 1_661_140_279_000 });
    expect(first.tookMs).toBeGreaterThanOrEqual(290);
    await expect.poll(() => server.open.size).toBe(0);
    const second = await lookUp(probe, never());
    expect(second.value).toBe(1);
    expect(second.tookMs).toBeLessThan(290);
    await probe.close();
  });
});

describe("encrypted", () => {
  const secured = (serve: (socket: Socket) => void) => (socket: Socket) =>
    void socket.once("data", () => {
      socket.write("S");
      const upper = new TLSSocket(socket, { isServer: true, ...SELF_SIGNED });
      upper.on("error", () => undefined);
      serve(upper);
    });

  test.each([
    ["a certificate nobody signed", "verify-full", healthy, unsure("tls-failed")],
    ["the same, when the operator says so", "no-verify", healthy, { value: 1 }],
    ["garbage inside", "no-verify", upon(message("E", "S")), unsure("probe-failed")],
    ["frozen inside", "no-verify", postgresLike(() => null), down("timeout")],
  ])("%s", async (name, mode, serve, expected) => {
    await using server = await tcpServer(secured(serve));
    const timeoutMs = name.includes("frozen") ? 300 : 3_000;
    const url = `postgres://u:p@localhost:${server.port}/d?sslmode=${mode}`;
    const sample = await look(url, timeoutMs);
    expect(sample).toMatchObject(expected);
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("a server without encryption", async () => {
    await using server = await tcpServer(
      (socket) => void socket.once("data", () => socket.write("N")),
    );
    const sample = await look(`postgres://u:p@127.0.0.1:${server.port}/d?sslmode=no-verify`);
    expect(sample).toMatchObject(unsure("tls-failed"));
  });
});

describe("a kept connection", () => {
  test("is used again and again", async () => {
    await using server = await tcpServer(
      postgresLike((query) => (query % 2 === 0 ? oneValue("1") : start)),
    );
    const probe = pooled(server.port);
    for (let looks = 0; looks < 5; looks += 1) expect(await valueOf(probe)).toBe(1);
    expect(server.count).toBe(1);
    await probe.close();
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("that broke between two looks is one failed look, then a new connection", async () => {
    await using server = await tcpServer(
      postgresLike((query) => (query % 2 === 0 ? oneValue("1") : start)),
    );
    const probe = pooled(server.port);
    expect(await valueOf(probe)).toBe(1);
    for (const socket of server.open) socket.end(errorMessage("57P01", "terminating connection"));
    await expect.poll(() => server.open.size).toBe(0);
    expect(await lookUp(probe, never())).toMatchObject(down("connection-reset"));
    expect(await valueOf(probe)).toBe(1);
    expect(server.count).toBe(2);
    await probe.close();
  });

  test("on a frozen server is given up at the deadline", async () => {
    let isFrozen = false;
    await using server = await tcpServer(
      postgresLike((query) => (isFrozen ? null : query % 2 === 0 ? oneValue("1") : start)),
    );
    const probe = pooled(server.port);
    expect(await valueOf(probe)).toBe(1);
    isFrozen = true;
    expect(await lookUp(probe, never())).toMatchObject(down("timeout"));
    await expect.poll(() => server.open.size).toBe(0);
    isFrozen = false;
    expect(await valueOf(probe)).toBe(1);
    await probe.close();
  });

  test("is not shared by two looks at once", async () => {
    await using server = await tcpServer(
      postgresLike((query) => (query % 2 === 0 ? oneValue("1") : start)),
    );
    const probe = pooled(server.port);
    const both = await Promise.all([lookUp(probe, never()), lookUp(probe, never())]);
    expect(both.map((sample) => sample.value)).toEqual([1, 1]);
    await probe.close();
    await expect.poll(() => server.open.size).toBe(0);
  });
});

test("a hundred looks that are ended half-way leave no socket behind", async () => {
  await using server = await tcpServer(() => undefined);
  const config = definition.Config.parse({
    kind: "postgres",
    url: `postgres://u:p@127.0.0.1:${server.port}/d`,
  });
  const probe = definition.create({ target: "db", name: "postgres", config });
  const ending = new AbortController();
  const looks = Array.from({ length: 100 }, () => lookUp(probe, ending.signal));
  await expect.poll(() => server.open.size).toBe(100);
  const begun = performance.now();
  ending.abort();
  const samples = await Promise.all(looks);
  expect(performance.now() - begun).toBeLessThan(200);
  expect(new Set(samples.map((sample) => sample.problem?.code))).toEqual(new Set(["probe-failed"]));
  expect(samples.every((sample) => sample.value === null)).toBe(true);
  await expect.poll(() => server.open.size).toBe(0);
});

test("a password is in no message", async () => {
  const url = "postgres://u:sw0rdfish@127.0.0.1:1/d";
  const parsed = definition.Config.safeParse({ kind: "postgres", url: "mysql://u:sw0rdfish@h/d" });
  expect(parsed.success).toBe(false);
  expect(JSON.stringify([await look(url), parsed.error?.issues])).not.toContain("sw0rdfish");
});

function down(code: string) {
  return { value: 0, problem: expect.objectContaining({ code }) };
}

function unsure(code: string) {
  return { value: null, problem: expect.objectContaining({ code }) };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function pooled(port: number) {
  const url = `postgres://u:p@127.0.0.1:${port}/d`;
  const config = definition.Config.parse({ kind: "postgres", url, pooled: true, timeout: "300ms" });
  return definition.create({ target: "db", name: "postgres", config });
}

async function valueOf(probe: ReturnType<typeof pooled>): Promise<number | null | undefined> {
  return (await lookUp(probe, never())).value;
}

async function look(url: string, timeoutMs = 3_000): Promise<Up> {
  const timeout = `${timeoutMs}ms`;
  const config = definition.Config.parse({ kind: "postgres", url, timeout });
  const probe = definition.create({ target: "db", name: "postgres", config });
  try {
    return await lookUp(probe, never());
  } finally {
    await probe.close();
  }
}
