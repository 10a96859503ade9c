import { readdirSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { Observation } from "../domain/observation.ts";
import type { Probe } from "../ports/probe.ts";
import { createProbe, probes, type ProbeKind } from "./index.ts";
import type { Registered } from "./definition.ts";
import { tcpServer, type Subject } from "./stub-servers.ts";

/** What listens has no server, and what reads the platform's poll none of its own: watching.test.ts and their own tests hold those. */
const subjects = await Promise.all(
  Object.values<Registered>(probes)
    .filter(({ listens, asksPlatform }) => listens !== true && asksPlatform !== true)
    .map(async ({ kind }) => {
      const file: { subject: Subject } = await import(`./${kind}/subject.fixture.ts`);
      return [kind, file.subject] as const;
    }),
);

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

describe.each(subjects)("%s", (kind, subject) => {
  const saysUp = probes[kind as ProbeKind].opens !== null;
  const make = (port: number, timeout = "3s"): Probe =>
    createProbe(kind, {
      target: "t",
      name: `${kind} here`,
      config: { ...subject.config(port), timeout },
      now: () => 1_661_140_279_000,
    });
  const expectHealth = (seen: Observation): void => {
    expect(seen).not.toHaveProperty("problem");
    if (saysUp) expect(seen.values.up).toBe(1);
    else {
      expect(seen.values).not.toHaveProperty("up");
      for (const value of Object.values(seen.values)) expect(value).toBeTypeOf("number");
    }
  };
  /** The other side's fault is down where the kind says so; what was to be measured is never zero. */
  const expectFailure = (seen: Observation, code: string): void => {
    expect(seen.problem?.code).toBe(code);
    if (saysUp) expect(seen.values).toEqual({ up: 0 });
    else expectNulls(seen);
  };
  const cannotSay = (seen: Observation): void => {
    expect(seen.problem?.code).toBe("probe-failed");
    expectNulls(seen);
  };

  test("its example parses, as written and once more after parsing", () => {
    const { Config, example } = probes[kind as ProbeKind];
    expect(Config.safeParse(example)).toMatchObject({ success: true });
    const setting = { target: "t", name: "n", baseUrl: "http://127.0.0.1:1" };
    expect(() => createProbe(kind, { ...setting, config: Config.parse(example) })).not.toThrow();
    expect(Config.safeParse({ ...Object(example), surprise: 1 }).success).toBe(false);
  });

  test("a healthy look says so with the time it was known", async () => {
    await using server = await subject.healthy();
    const probe = make(server.port);
    if (subject.compares === true) expectNulls(await lookOnce(probe));
    const seen = await lookOnce(probe);
    expect(seen).toMatchObject({ target: "t", probe: `${kind} here`, ts: 1_661_140_279_000 });
    expectHealth(seen);
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
    expect([probe.target, probe.name, probe.kind]).toEqual(["t", `${kind} here`, kind]);
    await probe.close();
  });

  test("what refuses is down or unknown, with a reason", async () => {
    const probe = make(1);
    expectFailure(await lookOnce(probe), "connection-refused");
    await probe.close();
  });

  test("what fails after it was well is told with the same signals", async () => {
    const server = await subject.healthy();
    const probe = make(server.port);
    await lookOnce(probe);
    const well = await lookOnce(probe);
    await server[Symbol.asyncDispose]();
    const seen = await lookOnce(probe);
    expectFailure(seen, "connection-refused");
    if (!saysUp) expect(Object.keys(seen.values).sort()).toEqual(Object.keys(well.values).sort());
    await probe.close();
  });

  test("a frozen server is a timeout, on time", async () => {
    await using server = await tcpServer(() => undefined);
    const probe = make(server.port, "300ms");
    const begun = performance.now();
    expectFailure(await lookOnce(probe), "timeout");
    expect(performance.now() - begun).toBeGreaterThanOrEqual(saysUp ? 290 : 260);
    expect(performance.now() - begun).toBeLessThan(500);
    await probe.close();
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("a look that is ended from outside ends within 200 ms and cannot say", async () => {
    await using server = await tcpServer(() => undefined);
    const probe = make(server.port);
    const ending = new AbortController();
    const asked = lookOnce(probe, ending.signal);
    await expect.poll(() => server.count).toBeGreaterThanOrEqual(1);
    const begun = performance.now();
    ending.abort();
    cannotSay(await asked);
    expect(performance.now() - begun).toBeLessThan(200);
    cannotSay(await lookOnce(probe, AbortSignal.abort()));
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
      const seen = await lookOnce(probe);
      if (saysUp) expect(seen.values.up).not.toBe(1);
      else expectNulls(seen);
      expect(seen.problem?.detail.length).toBeLessThanOrEqual(250);
    }
    await probe.close();
  });

  test("closing twice is once, and a look after it throws nothing", async () => {
    await using server = await subject.healthy();
    const probe = make(server.port);
    await lookOnce(probe);
    await probe.close();
    await probe.close();
    const late = await lookOnce(probe);
    if (late.problem === undefined) expectHealth(late);
    else expectNulls(late);
    await probe.close();
  });
});

async function lookOnce(probe: Probe, signal = new AbortController().signal): Promise<Observation> {
  const [seen] = await probe.look(signal);
  if (seen === undefined) throw new Error(`${probe.name} observed nothing`);
  return seen;
}

/** Something was to be said, and none of it is a number. */
function expectNulls({ values, problem }: Observation): void {
  expect(problem).toBeDefined();
  expect(Object.values(values)).not.toHaveLength(0);
  for (const value of Object.values(values)) expect(value).toBeNull();
}
