import { connect, type Socket } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Observation } from "../../domain/observation.ts";
import { createProbe } from "../index.ts";
import { hasRedis, startRedis, type RedisServer } from "./redis-server.fixture.ts";

// The probe against a real Redis that is full, frozen, killed, locked and without room.

const mustRun = process.env["SIGNALMAN_REQUIRE_SERVICES"] === "1";
if (!hasRedis) process.stderr.write("SKIPPED: no redis-server on the PATH.\n");

describe.skipIf(!hasRedis && !mustRun)("Redis", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis("--busy-reply-threshold", "100");
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test("that is well says what it uses, and since when it runs, the same at every look", async () => {
    const seen = await look(redis);
    expect(seen.values).toEqual({
      up: 1,
      memory_used: expect.any(Number),
      connections_used: expect.any(Number),
      connections_limit: Number(((await redis.run("config", "get", "maxclients")) as string[])[1]),
    });
    expect(seen.values.memory_used).toBeGreaterThan(100_000);
    expect(seen.values.connections_used).toBeGreaterThanOrEqual(1);
    expect(seen).not.toHaveProperty("problem");
    expect(seen.details).toEqual({
      connectMs: expect.any(Number),
      pingMs: expect.any(Number),
      evictedKeys: 0,
      rejectedConnections: 0,
      maxmemoryPolicy: "noeviction",
    });
    expect(Math.abs((seen.processStart ?? 0) - Date.now())).toBeLessThan(60_000);
    const second = Math.floor(Date.now() / 1_000);
    await expect
      .poll(() => Math.floor(Date.now() / 1_000), { interval: 20 })
      .toBeGreaterThan(second);
    expect((await look(redis)).processStart).toBe(seen.processStart);
  });

  test("is found over IPv6 and by its name", async () => {
    expect(await upOf(redis, `redis://[::1]:${redis.port}`)).toBe(1);
    expect(await upOf(redis, `redis://localhost:${redis.port}/3`)).toBe(1);
  });

  test("leaves nothing open after a look", async () => {
    for (let looks = 0; looks < 20; looks += 1) await look(redis);
    await expect
      .poll(
        async () =>
          String(await redis.run("client", "list"))
            .trim()
            .split("\n").length,
      )
      .toBe(1);
  });

  test("busy with a script answers nobody, and says so", async () => {
    const script = redis.run("eval", "while true do end", "0").catch(() => undefined);
    await expect
      .poll(() => look(redis), { timeout: 5_000 })
      .toMatchObject({
        values: { up: 0 },
        problem: { code: "script-running" },
      });
    await redis.run("script", "kill");
    await script;
    expect(await upOf(redis)).toBe(1);
  });

  test("a user who may only PING sees that it is up, and nothing else", async () => {
    await redis.run("acl", "setuser", "ping", "on", ">pass", "+ping");
    await redis.run("acl", "setuser", "none", "on", ">pass");
    const seen = await look(redis, `redis://ping:pass@127.0.0.1:${redis.port}`);
    expect(seen.values).toEqual({ up: 1 });
    expect(seen).not.toHaveProperty("processStart");
    expect(await look(redis, `redis://none:pass@127.0.0.1:${redis.port}`)).toMatchObject({
      values: { up: null },
      problem: { code: "authentication-failed", detail: expect.stringContaining("NOPERM") },
    });
  });

  test("frozen is a timeout on time, and is well again after it", async () => {
    redis.process.pause();
    try {
      const seen = await look(redis, undefined, "400ms");
      expect(seen).toMatchObject({ values: { up: 0 }, problem: { code: "timeout" } });
      expect(seen.tookMs).toBeLessThan(700);
    } finally {
      redis.process.resume();
    }
    await expect.poll(() => upOf(redis)).toBe(1);
  });

  test("full of data it may not evict is up, with all of its memory used", async () => {
    await using full = await startRedis("--maxmemory", "3mb");
    const fill = async () => {
      for (let keys = 0; ; keys += 1) await full.run("set", `k${keys}`, "x".repeat(100_000));
    };
    await expect(fill()).rejects.toThrow("OOM");
    const { values } = await look(full);
    expect(values).toMatchObject({ up: 1, memory_limit: 3 * 1024 * 1024 });
    expect((values.memory_used ?? 0) / 3 / 1024 / 1024).toBeGreaterThan(0.9);
    await full.run("config", "set", "maxmemory-policy", "allkeys-lru");
    await full.run("set", "one more", "x".repeat(200_000));
    const { details } = await look(full);
    expect(details).toMatchObject({ maxmemoryPolicy: "allkeys-lru" });
    expect(details?.["evictedKeys"]).toBeGreaterThan(0);
  });

  test("without room for one more client is up and exhausted, every time", async () => {
    await using small = await startRedis("--maxclients", "4");
    const config = { url: `redis://:any@127.0.0.1:${small.port}` };
    const probe = createProbe("redis", { target: "redis", name: "redis", config });
    const ask = async () => (await probe.look(never()))[0];
    await expect.poll(async () => (await ask())?.values.up, { timeout: 10_000 }).toBe(1);
    const holders: Socket[] = [];
    for (let clients = 0; clients < 4; clients += 1)
      holders.push(
        connect(small.port, "127.0.0.1")
          .on("error", () => undefined)
          .resume(),
      );
    try {
      await expect.poll(ask).toMatchObject({ values: { up: null } });
      for (let looks = 0; looks < 100; looks += 1) {
        expect(await ask()).toMatchObject({
          values: { up: null, connections_used: 4, connections_limit: 4 },
          problem: { code: "connections-exhausted" },
        });
      }
    } finally {
      for (const holder of holders) holder.destroy();
    }
    await expect.poll(async () => (await ask())?.values.up).toBe(1);
    expect((await ask())?.details?.["rejectedConnections"]).toBeGreaterThan(99);
  });

  test("with a password lets in who knows it, and says nothing of itself to others", async () => {
    await using locked = await startRedis("--requirepass", "a/b c%d");
    const at = `127.0.0.1:${locked.port}`;
    const right = `redis://:${encodeURIComponent("a/b c%d")}@${at}`;
    await expect.poll(() => upOf(locked, right), { timeout: 10_000 }).toBe(1);
    expect(await upOf(locked, right.replace("//:", "//default:"))).toBe(1);
    for (const [url, word] of [
      [`redis://:wrong@${at}`, "WRONGPASS"],
      [`redis://nobody:wrong@${at}`, "WRONGPASS"],
      [`redis://${at}`, "NOAUTH"],
    ] as const) {
      const seen = await look(locked, url);
      expect(seen).toMatchObject({
        values: { up: null },
        problem: { code: "authentication-failed", detail: expect.stringContaining(word) },
      });
      expect(JSON.stringify(seen)).not.toContain("wrong");
    }
    // A password where none is wanted is the operator's mistake and not Redis's failure.
    expect(await upOf(redis, `redis://:any@127.0.0.1:${redis.port}`)).toBe(1);
  });

  test("a replica that lost its master and may serve nobody is down", async () => {
    const alone = ["--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "no"];
    await using replica = await startRedis(...alone);
    await expect
      .poll(() => look(replica), { timeout: 10_000 })
      .toMatchObject({ values: { up: 0 }, problem: { code: "master-down" } });
  });

  test("killed is refused; started anew it runs since later", async () => {
    await using victim = await startRedis();
    victim.process.kill();
    await victim.process.exited;
    expect(await look(victim)).toMatchObject({
      values: { up: 0 },
      problem: { code: "connection-refused" },
    });
  });
});

function never(): AbortSignal {
  return new AbortController().signal;
}

async function look(
  { port }: RedisServer,
  url = `redis://127.0.0.1:${port}`,
  timeout = "3s",
): Promise<Observation> {
  const config = { url, timeout };
  const probe = createProbe("redis", { target: "redis", name: "redis", config });
  const [seen] = await probe.look(never());
  await probe.close();
  if (seen === undefined) throw new Error("nothing was observed");
  return seen;
}

async function upOf(server: RedisServer, url?: string): Promise<number | null | undefined> {
  return (await look(server, url)).values.up;
}
