import { readdirSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, test } from "vitest";

import type { Probe } from "../ports/probe.ts";
import { createProbe, probes, type ProbeKind } from "./index.ts";
import { lookUp, type Up } from "./testing.ts";
import { oneValue, postgresLike, redisLike, tcpServer } from "./stub-servers.ts";

/** Kinds that read the platform's poll: what is true of them stands in watching.test.ts. */
type OfThePlatform = "railway" | "log-pattern";

/**
 * How a kind is pointed at a server of ours, and what a healthy one looks like. A new kind adds its line. What listens
 * has no server: its own test says what it promises.
 */
const SUBJECTS: {
  readonly [kind in Exclude<ProbeKind, "heartbeat" | OfThePlatform>]: {
    config(port: number): object;
    healthy(): Promise<{ port: number } & AsyncDisposable>;
  };
} = {
  http: { config: (port) => ({ url: `http://127.0.0.1:${port}/` }), healthy: healthyApp },
  postgres: {
    config: (port) => ({ url: `postgres://u:p@127.0.0.1:${port}/d` }),
    healthy: () => tcpServer(postgresLike(() => oneValue("1661140279000"))),
  },
  redis: {
    config: (port) => ({ url: `redis://:p@127.0.0.1:${port}` }),
    healthy: () => tcpServer(redisLike()),
  },
};

test("every folder is registered under its own name, and nothing else is", () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(Object.keys(probes).sort()).toEqual(folders.sort());
  for (const [kind, definition] of Object.entries(probes)) expect(definition.kind).toBe(kind);
});

test("an unknown kind is refused with the known ones", () => {
  const setting = { target: "t", name: "n", config: {} };
  expect(() => createProbe("telepathy", setting)).toThrow(/telepathy.*http, .*postgres/);
  expect(() => createProbe("toString", setting)).toThrow("toString");
});

describe.each(Object.entries(SUBJECTS))("%s", (kind, subject) => {
  const make = (port: number, timeout = "3s"): Probe =>
    createProbe(kind, {
      target: "t",
      name: `${kind} here`,
      config: { ...subject.config(port), timeout },
      now: () => 1_661_140_279_000,
    });

  test("its example parses, as written and once more after parsing", () => {
    const { Config, example } = probes[kind as ProbeKind];
    expect(Config.safeParse(example)).toMatchObject({ success: true });
    const setting = { target: "t", name: "n", baseUrl: "http://127.0.0.1:1" };
    expect(() => createProbe(kind, { ...setting, config: Config.parse(example) })).not.toThrow();
    expect(Config.safeParse({ ...Object(example), surprise: 1 }).success).toBe(false);
  });

  test("a healthy look is a 1 with the time it was known", async () => {
    await using server = await subject.healthy();
    const probe = make(server.port);
    const sample = await lookUp(probe, new AbortController().signal);
    expect(sample).toMatchObject({
      target: "t",
      probe: `${kind} here`,
      value: 1,
      ts: 1_661_140_279_000,
    });
    expect(sample).not.toHaveProperty("problem");
    expect(JSON.parse(JSON.stringify(sample))).toEqual(sample);
    expect([probe.target, probe.name, probe.kind]).toEqual(["t", `${kind} here`, kind]);
    await probe.close();
  });

  test("what refuses is down, with a reason", async () => {
    const probe = make(1);
    const sample = await lookUp(probe, new AbortController().signal);
    expect(sample).toMatchObject({ value: 0, problem: { code: "connection-refused" } });
    await probe.close();
  });

  test("a frozen server is a timeout, on time", async () => {
    await using server = await tcpServer(() => undefined);
    const probe = make(server.port, "300ms");
    const begun = performance.now();
    const sample = await lookUp(probe, new AbortController().signal);
    expect(sample).toMatchObject({ value: 0, problem: { code: "timeout" } });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(290);
    expect(performance.now() - begun).toBeLessThan(500);
    await probe.close();
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("a look that is ended from outside ends within 200 ms and cannot say", async () => {
    await using server = await tcpServer(() => undefined);
    const probe = make(server.port);
    const ending = new AbortController();
    const asked = lookUp(probe, ending.signal);
    await expect.poll(() => server.count).toBe(1);
    const begun = performance.now();
    ending.abort();
    cannotSay(await asked);
    expect(performance.now() - begun).toBeLessThan(200);
    cannotSay(await lookUp(probe, AbortSignal.abort()));
    await expect.poll(() => server.open.size).toBe(0);
    await probe.close();
  });

  test("garbage is never health, and nothing is thrown", async () => {
    let seed = 42;
    const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % 256;
    await using server = await tcpServer((socket) => {
      const noise = Buffer.from(Array.from({ length: 200 }, random));
      socket.once("data", () => socket.end(noise));
    });
    const probe = make(server.port, "300ms");
    for (let looks = 0; looks < 50; looks += 1) {
      const sample = await lookUp(probe, new AbortController().signal);
      expect(sample.value).not.toBe(1);
      expect(sample.problem?.detail.length).toBeLessThanOrEqual(250);
    }
    await probe.close();
  });

  test("closing twice is once, and a look after it throws nothing", async () => {
    await using server = await subject.healthy();
    const probe = make(server.port);
    await lookUp(probe, new AbortController().signal);
    await probe.close();
    await probe.close();
    const late = await lookUp(probe, new AbortController().signal);
    expect([1, null]).toContain(late.value);
    await probe.close();
  });
});

function cannotSay(sample: Up): void {
  expect(sample).toMatchObject({ value: null, problem: { code: "probe-failed" } });
}

async function healthyApp() {
  const server = createHttp((_request, response) => void response.end("{}"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
